"""How headers can be meant: kinds of sheet with their fields, and saved profiles."""

import functools
from typing import Any, Final

from flask import Blueprint, Response, jsonify
from sqlalchemy import text

from gis.errors import InputError
from webmap.asked import json_object
from webmap.language import language
from webmap.session import asking
from webmap.views import jobs
from webmap.views.imports import checked_sheets

blueprint = Blueprint("profiles", __name__)

_PROFILES: Final = """
SELECT p.name, p.made_at, p.sheets, maker.name AS made_by, maker.title AS made_by_title,
       p.account_id = rights.current_account_id() AS is_mine
FROM staging.profile AS p JOIN rights.account AS maker ON maker.account_id = p.account_id
ORDER BY p.name
"""


@blueprint.get("/api/contracts")
def list_contracts() -> Response:
    """Kinds of sheet and the fields their columns can be given, in the reader's words."""
    with asking():
        pass
    return jsonify({"items": _contracts(language())})


@functools.cache
def _contracts(language_code: str) -> list[dict[str, Any]]:
    # Files' words are the loader's business, whose libraries no other page needs.
    from assets.registry import CONTRACTS  # noqa: PLC0415
    from etl.proposal import fields_of, titles  # noqa: PLC0415

    return [
        {
            "name": contract.name,
            "title": titles(language_code).contract(contract.name),
            "key_fields": [list(group) for group in contract.key_fields],
            "fields": [
                {
                    "name": field,
                    "title": titles(language_code).field(contract.name, field),
                    "unit": contract.column(field).unit,
                    "is_required": contract.column(field).is_required,
                }
                for field in fields_of(contract)
            ],
        }
        for contract in CONTRACTS
    ]


@blueprint.get("/api/profiles")
def list_profiles() -> Response:
    """Saved profiles, by name."""
    with asking() as conn:
        rows = conn.execute(text(_PROFILES)).all()
    return jsonify(
        {
            "items": [
                {
                    "name": row.name,
                    "made_by": jobs.account_title(row.made_by, row.made_by_title),
                    "made_at": jobs.moment(row.made_at),
                    "is_mine": row.is_mine,
                    "fingerprints": [one["fingerprint"] for one in row.sheets],
                }
                for row in rows
            ]
        }
    )


@blueprint.post("/api/profiles")
def save() -> tuple[Response, int]:
    """Keep how headers are meant under a name."""
    from etl.profiles import save_profile  # noqa: PLC0415 -- as above

    stated = json_object()
    if not isinstance(stated.get("name"), str):
        raise InputError("import.bad_mapping")
    name = stated["name"].strip()
    with asking() as conn:
        save_profile(conn, name, checked_sheets(stated.get("sheets")))
    return jsonify({"name": name}), 201


@blueprint.delete("/api/profiles/<name>")
def remove(name: str) -> Response:
    """Forget a profile of one's own."""
    from etl.profiles import remove_profile  # noqa: PLC0415 -- as above

    with asking() as conn:
        remove_profile(conn, name)
    return Response(status=204)
