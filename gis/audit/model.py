"""Tables of seals: what was sealed when, what a rule removed afterwards, and who took data away."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gis.history import SCHEMA
from gis.tables import metadata

seal: Final = Table(
    "seal",
    metadata,
    Column("seal_id", Integer, primary_key=True, autoincrement=False, comment="1, 2, 3 …"),
    Column("sealed_at", DateTime(timezone=True), nullable=False),
    Column("key_id", Text, nullable=False, comment="Which key; the key itself is in no database"),
    Column(
        "epoch",
        Integer,
        nullable=False,
        comment="Numbers of transactions begin anew where a backup is restored: then a new epoch",
    ),
    Column("from_transaction", BigInteger, nullable=False, comment="The first it covers"),
    Column(
        "before_transaction",
        BigInteger,
        comment="The first it no longer covers; null: all the rest of its epoch",
    ),
    Column("above", JSONB, nullable=False, comment="By table: its lines are numbered above"),
    Column("lines", JSONB, nullable=False, comment="By table: how many lines, of which digest"),
    Column(
        "erased_until",
        BigInteger,
        nullable=False,
        comment="Newest erasure when it was made; later ones took lines it counted",
    ),
    Column(
        "mac",
        LargeBinary,
        nullable=False,
        comment="HMAC-SHA256 of all of this and of the seal before",
    ),
    schema=SCHEMA,
    info={"history": False},
    comment="Digests of history lines of finished transactions, chained by a key kept elsewhere",
)

erasure: Final = Table(
    "erasure",
    metadata,
    Column("history_id", BigInteger, Identity(always=True), primary_key=True),
    Column(
        "history_transaction_id",
        BigInteger,
        nullable=False,
        comment="That took or changed the line",
    ),
    Column("history_at", DateTime(timezone=True), nullable=False),
    Column("history_account_id", BigInteger),
    Column("table_name", Text, nullable=False, comment="The history table, without its schema"),
    Column("line_id", BigInteger, nullable=False, comment="Its number there"),
    Column("line_transaction_id", BigInteger, nullable=False, comment="That wrote the line"),
    Column("digest_before", LargeBinary, nullable=False),
    Column("digest_after", LargeBinary, comment="Null: the line is gone"),
    Index("ix_erasure_sealing", "history_transaction_id", postgresql_using="brin"),
    schema=SCHEMA,
    info={"history": False},
    comment="Lines of history removed or blanked as secrecy demands; sealed like them",
)

access: Final = Table(
    "access",
    metadata,
    Column("history_id", BigInteger, Identity(always=True), primary_key=True),
    Column("history_transaction_id", BigInteger, nullable=False),
    Column("history_at", DateTime(timezone=True), nullable=False),
    Column("history_account_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False, comment="export, report or filing"),
    Column("name", Text, nullable=False, comment="Of the layer, report or task"),
    Column("said", JSONB, nullable=False, comment="What was asked: day, format, area, filters"),
    Index("ix_access_sealing", "history_transaction_id", postgresql_using="brin"),
    schema=SCHEMA,
    info={"history": False},
    comment="Who took data away as a file; sealed like lines of history",
)
