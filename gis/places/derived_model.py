"""Tables derived from places: no history, no foreign keys.

`gis.places.actions.refresh_derived` makes them; triggers make them follow the cell of their place.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from gis.places.model import place_id_column
from gis.rights.model import rights_cell_column
from gis.tables import metadata

counted_area = Table(
    "counted_area",
    metadata,
    place_id_column(),
    Column("area_kind", Text, primary_key=True),
    Column("area_m2", Numeric(14, 2), comment="The figure that counts; null: only children have"),
    Column("source", Text),
    Column(
        "net_area_m2",
        Numeric(14, 2),
        nullable=False,
        comment="The figure less what its descendants count: sums over any set, once each",
    ),
    # No foreign key, as with all that is derived: triggers make it follow its place.
    rights_cell_column(),
    schema="place",
    info={"history": False},
    comment="Derived: which area counts, and how much of it is not already in a descendant",
)

counted_by = Table(
    "counted_by",
    metadata,
    Column("source", Text, primary_key=True),
    Column("rank", SmallInteger, nullable=False),
    schema="place",
    info={"history": False},
    comment="Derived: the rules of `area_precedence` by which `counted_area` was made",
)

search_text = Table(
    "search_text",
    metadata,
    Column("place_id", BigInteger, primary_key=True, autoincrement=False),
    Column(
        "field",
        Text,
        primary_key=True,
        comment="name, holder, address, identifier, title or pinyin",
    ),
    Column("text", Text, primary_key=True, comment="As place.normalised makes it"),
    # No foreign key: a check a row would cost more than the row. Triggers make it follow.
    rights_cell_column(),
    # Search by the beginning of a text is one range of this.
    Index("ix_search_text_text", "text", postgresql_ops={"text": "text_pattern_ops"}),
    schema="place",
    info={"history": False},
    comment="Derived: what people type to find a place",
)

search_posting = Table(
    "search_posting",
    metadata,
    Column("search_posting_id", BigInteger, Identity(always=True), primary_key=True),
    Column("bigram", Text, nullable=False, comment="Two neighbouring characters of a text"),
    rights_cell_column(),
    Column("place_count", Integer, nullable=False),
    Column("place_ids", ARRAY(BigInteger), nullable=False),
    # Search by the middle of a text starts from its rarest pair of characters: counting the pairs
    # of what was typed reads the index alone, not the lists.
    Index(
        "ix_search_posting_bigram",
        "bigram",
        "rights_cell",
        postgresql_include=["place_count"],
        postgresql_ops={"bigram": "text_pattern_ops"},
    ),
    schema="place",
    info={"history": False},
    comment="Derived: places whose texts hold a pair of characters; may name places that no"
    " longer do, so every candidate is compared with its text",
)
