"""Tables of use certificates: what was certified to whom stays readable as it was certified."""

from enum import StrEnum
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, INT8RANGE, ExcludeConstraint

from assets.services.model import case_columns
from gis.columns import account_column, body_column, date_columns, made_at_column
from gis.places.model import place_link
from gis.rights.model import rights_cell_column
from gis.tables import REFUSES, metadata, one_of


class EditionKind(StrEnum):
    """What made an edition."""

    ISSUED = "issued"
    CHANGED = "changed"


class RecordState(StrEnum):
    """Where the ownership of a property stands with the office administration."""

    OPEN = "open"
    """未备案: nothing was handed in."""
    HANDED_IN = "handed_in"
    """已报."""
    RECORDED = "recorded"
    """已备案."""
    RETURNED = "returned"
    """退回."""
    DROPPED = "dropped"
    """Given up; the property counts as one without a record."""


class Cause(StrEnum):
    """Why a property has no title (中办发〔2017〕70号 第五条)."""

    PAPERS_MISSING = "papers_missing"
    """资料缺失."""
    UNCLEAR = "unclear"
    """权属不清."""
    OTHER = "other"
    """As the reason says."""


ONE_IN_FORCE: Final = "ex_certified_room_one_in_force"

certificate = Table(
    "certificate",
    metadata,
    Column("certificate_id", BigInteger, Identity(), primary_key=True),
    Column(
        "uid",
        Uuid,
        nullable=False,
        unique=True,
        server_default=text("gen_random_uuid()"),
        comment="What the code on the paper carries; not to be guessed",
    ),
    Column("place_id", BigInteger, nullable=False, comment="The property its rooms are in"),
    body_column("holder_id", nullable=False, comment="Who may use them"),
    Column("number", Text, nullable=False, unique=True, comment="As its series gave it"),
    Column("called", Text, nullable=False, comment="What such a paper was called when issued"),
    Column("issuer", Text, nullable=False, comment="发证机关, as printed"),
    Column("issued_on", Date, nullable=False),
    Column("agreement_number", Text, comment="Of the use agreement (使用协议); null: not said"),
    Column("agreement_on", Date, comment="The day it was signed"),
    *date_columns(ends="First day it no longer holds, as planned; null: open"),
    Column("cancelled_on", Date, comment="First day it no longer holds; null: not cancelled"),
    Column("cancel_reason", Text),
    Column("cancel_document", Text),
    account_column("cancelled_by"),
    Column(
        "is_withdrawn",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="Its issue was taken back: it never held",
    ),
    Column("edition", Integer, nullable=False, server_default=text("1"), comment="The newest"),
    Column("version", Integer, nullable=False, server_default=text("1")),
    made_at_column("changed_at"),
    account_column("changed_by", comment="Who did the last of it"),
    rights_cell_column(),
    place_link(name="certificate"),
    CheckConstraint("valid_from IS NOT NULL AND valid_from < valid_to", name="dates"),
    CheckConstraint(
        "(cancelled_on IS NULL) = (cancel_reason IS NULL) AND cancelled_on >= valid_from",
        name="cancelled",
    ),
    # Its editions are shown to whom it is.
    UniqueConstraint(
        "certificate_id", "rights_cell", name="uq_certificate_certificate_id_rights_cell"
    ),
    Index("ix_certificate_place_id", "place_id"),
    Index("ix_certificate_holder_id", "holder_id"),
    schema="certificates",
    comment="Use certificates (使用凭证): who may use rooms of a property, from when to when",
)

