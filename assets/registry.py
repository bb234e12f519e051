"""The one list of domains."""

from typing import Final

from sqlalchemy import Connection, MetaData

from assets.campaign import model as campaign_model
from assets.campaign import module as campaign_module
from assets.campaign import rules as campaign_rules
from assets.certificates import model as certificates_model
from assets.certificates import module as certificates_module
from assets.certificates import workflows as certificates_workflows
from assets.domain import ColumnContract, DomainModule
from assets.estate import archive_model
from assets.estate import model as estate_model
from assets.estate import module as estate_module
from assets.inspection import model as inspection_model
from assets.inspection import module as inspection_module
from assets.inspection import rules as inspection_rules
from assets.redeployment import model as redeployment_model
from assets.redeployment import module as redeployment_module
from assets.redeployment import workflows as redeployment_workflows
from assets.requests import model as requests_model
from assets.requests import module as requests_module
from assets.requests import returns as requests_returns
from assets.requests import workflows as requests_workflows
from assets.services import model as services_model
from assets.services.workflow import Workflow
from assets.space import model as space_model
from assets.space import module as space_module
from gis.audit import model as audit_model
from gis.drawings import drawings_ddl
from gis.jobs import model as jobs_model
from gis.layers import Layer, views_ddl
from gis.loads import matches_model
from gis.loads import model as loads_model
from gis.organizations import model as organizations_model
from gis.places import (
    derived_model,
    edits_model,
    keeping_model,
    kind_model,
    overlay_model,
    photos_model,
    reference_model,
)
from gis.places import layers as place_layers
from gis.places import model as places_model
from gis.rights import model as rights_model
from gis.rights import people_model, policies
from gis.summing import squares_ddl
from gis.tables import metadata

MODELS: Final = (
    loads_model,
    matches_model,
    jobs_model,
    organizations_model,
    reference_model,
    places_model,
    kind_model,
    derived_model,
    overlay_model,
    edits_model,
    keeping_model,
    photos_model,
    rights_model,
    audit_model,
    people_model,
    estate_model,
    archive_model,
    services_model,
    space_model,
    certificates_model,
    campaign_model,
    inspection_model,
    requests_model,
    redeployment_model,
)
"""Importing a model adds its tables to the metadata."""

METADATA: Final[MetaData] = metadata
"""Tables of the map and of every domain."""

DOMAINS: Final[tuple[DomainModule, ...]] = (
    estate_module.MODULE,
    space_module.MODULE,
    certificates_module.MODULE,
    campaign_module.MODULE,
    inspection_module.MODULE,
    requests_module.MODULE,
    redeployment_module.MODULE,
)
"""Every domain; a new one is one line here."""

DOMAIN_TITLES: Final = {domain.name: domain.title_key for domain in DOMAINS}
"""Message keys of the domains' names."""

PLACES_DOMAIN: Final = estate_module.MODULE.name
"""The domain whose officers write places and bodies themselves."""

METADATA.info |= {
    policies.PLACES_DOMAIN: PLACES_DOMAIN,
    policies.DOMAINS: {
        "place": PLACES_DOMAIN,
        "organization": PLACES_DOMAIN,
        **{domain.name: domain.name for domain in DOMAINS},
    },
}

WORKFLOWS: Final[tuple[Workflow, ...]] = (
    certificates_workflows.OWNERSHIP,
    campaign_rules.WORKFLOW,
    inspection_rules.WORKFLOW,
    requests_workflows.REQUESTS,
    requests_returns.RETURNS,
    redeployment_workflows.REDEPLOYMENT,
)
"""Every kind of case; what waits in them stands in the list of what is to do."""

CONTRACTS: Final[tuple[ColumnContract, ...]] = tuple(
    contract for domain in DOMAINS for contract in domain.contracts
)
"""What files may carry, over all domains; a tie between two kinds goes to the earlier."""

LAYERS: Final[tuple[Layer, ...]] = (
    place_layers.ADMIN_AREA,
    *(layer for domain in DOMAINS for layer in domain.layers),
)
"""Every published layer, bottom to top; nothing else is shown on the map."""


def layer_views() -> list[str]:
    """Statements that create the views of schema `map` and keep the drawn tables true."""
    return [*views_ddl(LAYERS), *drawings_ddl(LAYERS)]


def domain_functions() -> list[str]:
    """Statements that create the functions domains need in the database."""
    return [domain.functions_ddl() for domain in DOMAINS if domain.functions_ddl]


def sums_ddl() -> list[str]:
    """Statements that create what keeps the sums of every domain true."""
    kept = [domain.area_facts.sums for domain in DOMAINS if domain.area_facts]
    return squares_ddl(sums for sums in kept if sums is not None)


def follow_taken_back(conn: Connection, edit_id: int) -> None:
    """Let every domain follow as an edit of a place is taken back, in that transaction.

    Raises:
        Conflict: One refuses, with what to do.
    """
    for domain in DOMAINS:
        if domain.edit_taken_back is not None:
            domain.edit_taken_back(conn, edit_id)


def report_names() -> list[str]:
    """Every report there is, by the name it is asked by."""
    return [report.name for domain in DOMAINS for report in domain.reports]
