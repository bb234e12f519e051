"""The table of archives: files of a place, each in one category of the country pack."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from gis.columns import account_column, made_at_column
from gis.places.model import place_link
from gis.rights.model import rights_cell_column
from gis.tables import REFUSES, metadata

LONGEST_TITLE: Final = 200

archive_file = Table(
    "archive_file",
    metadata,
    Column("archive_file_id", BigInteger, Identity(), primary_key=True),
    Column("place_id", BigInteger, nullable=False),
    Column("category", Text, nullable=False, comment="Of archive_category.csv of the country pack"),
    Column("title", Text, nullable=False, comment="What it is, in the words of who added it"),
    Column("dated_on", Date, comment="The day on the document; null: not known"),
    Column(
        "is_original", Boolean, nullable=False, comment="Taken from the original, not from a copy"
    ),
    Column("file_name", Text, nullable=False, comment="As its sender calls it"),
    Column("type", Text, nullable=False, comment="As its content says, such as pdf"),
    Column("size_bytes", BigInteger, nullable=False),
    # Of services.attachment_content, which stands above: its sweep of orphans asks here.
    Column("sha256", LargeBinary, nullable=False, index=True),
    Column("version", Integer, nullable=False, server_default=text("1")),
    account_column(nullable=False),
    made_at_column(),
    Column(
        "removed_at",
        DateTime(timezone=True),
        comment="When it was taken out, and may be put back; null: it is in the archive",
    ),
    account_column("removed_by"),
    rights_cell_column(),
    place_link(name="archive_file"),
    CheckConstraint("removed_at IS NOT NULL OR removed_by IS NULL", name="removed"),
    CheckConstraint(f"length(title) BETWEEN 1 AND {LONGEST_TITLE}", name="title"),
    CheckConstraint("length(file_name) BETWEEN 1 AND 200", name="file_name"),
    # A place has each of its files once; one that was taken out may be handed in again.
    Index(
        "uq_archive_file",
        "place_id",
        "sha256",
        unique=True,
        postgresql_where=text("removed_at IS NULL"),
    ),
    # A place lists those that were taken out of it; after a month they are forgotten.
    Index("ix_archive_file_removed", "place_id", postgresql_where=text("removed_at IS NOT NULL")),
    schema="estate",
    info={REFUSES: {"uq_archive_file": "archive.known"}},
    comment="A file in the archive of a place: what it is, its category, who added it, when",
)
