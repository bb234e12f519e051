"""Tables of rights.

A *cell* is one combination of organization x administrative area x security class that occurs in
the register; every protected row carries its cell. A *scope* is one distinct set of grants;
accounts with equal grants share it, so caches can be keyed by scope. `scope_cell` says which cells
a scope reaches: policies compare integers, never evaluate a function of the row.
"""

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
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, BIT

from gis.columns import account_column, body_column, date_columns, made_at_column
from gis.tables import metadata

IS_SHARED_BY_BODY: Final = "is_shared_by_body"
"""`info` of a table without a cell whose rows are their maker's (`account_id`) and, where they name
a body (`organization_id`), for whoever sees anything of that body."""

IS_APPEND_ONLY: Final = "is_append_only"
"""`info` of a protected table whose rows stand as they were written: whoever may write its cell
adds rows in their own name (`account_id`), and nobody changes or removes one."""
ADDED_BESIDE: Final = "added_beside"
"""`info` of a protected table: under which condition rows are added whose cell one does not write:
what is stated of a thing by who sees it, in its own cell, as in a filing that is prepared."""
CHANGED_BESIDE: Final = "changed_beside"
"""The same for rows that are changed, as a remark that is answered or settled."""
SEEN_WHEN: Final = "seen_when"
"""`info` of a protected table: under which further condition who reaches the cell of a row sees it,
such as that it is shared; the past of the row is told under the same."""
IS_READ_ONLY: Final = "is_read_only"
"""`info` of a protected table that only functions of the owner write."""
SEEN_BY_ACCOUNTS: Final = "seen_by_accounts"
"""`info` of a table without a cell: columns with the accounts that see a row. Functions of the
owner write it."""


def rights_cell_column(*references: ForeignKey, **kwargs: Any) -> Column[int]:
    """The column that makes a table protected: policies are generated for every table with it."""
    return Column(
        "rights_cell",
        Integer,
        *references,
        nullable=False,
        comment="Who may see and change the row: organization x area x security class",
        **kwargs,
    )


def own_cell_column() -> Column[int]:
    """The cell of a row that follows no place; the reference keeps the cell in use.

    Indexed: a cell that is forgotten is looked for here.
    """
    return rights_cell_column(ForeignKey("rights.cell.cell"), index=True)


cell = Table(
    "cell",
    metadata,
    Column("cell", Integer, Identity(always=True), primary_key=True),
    body_column(
        comment="Null: nobody answers for the place yet; only grants over all organizations reach"
    ),
    Column("admin_area_code", Text, ForeignKey("place.admin_area.code", onupdate="CASCADE")),
    Column("security_class", SmallInteger, nullable=False),
    # Loads look up the cells of their rows by these three, nulls included.
    UniqueConstraint(
        "organization_id",
        "admin_area_code",
        "security_class",
        name="uq_cell_combination",
        postgresql_nulls_not_distinct=True,
    ),
    schema="rights",
    info={"history": False},
    comment="Every combination of organization, area and security class in use",
)

scope = Table(
    "scope",
    metadata,
    Column("scope_id", Integer, Identity(always=True), primary_key=True),
    Column("grants_digest", LargeBinary, nullable=False, unique=True),
    Column(
        "cell_bits",
        BIT(varying=True),
        comment="The cells it reaches once more: bit n stands for cell n; null: none",
    ),
    schema="rights",
    info={"history": False},
    comment="One distinct set of grants, shared by the accounts that hold exactly these",
)

scope_cell = Table(
    "scope_cell",
    metadata,
    Column("scope_id", Integer, ForeignKey("rights.scope.scope_id"), primary_key=True),
    Column("cell", Integer, ForeignKey("rights.cell.cell"), primary_key=True),
    Column("can_write", Boolean, nullable=False),
    Column(
        "sees_rows",
        Boolean,
        nullable=False,
        server_default=text("true"),
        comment="Else the cell counts in figures, and no row of it is shown",
    ),
    Column(
        "domains", ARRAY(Text), comment="Those it may write in, where it writes; null: in every one"
    ),
    schema="rights",
    info={"history": False},
    comment="Which cells a scope reaches; recomputed when grants, the tree or an area change",
)

scope_group = Table(
    "scope_group",
    metadata,
    Column("scope_id", Integer, ForeignKey("rights.scope.scope_id"), primary_key=True),
    Column("admin_area_code", Text, primary_key=True, comment="Of the cells; empty: of no area"),
    Column("security_class", SmallInteger, primary_key=True, autoincrement=False),
    Column("is_whole", Boolean, nullable=False, comment="It reaches every such cell there is"),
    schema="rights",
    info={"history": False},
    comment="Derived with scope_cell: of which areas and classes a scope reaches all or some cells",
)

