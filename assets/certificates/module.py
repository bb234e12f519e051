"""Use certificates as the rest of the product sees them."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import Connection

from assets.certificates.archive_report import ARCHIVE
from assets.certificates.comparing import differences
from assets.certificates.ownership import standings
from assets.certificates.queries import register
from assets.certificates.reports import CERTIFICATES
from assets.certificates.rules import State
from assets.certificates.three_way_report import THREE_WAY
from assets.domain import DomainModule, Fact, PlaceFacts
from gis.db import sql_resource

_SHOWN: Final = 3


def _place_facts(conn: Connection, place_id: int, as_of: date) -> PlaceFacts:
    """Where its ownership stands; certificates of rooms in it, and whether they still match."""
    facts = []
    if standing := standings(conn, as_of, place_id=place_id).get(place_id):
        facts.append(Fact(f"ownership.fact.{standing.state}", standing.since))
    return PlaceFacts((*facts, *_certified(conn, place_id, as_of)))


def _certified(conn: Connection, place_id: int, as_of: date) -> Sequence[Fact]:
    found = register(conn, as_of, place=place_id, state=State.IN_FORCE, limit=_SHOWN)
    if not found.total:
        return ()
    numbers = "；".join(f"{row['number']} {row['holder_name']}" for row in found.rows)
    more = found.total - len(found.rows)
    facts = [Fact("certificates.fact.numbers", numbers + (f"；+{more}" if more else ""))]
    named = [row["certificate_id"] for row in found.rows]
    odd = {one.certificate_id for one in differences(conn, as_of, named)}
    if odd:
        told = [row["number"] for row in found.rows if row["certificate_id"] in odd]
        facts.append(Fact("certificates.fact.to_change", "；".join(told)))
    return facts


MODULE: Final = DomainModule(
    name="certificates",
    title_key="certificates.title",
    place_facts=_place_facts,
    reports=(CERTIFICATES, THREE_WAY, ARCHIVE),
    functions_ddl=lambda: sql_resource("assets", "certificates/functions.sql"),
)
"""Who may use which rooms, as it was certified, and where that no longer holds."""
