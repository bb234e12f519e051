"""Bodies as they were on a day: what they were called, under whom they stood, of which level."""

from typing import Final

from gis.places.vocabulary import IN_FORCE

# A decision to rename may be known apart from a version: of two names of a day, the one that ended
# first is the one that was borne.
_FORMER_NAME: Final = """(
  SELECT former.name FROM (
    SELECT n.name, n.valid_from, n.valid_to FROM organization.organization_name AS n
    WHERE n.organization_id = {body}.organization_id AND n.kind = 'official'
    UNION ALL
    SELECT v.name, v.valid_from, v.valid_to FROM organization.organization_version AS v
    WHERE v.organization_id = {body}.organization_id
  ) AS former
  WHERE (former.valid_from IS NULL OR former.valid_from <= :as_of) AND former.valid_to > :as_of
  ORDER BY former.valid_to LIMIT 1)"""
DATED: Final = (
    "short_name", "type_code", "category_code", "level_code", "parent_id", "admin_area_code",
)  # fmt: skip
"""Columns of a body, beside its name, that a later day may change; a version holds them all."""


def name_then(alias: str) -> str:
    """SQL of what a body was officially called on day `:as_of`.

    Args:
        alias: Alias of `organization.organization` in the query.
    """
    return f"coalesce({_FORMER_NAME.format(body=alias)}, {alias}.name)"


def bodies_then() -> str:
    """SQL of every body as it was on day `:as_of`, existing then or not.

    Columns: `organization_id, code, credit_code, name`, those of `DATED`, `valid_from, valid_to` of
    its existence.
    """
    # A null of a version is what was stated then, so it is not filled from the present.
    dated = ", ".join(
        f"CASE WHEN v.organization_id IS NULL THEN o.{name} ELSE v.{name} END AS {name}"
        for name in DATED
    )
    return f"""
SELECT o.organization_id, o.code, o.credit_code, {name_then("o")} AS name, {dated},
  o.valid_from, o.valid_to
FROM organization.organization AS o LEFT JOIN organization.organization_version AS v
  ON v.organization_id = o.organization_id AND {IN_FORCE.format("v")}"""
