"""Use certificates as the rest of the product sees them."""

from datetime import date
from typing import Final

from sqlalchemy import Connection

from assets.certificates.comparing import differences
from assets.certificates.queries import register
from assets.certificates.reports import CERTIFICATES
from assets.certificates.rules import State
from assets.domain import DomainModule, Fact, PlaceFacts

_SHOWN: Final = 3


def _place_facts(conn: Connection, place_id: int, as_of: date) -> PlaceFacts:
    """Certificates of rooms in a place, or of the room it is, and whether they still match."""
    found = register(conn, as_of, place=place_id, state=State.IN_FORCE, limit=_SHOWN)
    if not found.total:
        return PlaceFacts()
    numbers = "；".join(f"{row['number']} {row['holder_name']}" for row in found.rows)
    more = found.total - len(found.rows)
    facts = [Fact("certificates.fact.numbers", numbers + (f"；+{more}" if more else ""))]
    named = [row["certificate_id"] for row in found.rows]
    odd = {one.certificate_id for one in differences(conn, as_of, named)}
    if odd:
        told = [row["number"] for row in found.rows if row["certificate_id"] in odd]
        facts.append(Fact("certificates.fact.to_change", "；".join(told)))
    return PlaceFacts(tuple(facts))


MODULE: Final = DomainModule(
    name="certificates",
    title_key="certificates.title",
    place_facts=_place_facts,
    reports=(CERTIFICATES,),
)
"""Who may use which rooms, as it was certified, and where that no longer holds."""
