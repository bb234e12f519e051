"""The estate as the rest of the product sees it."""

from typing import Final

from assets.domain import DomainModule
from assets.estate.actions.linking import edit_taken_back
from assets.estate.area import AREA_FACTS
from assets.estate.contracts import CONTRACTS
from assets.estate.districts import DISTRICTS, functions_ddl
from assets.estate.indicators import INDICATORS
from assets.estate.layers import LAYERS
from assets.estate.ledgers import LEDGER_REPORT
from assets.estate.paper import paper_tables
from assets.estate.queries import place_facts, place_past
from assets.estate.reconciled import AREAS
from assets.estate.reports import REPORTS
from gis.db import sql_resource


def _in_database() -> str:
    return "\n".join((functions_ddl(), sql_resource("assets", "estate/triggers.sql")))


MODULE: Final = DomainModule(
    name="estate",
    title_key="estate.title",
    contracts=CONTRACTS,
    layers=LAYERS,
    place_facts=place_facts,
    place_past=place_past,
    area_facts=AREA_FACTS,
    indicators=INDICATORS,
    paper_tables=paper_tables,
    reports=(*REPORTS, AREAS, LEDGER_REPORT, DISTRICTS),
    functions_ddl=_in_database,
    edit_taken_back=edit_taken_back,
)
