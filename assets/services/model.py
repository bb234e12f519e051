"""Tables that domains share: steps of cases, deputies, numbers, notices, frozen reports, views."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from gis.columns import account_column, body_column, date_columns, made_at_column
from gis.places.model import place_link
from gis.rights.model import (
    ADDED_BESIDE,
    IS_APPEND_ONLY,
    IS_READ_ONLY,
    IS_SHARED_BY_BODY,
    SEEN_BY_ACCOUNTS,
    own_cell_column,
    rights_cell_column,
)
from gis.tables import REFUSES, metadata


def case_columns(initial: str) -> list[Column[Any]]:
    """What a domain's table needs for its rows to be cases of a workflow.

    Args:
        initial: The state a new case stands in.
    """
    return [
        Column("state", Text, nullable=False, server_default=text(f"'{initial}'")),
        Column(
            "version",
            Integer,
            nullable=False,
            server_default=text("1"),
            comment="Moves with any change",
        ),
        made_at_column("changed_at"),
        account_column("changed_by"),
    ]


_OF_PLACE: Final = "Null: it names no place; else who may read it follows the place"


def _place_index(name: str) -> Index:
    """A place that is classified, or goes, is looked for in what names it."""
    return Index(f"ix_{name}_place_id", "place_id", postgresql_where=text("place_id IS NOT NULL"))


step_taken = Table(
    "step_taken",
    metadata,
    Column("step_taken_id", BigInteger, Identity(), primary_key=True),
    Column("workflow", Text, nullable=False),
    Column("case_id", BigInteger, nullable=False, comment="Number of the case in its own table"),
    Column("step", Text, nullable=False),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("version", Integer, nullable=False, comment="Of the case after the step"),
    Column(
        "made_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()
    ),
    account_column(),
    account_column("on_behalf_of", comment="Whose deputy took it; null: in one's own name"),
    Column("remark", Text),
    Column("is_late", Boolean, nullable=False, server_default=text("false")),
    Column(
        "signed_sha256",
        LargeBinary,
        comment="Of what was signed, confirmed by password; null: the step asks for no signature",
    ),
    Column("place_id", BigInteger, comment=_OF_PLACE),
    own_cell_column(),
    place_link(name="step_taken", ondelete="SET NULL (place_id)"),
    CheckConstraint("on_behalf_of <> account_id", name="not_oneself"),
    CheckConstraint("length(signed_sha256) = 32", name="signed_sha256"),
    # A case tells its steps; who took which is asked before the next one.
    Index("ix_step_taken_case", "workflow", "case_id", "step_taken_id"),
    _place_index("step_taken"),
    # Who took one takes none after it that asks for a second person.
    Index("ix_step_taken_account_id", "account_id", "workflow"),
    Index(
        "ix_step_taken_on_behalf_of",
        "on_behalf_of",
        "workflow",
        postgresql_where=text("on_behalf_of IS NOT NULL"),
    ),
    schema="services",
    info={"history": False, IS_APPEND_ONLY: True},
    comment="Every step of every case: who, for whom, when, from where to where, why",
)

deputyship = Table(
    "deputyship",
    metadata,
    Column("deputyship_id", BigInteger, Identity(), primary_key=True),
    account_column(nullable=False, comment="Who is stood in for"),
    account_column("deputy_id", nullable=False),
    Column("workflows", ARRAY(Text), comment="Kinds of cases it is for; null: all"),
    *date_columns(ends="First day it no longer holds; never open"),
    Column("remark", Text),
    made_at_column(),
    Column("ended_at", DateTime(timezone=True), comment="Ended before its day; null: it was not"),
    CheckConstraint("account_id <> deputy_id", name="not_oneself"),
    CheckConstraint(
        "valid_from IS NOT NULL AND valid_to IS NOT NULL AND valid_from < valid_to", name="dates"
    ),
    CheckConstraint("length(remark) <= 500", name="remark"),
    # Asked with every list of what is to do: for whom one stands in, and by whom one is stood in.
    Index("ix_deputyship_deputy_id", "deputy_id"),
    Index("ix_deputyship_account_id", "account_id"),
    schema="services",
    info={"history": False, SEEN_BY_ACCOUNTS: ("account_id", "deputy_id")},
    comment="Who stands in for whom, from when to when, in which kinds of cases",
)

confirmation = Table(
    "confirmation",
    metadata,
    Column("session_id", BigInteger, primary_key=True, autoincrement=False),
    Column("content_sha256", LargeBinary, primary_key=True),
    made_at_column("confirmed_at"),
    schema="services",
    info={"history": False},
    comment="What a session confirmed by password and has not used for a signature yet",
)

_NUMBERED: Final = "Null: the series counts for the whole city"

number_counter = Table(
    "number_counter",
    metadata,
    Column("number_counter_id", BigInteger, Identity(), primary_key=True),
    Column("series", Text, nullable=False),
    Column("year", Integer, comment="Null: the series goes on from year to year"),
    body_column(comment=_NUMBERED),
    Column("last_number", BigInteger, nullable=False),
    UniqueConstraint(
        "series",
        "year",
        "organization_id",
        name="uq_number_counter_series",
        postgresql_nulls_not_distinct=True,
    ),
    schema="services",
    info={"history": False},
    comment="How far each series of numbers has come; its row is locked until the number is kept",
)

number_given = Table(
    "number_given",
    metadata,
    Column("number_given_id", BigInteger, Identity(), primary_key=True),
    Column("series", Text, nullable=False),
    Column("year", Integer, comment="Null: the series goes on from year to year"),
    body_column(comment=_NUMBERED),
    Column("number", BigInteger, nullable=False),
    Column("written", Text, nullable=False, comment="As it stands on the paper"),
    Column("subject", Text, nullable=False, comment="What has the number"),
    account_column(nullable=False),
    made_at_column(),
    own_cell_column(),
    UniqueConstraint("series", "subject"),
    UniqueConstraint(
        "series",
        "year",
        "organization_id",
        "number",
        name="uq_number_given_number",
        postgresql_nulls_not_distinct=True,
    ),
    UniqueConstraint("series", "written"),
    schema="services",
    info={
        "history": False,
        IS_READ_ONLY: True,
        # Two who number one thing in two years or bodies at once lock different counters.
        REFUSES: {"uq_number_given_series_subject": "number.given_already"},
    },
    comment="A number that was given, and what has it; never given again",
)

attachment_content = Table(
    "attachment_content",
    metadata,
    Column("sha256", LargeBinary, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    made_at_column("kept_at"),
    # What lies here is what was handed in, however it came to be here.
    CheckConstraint("sha256 = sha256(content)", name="sha256"),
    schema="services",
    info={"history": False},
    comment="The files that are attached, each one once; functions of the owner hand them out",
)

attachment = Table(
    "attachment",
    metadata,
    Column("attachment_id", BigInteger, Identity(), primary_key=True),
    Column("workflow", Text, nullable=False),
    Column("case_id", BigInteger, nullable=False, comment="Number of the case in its own table"),
    Column("file_name", Text, nullable=False, comment="As its sender calls it"),
    Column("type", Text, nullable=False, comment="As its content says, such as pdf"),
    Column("size_bytes", BigInteger, nullable=False),
    Column(
        "sha256",
        LargeBinary,
        ForeignKey("services.attachment_content.sha256"),
        nullable=False,
        index=True,
    ),
    account_column(nullable=False),
    made_at_column(),
    Column("place_id", BigInteger, comment=_OF_PLACE),
    own_cell_column(),
    place_link(name="attachment", ondelete="SET NULL (place_id)"),
    _place_index("attachment"),
    CheckConstraint("length(file_name) BETWEEN 1 AND 200", name="file_name"),
    # A case lists its attachments, and has each file once.
    Index("uq_attachment_file", "workflow", "case_id", "sha256", unique=True),
    schema="services",
    info={REFUSES: {"uq_attachment_file": "attachment.known"}},
    comment="A file attached to a case: its name, who attached it, when",
)

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
    Column("place_id", BigInteger, comment=_OF_PLACE),
    own_cell_column(),
    place_link(name="notice", ondelete="SET NULL (place_id)"),
    _place_index("notice"),
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
    info={
        "seen_by": "signed_in",
        REFUSES: {"uq_frozen_report_subject": "services.frozen_already"},
    },
    comment="A report as it was handed in; never changed",
)

_OF_OWN_REPORT: Final = """
  frozen_report_id IN (
    SELECT r.frozen_report_id FROM services.frozen_report AS r
    WHERE r.account_id = (SELECT rights.current_writer_id())
      AND r.rights_cell IN (SELECT cell FROM rights.my_shared_write_cells))"""
"""Who freezes a report keeps all that it told him, each figure for whoever may see its place."""

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
    Column("place_id", BigInteger, comment="The place of the row, where it has one"),
    own_cell_column(),
    # What was handed in stays when a load is undone; a state secret's figures go with it.
    place_link(name="frozen_figure", ondelete="SET NULL (place_id)"),
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
    info={"history": False, ADDED_BESIDE: _OF_OWN_REPORT},
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
