"""Tables of who may sign in: passwords, attempts that failed, and the log of what people did.

The web role reads none of them: functions of the owner answer by name (`gis/sql/accounts.sql`).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gis.columns import account_column, made_at_column
from gis.tables import metadata

credential = Table(
    "credential",
    metadata,
    account_column(primary_key=True, autoincrement=False),
    Column("salt", LargeBinary, nullable=False),
    Column("time_cost", Integer, nullable=False),
    Column("memory_kib", Integer, nullable=False),
    Column("parallelism", Integer, nullable=False),
    Column(
        "verifier",
        LargeBinary,
        nullable=False,
        comment="SHA-256 of the Argon2id hash",
    ),
    made_at_column("changed_at"),
    Column(
        "must_change",
        Boolean,
        nullable=False,
        comment="Given by an administrator: good for choosing one's own password and nothing else",
    ),
    Column(
        "expires_at",
        DateTime(timezone=True),
        comment="After that it opens nothing; null: as long as it stands",
    ),
    schema="rights",
    info={"history": False},
    comment="What a password is checked against; an account without a row has no password",
)

sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    Column("subject", LargeBinary, primary_key=True, comment="SHA-256 of account name or address"),
    Column("failed_count", Integer, nullable=False),
    Column("last_failed_at", DateTime(timezone=True), nullable=False),
    Column("locked_until", DateTime(timezone=True), comment="Nothing is tried before; null: open"),
    # The old ones are removed at each attempt.
    Index("ix_sign_in_failure_last_failed_at", "last_failed_at"),
    schema="rights",
    info={"history": False},
    comment="Attempts that failed in a row, by account name, known or not, and by address",
)

code_secret = Table(
    "code_secret",
    metadata,
    account_column(primary_key=True, autoincrement=False),
    Column("secret", LargeBinary, nullable=False, comment="Shared with an app; 20 random bytes"),
    made_at_column("made_at"),
    Column(
        "confirmed_at",
        DateTime(timezone=True),
        comment="A code of it was seen; null: it waits, and asks for nothing",
    ),
    Column(
        "last_step",
        BigInteger,
        nullable=False,
        server_default=text("0"),
        comment="Half minute of the last code that counted, since 1970; no earlier one counts",
    ),
    schema="rights",
    info={"history": False},
    comment="What one-time codes are made of (RFC 6238), for accounts that sign in with them",
)

spare_code = Table(
    "spare_code",
    metadata,
    account_column(primary_key=True, autoincrement=False),
    Column("code_digest", LargeBinary, primary_key=True),
    schema="rights",
    info={"history": False},
    comment="SHA-256 of codes kept on paper for when the app is lost; one that was used is removed",
)

used_nonce = Table(
    "used_nonce",
    metadata,
    Column("nonce_digest", LargeBinary, primary_key=True),
    Column("used_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    schema="rights",
    info={"history": False},
    comment="What a provider's answers were asked with, so that none is taken twice; for a day",
)

sign_in_secret = Table(
    "sign_in_secret",
    metadata,
    Column("is_only_row", Boolean, primary_key=True, server_default=text("true")),
    Column(
        "decoy",
        LargeBinary,
        nullable=False,
        server_default=text("sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))"),
        comment="Makes the salt that an unknown name is answered with",
    ),
    CheckConstraint("is_only_row", name="is_only_row"),
    schema="rights",
    info={"history": False},
    comment="One random value of this database, so that unknown names answer like known ones",
)

event = Table(
    "event",
    metadata,
    Column("event_id", BigInteger, Identity(always=True), primary_key=True),
    Column("happened_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("kind", Text, nullable=False, comment="Such as signed_in, sign_in_failed, granted"),
    account_column(comment="Whom it is about; null: a name nobody has"),
    account_column("by_account_id", comment="Who did it; null: nobody signed in"),
    Column("address", Text, comment="Network address of the browser; null: the command line"),
    Column("details", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    # The log is read newest first, of all or of one account.
    Index("ix_event_account_id_event_id", "account_id", "event_id"),
    schema="rights",
    info={"history": False},
    comment="The log of sign-ins and of what administrators did; lines are only added",
)
