"""Tables of organizations.

Names, parents and headcounts are dated. A body is never overwritten by its successor: records stay
with the old body, rights on them pass on.
"""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gis.columns import body_column, date_columns
from gis.rights.model import rights_cell_column
from gis.tables import REFUSES, metadata, one_at_a_time, one_of


class HeadcountKind(StrEnum):
    """What a headcount counts; kinds are never mixed in one figure."""

    QUOTA = "quota"
    """编制: approved posts."""
    ACTUAL = "actual"
    """实有: people on the payroll."""
    NON_QUOTA = "non_quota"
    """编外: people beside the approved posts."""
    ENERGY_USERS = "energy_users"
    """用能人数: people who use the energy of the premises."""
    QUOTA_ADMINISTRATIVE = "quota_administrative"
    """行政编制: of the approved posts, as each of the four below."""
    QUOTA_POLITICAL_LEGAL = "quota_political_legal"
    """政法编制: of police, courts and prosecutors."""
    QUOTA_CIVIL_SERVICE = "quota_civil_service"
    """参公编制: of bodies run like the civil service."""
    QUOTA_INSTITUTION = "quota_institution"
    """事业编制: of public institutions."""
    QUOTA_SUPPORT = "quota_support"
    """工勤编制: of drivers, cooks and other support."""
    HIRED = "hired"
    """聘用人员: of those beside the approved posts, as each of the three below."""
    DISPATCHED = "dispatched"
    """劳务派遣: sent by a labour agency."""
    SECONDED = "seconded"
    """借调: lent by another body."""
    TEMPORARY = "temporary"
    """临聘"""


class NameKind(StrEnum):
    OFFICIAL = "official"
    """A name the body bears or bore by decision; dated."""
    ALIAS = "alias"
    """A name people write for it: short forms, old habits."""


class SuccessionKind(StrEnum):
    MERGED = "merged"
    SPLIT = "split"
    REPLACED = "replaced"


organization = Table(
    "organization",
    metadata,
    Column("organization_id", BigInteger, Identity(), primary_key=True),
    Column(
        "uid",
        Uuid,
        nullable=False,
        unique=True,
        server_default=text("gen_random_uuid()"),
        comment="Stable across systems, for exchange",
    ),
    Column("code", Text, nullable=False, unique=True, comment="Ours"),
    Column("credit_code", Text, comment="统一社会信用代码; as given, the check digit may fail"),
    Column("name", Text, nullable=False, comment="The name in force now"),
    Column("short_name", Text),
    Column("type_code", Text, comment="Term of list organization_type"),
    Column("category_code", Text, comment="Term of list organization_category (类别)"),
    Column("level_code", Text, comment="Term of list organization_level"),
    body_column("parent_id"),
    Column("admin_area_code", Text, ForeignKey("place.admin_area.code", onupdate="CASCADE")),
    Column("address", Text, comment="Where it sits, as its directory states it"),
    Column("remark", Text),
    *date_columns(ends="First day the body no longer exists"),
    Column(
        "stated_on",
        Date,
        comment="Day its values stand for, but those in stated_days; null: none was named",
    ),
    Column(
        "stated_days",
        JSONB,
        comment="Column to the day it stands for, where that is not stated_on; `before.` and a"
        " column: the days for which it was stated earlier",
    ),
    Column("load_id", BigInteger, ForeignKey("staging.load.load_id")),
    # Loads match bodies by credit code, then by name.
    Index("ix_organization_credit_code", "credit_code"),
    Index("ix_organization_name", "name"),
    # Rights walk the tree downwards.
    Index("ix_organization_parent_id", "parent_id"),
    schema="organization",
    comment="A body that holds or uses places: agency, institution, township, company",
)

organization_version = Table(
    "organization_version",
    metadata,
    Column("organization_version_id", BigInteger, Identity(), primary_key=True),
    body_column(nullable=False),
    Column("name", Text, nullable=False),
    Column("short_name", Text),
    Column("type_code", Text, comment="Term of list organization_type"),
    Column("category_code", Text, comment="Term of list organization_category (类别)"),
    Column("level_code", Text, comment="Term of list organization_level"),
    body_column("parent_id"),
    Column("admin_area_code", Text, ForeignKey("place.admin_area.code", onupdate="CASCADE")),
    *date_columns(has_ended=True),
    CheckConstraint("valid_from < valid_to", name="dates"),
    # As-of reads look for the version in force on a day: there is one at most.
    one_at_a_time("ex_organization_version_one_at_a_time", "organization_id"),
    schema="organization",
    info={REFUSES: {"ex_organization_version_one_at_a_time": "organization.versions_overlap"}},
    comment="What a body was before: name, superior, level, type, area; ended periods only",
)

