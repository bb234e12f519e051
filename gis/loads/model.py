"""Table of loads. History lines and places point at it; its own rows are never undone."""

from enum import StrEnum
from typing import Final

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gis.columns import account_column, made_at_column
from gis.crs import STORAGE_SRID
from gis.locks import Lock, held
from gis.tables import metadata, one_of

LOAD_LOCK: Final = held(Lock.REGISTER)
"""Loads and undos queue here: the second of two loads of one file finds its work done."""
NO_LOAD_MEANWHILE: Final = held(Lock.REGISTER, is_shared=True)
"""Edits by hand hold this: no load merges what it read before the edit over it."""


class LoadState(StrEnum):
    """Where a load stands. Only `committed` and `undone` loads ever touched the register."""

    RUNNING = "running"
    COMMITTED = "committed"
    REFUSED = "refused"
    FAILED = "failed"
    UNDONE = "undone"
    CANCELLED = "cancelled"


load = Table(
    "load",
    metadata,
    Column("load_id", BigInteger, Identity(always=True), primary_key=True),
    Column("state", Text, nullable=False, server_default=text("'running'")),
    Column("file_name", Text, nullable=False, comment="As the person named it, without folders"),
    Column("file_sha256", LargeBinary, nullable=False),
    Column("profile", Text, comment="How the headers were read; null for the built-in contracts"),
    Column("options", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    account_column(),
    made_at_column("started_at"),
    Column("ended_at", DateTime(timezone=True)),
    Column("row_count", Integer, nullable=False, server_default=text("0")),
    Column("inserted_count", Integer, nullable=False, server_default=text("0")),
    Column("updated_count", Integer, nullable=False, server_default=text("0")),
    Column("unchanged_count", Integer, nullable=False, server_default=text("0")),
    Column("rejected_count", Integer, nullable=False, server_default=text("0")),
    Column("waiting_count", Integer, nullable=False, server_default=text("0")),
    Column("issue_count", Integer, nullable=False, server_default=text("0")),
    Column("backend_pid", Integer, comment="Server process of a running load: finds dead ones"),
    Column("undone_by_load_id", BigInteger, ForeignKey("staging.load.load_id")),
    Column(
        "job_id",
        BigInteger,
        comment="Job that brought it; null for the command line. A job taken up again finds its"
        " load by it",
    ),
    CheckConstraint(one_of("state", LoadState), name="state"),
    CheckConstraint(
        "state <> 'committed' OR row_count = inserted_count + updated_count + unchanged_count"
        " + rejected_count + waiting_count",
        name="rows_are_accounted_for",
    ),
    schema="staging",
    info={"history": False},
    comment="One file brought in: what it was, who brought it, what became of its rows",
)

held_row = Table(
    "held_row",
    metadata,
    Column("load_id", BigInteger, ForeignKey("staging.load.load_id"), primary_key=True),
    Column("sheet", Text, primary_key=True, comment="Sheet or layer; empty for a csv file"),
    Column("row_number", Integer, primary_key=True, comment="As a person counts, from 1"),
    Column("contract", Text, nullable=False, comment="What kind of row the loader took it for"),
    Column("outcome", Text, nullable=False),
    Column("cells", JSONB, nullable=False, comment="Header to original cell, as text"),
    CheckConstraint("outcome IN ('rejected', 'waiting')", name="outcome"),
    schema="staging",
    info={"history": False},
    comment="Rows that did not reach the register: rejected, or waiting for an answer or a domain",
)

issue = Table(
    "issue",
    metadata,
    Column("load_id", BigInteger, ForeignKey("staging.load.load_id"), primary_key=True),
    Column("issue_number", Integer, primary_key=True, comment="In the order of the file, from 1"),
    Column("sheet", Text, comment="Null for a csv file"),
    Column("row_number", Integer, nullable=False),
    Column("column_header", Text, comment="Null when the whole row is meant"),
    Column("column_number", Integer, comment="Of the sheet, from 1; null: no single column"),
    Column("rule", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("suggestion", Text, comment="What was taken or is proposed instead"),
    Column("original", Text, comment="The cell as it stood in the file"),
    Column("params", JSONB(none_as_null=True), comment="What its message fills in"),
    Column(
        "geom",
        Geometry("GEOMETRY", STORAGE_SRID, spatial_index=False),
        comment="Where on the map it is; null: nowhere",
    ),
    CheckConstraint("severity IN ('reject', 'question', 'warn')", name="severity"),
    schema="staging",
    info={"history": False},
    comment="What was wrong with a file, cell by cell",
)
