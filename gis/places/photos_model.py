"""The tables of photos: what is said of one, and beside it the picture itself."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)

from gis.columns import account_column, made_at_column
from gis.places.model import place_link
from gis.rights.model import rights_cell_column
from gis.tables import REFUSES, metadata

MOST_CAPTION: Final = 200

photo = Table(
    "photo",
    metadata,
    Column("photo_id", BigInteger, Identity(), primary_key=True),
    Column("place_id", BigInteger, nullable=False),
    Column("caption", Text, comment="What it shows, in the words of who added it"),
    Column("taken_on", Date, comment="As the camera wrote it or a person said; null: unknown"),
    Column("file_sha256", LargeBinary, nullable=False, comment="Of the file as it was handed in"),
    Column("width_px", Integer, nullable=False),
    Column("height_px", Integer, nullable=False),
    account_column(nullable=False),
    made_at_column(),
    rights_cell_column(),
    place_link(name="photo"),
    CheckConstraint(f"length(caption) BETWEEN 1 AND {MOST_CAPTION}", name="caption"),
    # The card reads the photos of a place; the same file is not added to it twice.
    Index("uq_photo_file", "place_id", "file_sha256", unique=True),
    schema="place",
    info={REFUSES: {"uq_photo_file": "place.photo.known"}},
    comment="A photo of a place: what it shows, when it was taken, who added it",
)

photo_image = Table(
    "photo_image",
    metadata,
    # What was removed must be gone: the past keeps what was said of a photo, never the picture.
    Column(
        "photo_id",
        BigInteger,
        ForeignKey("place.photo.photo_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("place_id", BigInteger, nullable=False),
    Column("image", LargeBinary, nullable=False, comment="JPEG without what the camera noted"),
    Column("thumbnail", LargeBinary, nullable=False, comment="JPEG, small"),
    rights_cell_column(),
    place_link(name="photo_image"),
    # A change of the place's rights moves its pictures.
    Index("ix_photo_image_place_id", "place_id"),
    schema="place",
    info={"history": False},
    comment="The picture of a photo, written anew: no position, no camera, no hidden data",
)