edition = Table(
    "edition",
    metadata,
    # A key of one column: what makes stubs of places follows rows by each column of a reference.
    Column("edition_id", BigInteger, Identity(), primary_key=True),
    Column("certificate_id", BigInteger, nullable=False),
    Column("edition", Integer, nullable=False, comment="1 as issued, one more with each change"),
    Column("kind", Text, nullable=False),
    Column("since", Date, nullable=False, comment="From which day on it says so"),
    Column("valid_to", Date, comment="First day it no longer holds, as planned then; null: open"),
    Column("reason", Text, comment="Why it was changed; null: as issued"),
    Column("document", Text),
    Column("holder_name", Text, nullable=False, comment="As it was called on the day"),
    Column("holder_code", Text, comment="统一社会信用代码; null: not known"),
    Column("place_name", Text),
    Column("address", Text),
    Column("titles", ARRAY(Text), comment="Certificate numbers of the property; null: none"),
    Column(
        "content_sha256", LargeBinary, nullable=False, comment="Of what it says, rooms included"
    ),
    made_at_column(),
    account_column(),
    rights_cell_column(),
    ForeignKeyConstraint(
        ["certificate_id", "rights_cell"],
        ["certificates.certificate.certificate_id", "certificates.certificate.rights_cell"],
        name="fk_edition_certificate",
        onupdate="CASCADE",
    ),
    UniqueConstraint("certificate_id", "edition", name="uq_edition_certificate_id_edition"),
    CheckConstraint(one_of("kind", EditionKind), name="kind"),
    CheckConstraint("length(content_sha256) = 32", name="content_sha256"),
    schema="certificates",
    comment="A certificate as it was issued, and as each change left it",
)

certified_room = Table(
    "certified_room",
    metadata,
    Column("certified_room_id", BigInteger, Identity(), primary_key=True),
    Column(
        "certificate_id",
        BigInteger,
        ForeignKey("certificates.certificate.certificate_id"),
        nullable=False,
    ),
    Column("edition_id", BigInteger, ForeignKey("certificates.edition.edition_id"), nullable=False),
    Column("place_id", BigInteger, nullable=False),
    Column(
        "part",
        INT8RANGE,
        nullable=False,
        comment="Open on both sides: all of the room; else the number of who has a share of it",
    ),
    *date_columns(),
    Column("code", Text, nullable=False),
    Column("number", Text),
    Column("name", Text),
    Column("building", Text),
    Column("floor", Text),
    Column("level", Integer),
    Column("room_class", Text, comment="Term of list room_class; null: not stated"),
    Column("area_m2", Numeric(14, 2), comment="Usable, of the whole room; null: not known"),
    Column("share", Numeric(9, 6), comment="Null: several have it and nobody said how"),
    rights_cell_column(),
    place_link(name="certified_room"),
    # Of a certificate that was taken back on its first day no day is left.
    CheckConstraint("valid_from IS NOT NULL AND valid_from <= valid_to", name="dates"),
    # Who shares a room is a point, who has all of it is everything: two of a room meet unless each
    # is for another sharer.
    ExcludeConstraint(
        ("place_id", "="),
        ("part", "&&"),
        (text("daterange(valid_from, valid_to)"), "&&"),
        name=ONE_IN_FORCE,
        using="gist",
        deferrable=True,
    ),
    Index("ix_certified_room_edition_id", "edition_id"),
    Index("ix_certified_room_certificate_id", "certificate_id"),
    schema="certificates",
    info={REFUSES: {ONE_IN_FORCE: "certificates.already_certified"}},
    comment="The rooms of an edition, each as it was then",
)

ownership_record = Table(
    "ownership_record",
    metadata,
    Column("ownership_record_id", BigInteger, Identity(), primary_key=True),
    Column("place_id", BigInteger, comment="The property; null: it is gone, what was said stays"),
    Column("place_title", Text, nullable=False, comment="As it was called then"),
    Column("cause", Text, comment="Why it has no title; null: it has one, or nobody said"),
    Column("reason", Text, comment="In words; null: none"),
    *case_columns("open"),
    made_at_column(),
    account_column("made_by"),
    Column(
        "bureau_cell",
        Integer,
        ForeignKey("rights.cell.cell"),
        nullable=False,
        index=True,
        comment="Whoever may write it decides",
    ),
    rights_cell_column(),
    place_link(name="ownership_record", ondelete="SET NULL (place_id)"),
    CheckConstraint(one_of("cause", Cause), name="cause"),
    CheckConstraint(one_of("state", RecordState), name="state"),
    CheckConstraint("length(reason) BETWEEN 1 AND 2000", name="reason"),
    Index("ix_ownership_record_place_id", "place_id"),
    # Of a property there is one at a time; what was given up is none.
    Index(
        "uq_ownership_record_open",
        "place_id",
        unique=True,
        postgresql_where=text("state <> 'dropped' AND place_id IS NOT NULL"),
    ),
    schema="certificates",
    info={REFUSES: {"uq_ownership_record_open": "ownership.known"}},
    comment="Ownership on record (权属备案): what a property's titles are, or why it has none",
)
