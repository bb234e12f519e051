"""Tables that domains share: notices, and reports as they were handed in."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gis.columns import account_column, made_at_column
from gis.rights.model import IS_SHARED_BY_BODY, own_cell_column, rights_cell_column
from gis.tables import REFUSES, metadata

notice = Table(
    "notice",
    metadata,
    Column("notice_id", BigInteger, Identity(), primary_key=True),
    Column("audience", Text, nullable=False, comment="Which party of the case it is for"),
    Column("kind", Text, nullable=False, comment="Message key of its sentence"),
    Column(
        "params",
        JSONB,
        nullable=False,
        server_default=text("'{}'::jsonb"),
        comment="What the sentence names",
    ),
    Column("remark", Text, comment="What its sender added in his own words"),
    Column("address", Text, nullable=False, comment="Page it is about, from the root"),
    Column("occasion", Text, comment="What it is sent for only once; null: as often as wanted"),
    made_at_column(),
    account_column(),
    Column(
        "reader_cell",
        Integer,
        ForeignKey("rights.cell.cell"),
        nullable=False,
        comment="It is for whoever may write this cell",
    ),
    own_cell_column(),
    UniqueConstraint("occasion"),
    # The list of notices is read newest first, by who it is for.
    Index("ix_notice_reader_cell", "reader_cell", "notice_id"),
    schema="services",
    info={"history": False},
    comment="A sentence for whoever is responsible: a task, a return, a reminder",
)

notice_read = Table(
    "notice_read",
    metadata,
    Column("notice_id", BigInteger, ForeignKey("services.notice.notice_id"), primary_key=True),
    account_column(primary_key=True),
    made_at_column("read_at"),
    rights_cell_column(),
    schema="services",
    info={"history": False},
    comment="Who has read which notice",
)

frozen_report = Table(
    "frozen_report",
    metadata,
    Column("frozen_report_id", BigInteger, Identity(), primary_key=True),
    Column("report", Text, nullable=False, comment="Name it is asked by"),
    Column("subject", Text, nullable=False, unique=True, comment="What was closed with it"),
    Column("as_of", Date, nullable=False),
    made_at_column(),
    account_column(),
    Column("snapshot", Text, nullable=False, comment="Transactions it saw, as PostgreSQL says it"),
    Column("rules", JSONB, nullable=False, comment="Rows of rules and vocabularies it used"),
    Column("figure_count", Integer, nullable=False),
    own_cell_column(),
    schema="services",
    info={"seen_by": "signed_in"},
    comment="A report as it was handed in; never changed",
)

frozen_figure = Table(
    "frozen_figure",
    metadata,
    Column("frozen_figure_id", BigInteger, Identity(), primary_key=True),
    Column(
        "frozen_report_id",
        BigInteger,
        ForeignKey("services.frozen_report.frozen_report_id"),
        nullable=False,
    ),
    Column("table_name", Text, nullable=False),
    Column("row_key", Text, nullable=False, comment="What the row is about, such as a place code"),
    Column("row_position", Integer, nullable=False, comment="In printing order, from 1"),
    Column("field", Text, nullable=False),
    Column("value", Text, comment="As text, exact; null: the report left it empty"),
    Column("value_kind", Text, nullable=False),
    Column(
        "place_id",
        BigInteger,
        # What was handed in stays when a load is undone; a state secret's figures go with it.
        ForeignKey("place.place.place_id", ondelete="SET NULL"),
        comment="The place of the row, where it has one",
    ),
    own_cell_column(),
    CheckConstraint(
        "value_kind IN ('text', 'number', 'boolean', 'list', 'date')", name="value_kind"
    ),
    # A report is read as a whole, and by place for last year's figures.
    Index(
        "uq_frozen_figure_cell",
        "frozen_report_id",
        "table_name",
        "row_key",
        "field",
        unique=True,
    ),
    Index("ix_frozen_figure_place_id", "place_id", "frozen_report_id"),
    schema="services",
    info={"history": False},
    comment="One figure of a frozen report",
)

saved_view = Table(
    "saved_view",
    metadata,
    Column("saved_view_id", BigInteger, Identity(), primary_key=True),
    account_column(nullable=False),
    Column("name", Text, nullable=False),
    Column("link", Text, nullable=False, comment="What is shown, as the permalink's fragment says"),
    Column(
        "organization_id",
        BigInteger,
        # No reference: a body that is taken back with its load only ends the sharing.
        comment="Who sees anything of this body sees the view; null: only its maker",
    ),
    made_at_column(),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("account_id", "name"),
    CheckConstraint("length(name) BETWEEN 1 AND 100", name="name"),
    CheckConstraint("length(link) <= 60000", name="link"),
    # What is shared is looked up by the bodies one sees.
    Index("ix_saved_view_organization_id", "organization_id"),
    schema="services",
    info={
        "history": False,
        IS_SHARED_BY_BODY: True,
        REFUSES: {"uq_saved_view_account_id_name": "view.name_taken"},
    },
    comment="A view of the map under a name: one's own, or shared with a body",
)