account = Table(
    "account",
    metadata,
    Column("account_id", BigInteger, Identity(always=True), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("title", Text, comment="How the account is shown to people"),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    Column("scope_id", Integer, ForeignKey("rights.scope.scope_id")),
    Column(
        "provider_subject",
        Text,
        unique=True,
        comment="Whom the site's provider calls its holder; null: not to sign in there",
    ),
    made_at_column("created_at"),
    schema="rights",
    comment="Who can ask: a person or a program",
)

role = Table(
    "role",
    metadata,
    Column("role", Text, primary_key=True),
    Column("can_write", Boolean, nullable=False),
    Column(
        "is_office",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="Of those who administer others: it shows nothing of the register",
    ),
    Column(
        "sees_rows",
        Boolean,
        nullable=False,
        server_default=text("true"),
        comment="Else it gives figures of whole districts, and no place",
    ),
    schema="rights",
    comment="What a grant lets do within its cells",
)

domain = Table(
    "domain",
    metadata,
    Column("domain", Text, primary_key=True),
    Column(
        "keeps_places",
        Boolean,
        nullable=False,
        comment="Places and bodies themselves are its to write",
    ),
    schema="rights",
    info={"history": False},
    comment="The registered domains, which a grant may be confined to",
)

grant = Table(
    "grant",
    metadata,
    Column("grant_id", BigInteger, Identity(always=True), primary_key=True),
    account_column(nullable=False),
    Column("role", Text, ForeignKey("rights.role.role"), nullable=False),
    body_column(comment="Top of the subtree the grant covers; null covers all"),
    Column(
        "admin_area_code",
        Text,
        ForeignKey("place.admin_area.code", onupdate="CASCADE"),
        comment="Top of the area subtree the grant covers; null covers all",
    ),
    Column("max_security_class", SmallInteger, nullable=False),
    Column(
        "domain",
        Text,
        ForeignKey("rights.domain.domain"),
        comment="The one domain an officer writes in; null: every one",
    ),
    *date_columns(ends="First day the grant no longer holds"),
    Column("reason", Text),
    made_at_column(),
    account_column("made_by", comment="Null: made by a command before offices were filled"),
    Column(
        "needs_second",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="Gives nothing until a second person has confirmed it",
    ),
    account_column("confirmed_by"),
    Column("confirmed_at", DateTime(timezone=True)),
    account_column("revoked_by"),
    Column("revoked_at", DateTime(timezone=True), comment="From then on it gives nothing"),
    CheckConstraint("confirmed_by <> made_by AND confirmed_by <> account_id", name="second_person"),
    CheckConstraint("made_by <> account_id", name="not_oneself"),
    # Recomputing a scope reads the grants of one account.
    Index("ix_grant_account_id", "account_id"),
    schema="rights",
    comment="role x organization subtree x area x security ceiling, with dates",
)

session = Table(
    "session",
    metadata,
    Column("session_id", BigInteger, Identity(always=True), primary_key=True),
    account_column(nullable=False),
    Column("token_digest", LargeBinary, nullable=False, unique=True),
    Column(
        "kind",
        Text,
        nullable=False,
        comment="web: a signed-in browser; one_time: an address to sign in with once; command: CLI;"
        " api: a token of a program",
    ),
    made_at_column("created_at"),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("idle_s", Integer, comment="Ends so many seconds after it was seen; null: not"),
    Column(
        "must_change",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="Means nobody until its account has chosen a password",
    ),
    Column(
        "waits_for_code",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="Means nobody until a one-time code was given",
    ),
    Column("address", Text, comment="Network address it was opened from; null: the command line"),
    Column("title", Text, comment="What an API token is for; null for other sessions"),
    Column(
        "can_write",
        Boolean,
        nullable=False,
        server_default=text("true"),
        comment="Whether it may change what its account may; a token may be for reading",
    ),
    # Sessions of an account are listed and ended together.
    Index("ix_session_account_id", "account_id"),
    CheckConstraint("kind IN ('web', 'one_time', 'command', 'api')", name="kind"),
    schema="rights",
    info={"history": False},
    comment="Opaque tokens in use; only their digests are kept",
)

version = Table(
    "version",
    metadata,
    Column("is_only_row", Boolean, primary_key=True, server_default=text("true")),
    Column("data_version", BigInteger, nullable=False, server_default=text("1")),
    Column("rights_version", BigInteger, nullable=False, server_default=text("1")),
    Column("areas_settled_on", Date, comment="The day by whose administrative areas rights go"),
    Column("grants_settled_on", Date, comment="The day by whose dated grants rights go"),
    CheckConstraint("is_only_row", name="is_only_row"),
    schema="rights",
    info={"history": False},
    comment="Counters that caches are keyed by, and what they stand for",
)

pending_change = Table(
    "pending_change",
    metadata,
    Column("transaction_id", BigInteger, primary_key=True, autoincrement=False),
    schema="rights",
    info={"history": False},
    comment="Transactions that changed data and have not committed; empty between them",
)
