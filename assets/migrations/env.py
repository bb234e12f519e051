"""Alembic environment: runs on the connection it is given, never opens its own."""

from typing import Any

from alembic import context
from geoalchemy2 import alembic_helpers

SCHEMAS = {table.schema for table in context.config.attributes["metadata"].tables.values()}


def include_name(name: str | None, type_: str, _parent_names: Any) -> bool:
    """Only onemap's own schemas; PostGIS keeps its tables in public."""
    return name in SCHEMAS if type_ == "schema" else name != "alembic_version"


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes["metadata"],
    include_schemas=True,
    include_name=include_name,
    version_table_schema="rights",
    compare_server_default=False,
    render_item=alembic_helpers.render_item,
)
context.run_migrations()