organization_name = Table(
    "organization_name",
    metadata,
    Column("organization_name_id", BigInteger, Identity(), primary_key=True),
    body_column(nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    *date_columns(),
    CheckConstraint(one_of("kind", NameKind), name="kind"),
    # Loads resolve a written name, whichever it is, to its body.
    Index("ix_organization_name_name", "name"),
    Index("uq_organization_name_spelling", "organization_id", "name", "kind", unique=True),
    schema="organization",
    comment="Former names and aliases; the name in force stands in organization",
)

organization_register = Table(
    "organization_register",
    metadata,
    Column("organization_register_id", BigInteger, Identity(), primary_key=True),
    body_column(nullable=False),
    Column(
        "register",
        Text,
        nullable=False,
        comment="Term of list organization_register, such as the directory of 公共机构",
    ),
    *date_columns(),
    Column("number", Text, comment="The body's number in that register"),
    Column("name", Text, comment="What that register calls it; null: not said"),
    Column("address", Text, comment="As that register states it"),
    Column("remark", Text),
    Index(
        "uq_organization_register_entry",
        "register",
        "organization_id",
        "number",
        "valid_from",
        unique=True,
        postgresql_nulls_not_distinct=True,
    ),
    # Lists of points and coordinates name bodies by their register number.
    Index("ix_organization_register_number", "number"),
    schema="organization",
    comment="Which statutory registers list the body",
)

body_text = Table(
    "body_text",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("field", Text, primary_key=True, comment="name, former_name, code or pinyin"),
    Column("written", Text, primary_key=True, comment="As the directory writes it"),
    Column("text", Text, nullable=False, comment="As place.normalised makes it; or its initials"),
    # Search by the beginning of a text is one range of this.
    Index("ix_body_text_text", "text", postgresql_ops={"text": "text_pattern_ops"}),
    schema="organization",
    info={"history": False},
    comment="Derived: what people type to find a body; no foreign key, as with all that is derived",
)

succession = Table(
    "succession",
    metadata,
    Column("succession_id", BigInteger, Identity(), primary_key=True),
    body_column("from_organization_id", nullable=False),
    body_column("to_organization_id", nullable=False),
    Column("kind", Text, nullable=False),
    Column("share", Numeric(9, 6), comment="Part of the old body that went here; null if unknown"),
    Column("happened_on", Date, nullable=False),
    Column("remark", Text),
    CheckConstraint(one_of("kind", SuccessionKind), name="kind"),
    CheckConstraint("from_organization_id <> to_organization_id", name="not_itself"),
    CheckConstraint("share > 0 AND share <= 1", name="share"),
    # Rights pass to successors; loads resolve abolished bodies.
    Index(
        "uq_succession_pair",
        "from_organization_id",
        "to_organization_id",
        "happened_on",
        unique=True,
    ),
    schema="organization",
    comment="Which body took over from which, when, and what share",
)

headcount = Table(
    "headcount",
    metadata,
    Column("headcount_id", BigInteger, Identity(), primary_key=True),
    body_column(nullable=False),
    Column("kind", Text, nullable=False),
    Column("rank_code", Text, comment="Term of list rank; null is the body's total of the kind"),
    Column("people", Integer, nullable=False),
    Column("counted_on", Date, nullable=False, comment="The day the count is true for"),
    Column("source", Text, nullable=False, comment="Term of list headcount_source"),
    rights_cell_column(),
    CheckConstraint(one_of("kind", HeadcountKind), name="kind"),
    CheckConstraint("people >= 0", name="people"),
    # The figure in force on a day is the newest count not after it.
    Index(
        "uq_headcount_count",
        "organization_id",
        "kind",
        "rank_code",
        "source",
        "counted_on",
        unique=True,
        postgresql_nulls_not_distinct=True,
    ),
    schema="organization",
    comment="People by kind and rank, dated: the denominators and entitlements",
)

headcount_total = Table(
    "headcount_total",
    metadata,
    Column("organization_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    # No foreign keys, as with all that is derived.
    rights_cell_column(),
    Column(
        "is_of_one_cell",
        Boolean,
        nullable=False,
        comment="False: the body's counts of the kind are of several cells; add up what is seen",
    ),
    Column("people", Integer, comment="Null: is_of_one_cell is false"),
    *date_columns(ends="First day with a newer count"),
    # Made anew body by body.
    Index("ix_headcount_total_organization_id", "organization_id"),
    schema="organization",
    info={"history": False, "is_sum": True},
    comment="Derived: how many people of a kind a body has by its newest count, day by day",
)

post = Table(
    "post",
    metadata,
    Column("post_id", BigInteger, Identity(), primary_key=True),
    body_column(nullable=False),
    Column("title", Text, nullable=False),
    Column("rank_code", Text, comment="Term of list rank"),
    Column("holder_name", Text, comment="Personal data, optional"),
    Column(
        "person_key",
        Text,
        comment="Opaque number of who holds it, the same on each of their posts; null: not said",
    ),
    Column("remark", Text),
    *date_columns(),
    rights_cell_column(),
    # Numbers of identity cards and telephones tell who somebody is.
    CheckConstraint("person_key !~ '^([0-9]{15}|[0-9]{17}[0-9Xx]|1[0-9]{10})$'", name="person_key"),
    Index("ix_post_organization_id", "organization_id"),
    # The posts of one person.
    Index("ix_post_person_key", "person_key"),
    schema="organization",
    comment="A post with its rank; who holds it is optional personal data",
)
