"""Which bodies the standard of office space is for, on a day.

Those of certain types, institutions of a category that runs like them (参公), and those that the
bureau lists by name (直属事业单位): dated entries of a register of bodies.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from gis.errors import Conflict, Forbidden, NotFound
from gis.places.vocabulary import IN_FORCE

IN_SCOPE: Final = ("party_government", "township")
"""Types of body that the standard is for; and institutions of a category that belongs to one of
them, as those run like the civil service (参公) do."""
_REGISTER: Final = "direct_institution"
"""Term of list organization_register: institutions that the standard is for by decision."""
IS_COVERED: Final = f"""(
  b.type_code = ANY (:types) OR coalesce(t.parent_term = ANY (:types), false)
  OR EXISTS (SELECT FROM organization.organization_register AS listed
             WHERE listed.organization_id = b.organization_id
               AND listed.register = '{_REGISTER}' AND {IN_FORCE.format("listed")}))"""
"""Condition on a body `b` of the day whose category is term `t`; binds `as_of` and `types`."""
_BODY: Final = "SELECT organization_id, name FROM organization.organization WHERE code = :code"
_STANDING: Final = """
SELECT organization_register_id, valid_from FROM organization.organization_register
WHERE organization_id = :body AND register = :register
  AND (valid_to IS NULL OR valid_to > :since) ORDER BY valid_from NULLS FIRST"""
_ADD: Final = """
INSERT INTO organization.organization_register (organization_id, register, valid_from, remark)
VALUES (:body, :register, :since, :rule_source)"""
_END: Final = """
UPDATE organization.organization_register SET valid_to = :since
WHERE organization_register_id = :entry"""
_DROP: Final = """
DELETE FROM organization.organization_register WHERE organization_register_id = :entry"""
_LISTED: Final = """
SELECT o.code, o.name, r.valid_from, r.valid_to, r.remark AS rule_source
FROM organization.organization_register AS r
JOIN organization.organization AS o USING (organization_id)
WHERE r.register = :register ORDER BY o.code, r.valid_from NULLS FIRST"""


def cover(conn: Connection, code: str, *, since: date, rule_source: str) -> None:
    """The standard is for a body from a day on, whatever its type.

    Args:
        conn: As the loader, in the name of an account that may write every place.
        code: Of the body, as the directory has it.
        rule_source: Document that says so.

    Raises:
        NotFound: There is no such body.
        Conflict: It is listed already, on that day or later.
        Forbidden: The account has limits.
    """
    body = _body(conn, code)
    values = {"body": body.organization_id, "register": _REGISTER, "since": since}
    if conn.execute(text(_STANDING), values).first() is not None:
        raise Conflict("space.covered_already", name=body.name)
    conn.execute(text(_ADD), {**values, "rule_source": rule_source})


def uncover(conn: Connection, code: str, *, since: date) -> None:
    """What `cover` said of a body holds no longer from a day on.

    Raises:
        NotFound: There is no such body, or it is not listed then.
        Forbidden: The account has limits.
    """
    body = _body(conn, code)
    values = {"body": body.organization_id, "register": _REGISTER, "since": since}
    found = conn.execute(text(_STANDING), values).all()
    if not found:
        raise NotFound("space.not_covered", name=body.name)
    for row in found:
        has_begun = row.valid_from is None or row.valid_from < since
        entry = {"entry": row.organization_register_id, "since": since}
        conn.execute(text(_END if has_begun else _DROP), entry)


def covered(conn: Connection) -> Sequence[Row[Any]]:
    """Every entry: `code, name, valid_from, valid_to, rule_source`, past ones too."""
    return conn.execute(text(_LISTED), {"register": _REGISTER}).all()


def _body(conn: Connection, code: str) -> Row[Any]:
    if not conn.execute(text("SELECT rights.may_write_all()")).scalar_one():
        raise Forbidden("space.cover_forbidden")
    # Two at once would list it twice.
    found = conn.execute(text(f"{_BODY} FOR UPDATE"), {"code": code}).one_or_none()
    if found is None:
        raise NotFound("space.no_such_body", code=code[:40])
    return found
