"""The one map: places, organizations, rights, holdings, loads, history"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMAS = (
    "place",
    "organization",
    "rights",
    "estate",
    "services",
    "space",
    "certificates",
    "campaign",
    "inspection",
    "requests",
    "redeployment",
    "staging",
    "history",
)

SEED = """
INSERT INTO place.kind (kind, is_estate) VALUES
  ('parcel', false), ('site', true), ('building', true), ('structure', true), ('section', true),
  ('floor', true), ('room', true), ('housing_unit', true), ('metering_point', false),
  ('premises', false), ('zone', false);
INSERT INTO place.allowed_parent (kind, parent_kind) VALUES
  ('building', 'site'), ('structure', 'site'), ('section', 'building'),
  ('floor', 'building'), ('floor', 'section'), ('floor', 'site'),
  ('room', 'floor'), ('room', 'building'),
  ('housing_unit', 'section'), ('housing_unit', 'floor'), ('housing_unit', 'building'),
  ('metering_point', 'site'), ('metering_point', 'building'), ('metering_point', 'section'),
  ('metering_point', 'floor'), ('metering_point', 'room'), ('metering_point', 'housing_unit'),
  ('metering_point', 'premises');
INSERT INTO place.area_precedence (report, source, rank) VALUES
  ('*', 'certificate', 1), ('*', 'survey', 2), ('*', 'drawing', 3), ('*', 'declared', 4),
  ('*', 'polygon', 5);
INSERT INTO place.counted_by (source, rank) SELECT source, rank FROM place.area_precedence;
INSERT INTO estate.holding_kind (kind, exclusive_group) VALUES
  ('owns', NULL), ('manages', NULL), ('leases_in', 'tenancy'), ('occupies', 'use'),
  ('lets_out', 'use'), ('lends', 'use'), ('reserves', 'use');
INSERT INTO rights.role (role, can_write) VALUES
  ('viewer', false), ('clerk', true), ('officer', true), ('planner', false), ('approver', true),
  ('operator', true);
INSERT INTO rights.role (role, can_write, sees_rows) VALUES
  ('leader', false, false), ('guide', false, false);
INSERT INTO rights.role (role, can_write, is_office) VALUES
  ('system_admin', false, true), ('security_admin', false, true), ('audit_admin', false, true);
INSERT INTO rights.version DEFAULT VALUES;
INSERT INTO rights.sign_in_secret DEFAULT VALUES;
"""


def upgrade() -> None:
    for schema in SCHEMAS:
        op.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    op.create_table(
        "built_sum",
        sa.Column("per_degree", sa.SmallInteger(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column(
            "day",
            sa.Date(),
            nullable=False,
            comment="Counts on all days before it; infinity: today's sum, else a difference",
        ),
        sa.Column(
            "is_whole",
            sa.Boolean(),
            nullable=False,
            comment="Over all cells of the district and class, for who reaches all; else of one",
        ),
        sa.Column("rights_cell", sa.Integer(), nullable=True, comment="Null: is_whole"),
        sa.Column("admin_area_code", sa.Text(), nullable=True, comment="Of its cells"),
        sa.Column("security_class", sa.SmallInteger(), nullable=False, comment="Of its cells"),
        sa.Column("is_property", sa.Boolean(), nullable=False),
        sa.Column("is_building", sa.Boolean(), nullable=False),
        sa.Column("ownership_status", sa.Text(), nullable=True),
        sa.Column("year_built", sa.SmallInteger(), nullable=True),
        sa.Column("place_count", sa.BigInteger(), nullable=False),
        sa.Column(
            "with_gross",
            sa.BigInteger(),
            nullable=False,
            comment="Of these, with a known gross area",
        ),
        sa.Column(
            "gross_area_m2",
            sa.Numeric(),
            nullable=True,
            comment="Whole areas; null where none is known",
        ),
        sa.CheckConstraint("is_whole = (rights_cell IS NULL)", name=op.f("ck_built_sum_is_whole")),
        schema="estate",
        comment="Derived: properties and buildings by square, ownership and year",
        info={"history": False, "is_sum": True},
    )
    op.create_index(
        "ix_built_sum_square",
        "built_sum",
        ["per_degree", "x", "y", "is_whole", "day"],
        unique=False,
        schema="estate",
    )
    op.create_table(
        "counted_change",
        sa.Column("per_degree", sa.SmallInteger(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column(
            "day",
            sa.Date(),
            nullable=False,
            comment="Counts on all days before it; infinity: today's sum, else a difference",
        ),
        sa.Column(
            "is_whole",
            sa.Boolean(),
            nullable=False,
            comment="Over all cells of the district and class, for who reaches all; else of one",
        ),
        sa.Column("rights_cell", sa.Integer(), nullable=True, comment="Null: is_whole"),
        sa.Column("admin_area_code", sa.Text(), nullable=True, comment="Of its cells"),
        sa.Column("security_class", sa.SmallInteger(), nullable=False, comment="Of its cells"),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("area_kind", sa.Text(), nullable=False),
        sa.Column(
            "place_count",
            sa.BigInteger(),
            nullable=False,
            comment="1: counted only before the day; -1: only from it on; 0: both",
        ),
        sa.Column(
            "area_m2",
            sa.Numeric(),
            nullable=False,
            comment="How much more it counted before the day",
        ),
        sa.Column("net_area_m2", sa.Numeric(), nullable=False, comment="Likewise, of its net"),
        sa.CheckConstraint(
            "is_whole = (rights_cell IS NULL)", name=op.f("ck_counted_change_is_whole")
        ),
        schema="estate",
        comment="Derived: how single places counted otherwise before a day; none of today, no wholes",
        info={"history": False, "is_sum": True},
    )
    op.create_index(
        "ix_counted_change_square",
        "counted_change",
        ["per_degree", "x", "y", "is_whole", "day"],
        unique=False,
        schema="estate",
    )
    op.create_table(
        "counted_sum",
        sa.Column("per_degree", sa.SmallInteger(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column(
            "day",
            sa.Date(),
            nullable=False,
            comment="Counts on all days before it; infinity: today's sum, else a difference",
        ),
        sa.Column(
            "is_whole",
            sa.Boolean(),
            nullable=False,
            comment="Over all cells of the district and class, for who reaches all; else of one",
        ),
        sa.Column("rights_cell", sa.Integer(), nullable=True, comment="Null: is_whole"),
        sa.Column("admin_area_code", sa.Text(), nullable=True, comment="Of its cells"),
        sa.Column("security_class", sa.SmallInteger(), nullable=False, comment="Of its cells"),
        sa.Column("area_kind", sa.Text(), nullable=False),
        sa.Column(
            "place_count", sa.BigInteger(), nullable=False, comment="Places with such an area"
        ),
        sa.Column("area_m2", sa.Numeric(), nullable=False, comment="Nets, of all places"),
        sa.Column("room_area_m2", sa.Numeric(), nullable=False, comment="Of these, of rooms"),
        sa.Column("idle_area_m2", sa.Numeric(), nullable=False, comment="Of these, of idle rooms"),
        sa.Column(
            "properties", sa.BigInteger(), nullable=False, comment="Properties with such an area"
        ),
        sa.CheckConstraint(
            "is_whole = (rights_cell IS NULL)", name=op.f("ck_counted_sum_is_whole")
        ),
        schema="estate",
        comment="Derived: counted areas by square, kind and district",
        info={"history": False, "is_sum": True},
    )
    op.create_index(
        "ix_counted_sum_square",
        "counted_sum",
        ["per_degree", "x", "y", "is_whole", "day"],
        unique=False,
        schema="estate",
    )
    op.create_table(
        "drawn_building",
        sa.Column("place_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column(
            "level",
            sa.SmallInteger(),
            nullable=True,
            comment="Floor, where the layer is asked by floor",
        ),
        sa.Column(
            "attributes",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="What else tiles say; nothing null",
        ),
        sa.Column(
            "shape",
            Geometry(
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Rings clockwise; the place's point where it has no shape",
        ),
        sa.Column("is_unshaped", sa.Boolean(), nullable=False),
        sa.Column("anchor_lon", sa.Double(), nullable=True, comment="Degrees; null: not located"),
        sa.Column("anchor_lat", sa.Double(), nullable=True, comment="Degrees; null: not located"),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="-infinity: since ever"),
        sa.Column("valid_to", sa.Date(), nullable=False, comment="infinity: open"),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_drawn_building")),
        schema="estate",
        comment="Derived: layer building, ready for drawing",
        info={"history": False, "is_drawn": True},
    )
    op.create_index(
        "ix_drawn_building_shape",
        "drawn_building",
        ["shape"],
        unique=False,
        schema="estate",
        postgresql_using="gist",
    )
    op.create_table(
        "drawn_floor",
        sa.Column("place_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column(
            "level",
            sa.SmallInteger(),
            nullable=True,
            comment="Floor, where the layer is asked by floor",
        ),
        sa.Column(
            "attributes",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="What else tiles say; nothing null",
        ),
        sa.Column(
            "shape",
            Geometry(
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Rings clockwise; the place's point where it has no shape",
        ),
        sa.Column("is_unshaped", sa.Boolean(), nullable=False),
        sa.Column("anchor_lon", sa.Double(), nullable=True, comment="Degrees; null: not located"),
        sa.Column("anchor_lat", sa.Double(), nullable=True, comment="Degrees; null: not located"),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="-infinity: since ever"),
        sa.Column("valid_to", sa.Date(), nullable=False, comment="infinity: open"),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_drawn_floor")),
        schema="estate",
        comment="Derived: layer floor, ready for drawing",
        info={"history": False, "is_drawn": True},
    )
    op.create_index(
        "ix_drawn_floor_shape",
        "drawn_floor",
        ["shape"],
        unique=False,
        schema="estate",
        postgresql_using="gist",
    )
    op.create_table(
        "drawn_parcel",
        sa.Column("place_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column(
            "level",
            sa.SmallInteger(),
            nullable=True,
            comment="Floor, where the layer is asked by floor",
        ),
        sa.Column(
            "attributes",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="What else tiles say; nothing null",
        ),
        sa.Column(
            "shape",
            Geometry(
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Rings clockwise; the place's point where it has no shape",
        ),
        sa.Column("is_unshaped", sa.Boolean(), nullable=False),
        sa.Column("anchor_lon", sa.Double(), nullable=True, comment="Degrees; null: not located"),
        sa.Column("anchor_lat", sa.Double(), nullable=True, comment="Degrees; null: not located"),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="-infinity: since ever"),
        sa.Column("valid_to", sa.Date(), nullable=False, comment="infinity: open"),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_drawn_parcel")),
        schema="estate",
        comment="Derived: layer parcel, ready for drawing",
        info={"history": False, "is_drawn": True},
    )
    op.create_index(
        "ix_drawn_parcel_shape",
        "drawn_parcel",
        ["shape"],
        unique=False,
        schema="estate",
        postgresql_using="gist",
    )
    op.create_table(
        "drawn_property",
        sa.Column("place_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column(
            "level",
            sa.SmallInteger(),
            nullable=True,
            comment="Floor, where the layer is asked by floor",
        ),
        sa.Column(
            "attributes",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="What else tiles say; nothing null",
        ),
        sa.Column(
            "shape",
            Geometry(
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Rings clockwise; the place's point where it has no shape",
        ),
        sa.Column("is_unshaped", sa.Boolean(), nullable=False),
        sa.Column("anchor_lon", sa.Double(), nullable=True, comment="Degrees; null: not located"),
        sa.Column("anchor_lat", sa.Double(), nullable=True, comment="Degrees; null: not located"),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="-infinity: since ever"),
        sa.Column("valid_to", sa.Date(), nullable=False, comment="infinity: open"),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_drawn_property")),
        schema="estate",
        comment="Derived: layer property, ready for drawing",
        info={"history": False, "is_drawn": True},
    )
    op.create_index(
        "ix_drawn_property_shape",
        "drawn_property",
        ["shape"],
        unique=False,
        schema="estate",
        postgresql_using="gist",
    )
    op.create_table(
        "drawn_room",
        sa.Column("place_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column(
            "level",
            sa.SmallInteger(),
            nullable=True,
            comment="Floor, where the layer is asked by floor",
        ),
        sa.Column(
            "attributes",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="What else tiles say; nothing null",
        ),
        sa.Column(
            "shape",
            Geometry(
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Rings clockwise; the place's point where it has no shape",
        ),
        sa.Column("is_unshaped", sa.Boolean(), nullable=False),
        sa.Column("anchor_lon", sa.Double(), nullable=True, comment="Degrees; null: not located"),
        sa.Column("anchor_lat", sa.Double(), nullable=True, comment="Degrees; null: not located"),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="-infinity: since ever"),
        sa.Column("valid_to", sa.Date(), nullable=False, comment="infinity: open"),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_drawn_room")),
        schema="estate",
        comment="Derived: layer room, ready for drawing",
        info={"history": False, "is_drawn": True},
    )
    op.create_index(
        "ix_drawn_room_shape",
        "drawn_room",
        ["shape"],
        unique=False,
        schema="estate",
        postgresql_using="gist",
    )
    op.create_table(
        "drawn_section",
        sa.Column("place_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column(
            "level",
            sa.SmallInteger(),
            nullable=True,
            comment="Floor, where the layer is asked by floor",
        ),
        sa.Column(
            "attributes",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="What else tiles say; nothing null",
        ),
        sa.Column(
            "shape",
            Geometry(
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Rings clockwise; the place's point where it has no shape",
        ),
        sa.Column("is_unshaped", sa.Boolean(), nullable=False),
        sa.Column("anchor_lon", sa.Double(), nullable=True, comment="Degrees; null: not located"),
        sa.Column("anchor_lat", sa.Double(), nullable=True, comment="Degrees; null: not located"),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="-infinity: since ever"),
        sa.Column("valid_to", sa.Date(), nullable=False, comment="infinity: open"),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_drawn_section")),
        schema="estate",
        comment="Derived: layer section, ready for drawing",
        info={"history": False, "is_drawn": True},
    )
    op.create_index(
        "ix_drawn_section_shape",
        "drawn_section",
        ["shape"],
        unique=False,
        schema="estate",
        postgresql_using="gist",
    )
    op.create_table(
        "drawn_structure",
        sa.Column("place_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column(
            "level",
            sa.SmallInteger(),
            nullable=True,
            comment="Floor, where the layer is asked by floor",
        ),
        sa.Column(
            "attributes",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="What else tiles say; nothing null",
        ),
        sa.Column(
            "shape",
            Geometry(
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Rings clockwise; the place's point where it has no shape",
        ),
        sa.Column("is_unshaped", sa.Boolean(), nullable=False),
        sa.Column("anchor_lon", sa.Double(), nullable=True, comment="Degrees; null: not located"),
        sa.Column("anchor_lat", sa.Double(), nullable=True, comment="Degrees; null: not located"),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="-infinity: since ever"),
        sa.Column("valid_to", sa.Date(), nullable=False, comment="infinity: open"),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_drawn_structure")),
        schema="estate",
        comment="Derived: layer structure, ready for drawing",
        info={"history": False, "is_drawn": True},
    )
    op.create_index(
        "ix_drawn_structure_shape",
        "drawn_structure",
        ["shape"],
        unique=False,
        schema="estate",
        postgresql_using="gist",
    )
    op.create_table(
        "drawn_zone",
        sa.Column("place_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column(
            "level",
            sa.SmallInteger(),
            nullable=True,
            comment="Floor, where the layer is asked by floor",
        ),
        sa.Column(
            "attributes",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="What else tiles say; nothing null",
        ),
        sa.Column(
            "shape",
            Geometry(
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Rings clockwise; the place's point where it has no shape",
        ),
        sa.Column("is_unshaped", sa.Boolean(), nullable=False),
        sa.Column("anchor_lon", sa.Double(), nullable=True, comment="Degrees; null: not located"),
        sa.Column("anchor_lat", sa.Double(), nullable=True, comment="Degrees; null: not located"),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="-infinity: since ever"),
        sa.Column("valid_to", sa.Date(), nullable=False, comment="infinity: open"),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_drawn_zone")),
        schema="estate",
        comment="Derived: layer zone, ready for drawing",
        info={"history": False, "is_drawn": True},
    )
    op.create_index(
        "ix_drawn_zone_shape",
        "drawn_zone",
        ["shape"],
        unique=False,
        schema="estate",
        postgresql_using="gist",
    )
    op.create_table(
        "holding_kind",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "exclusive_group",
            sa.Text(),
            nullable=True,
            comment="Kinds of one group exclude each other on a leaf; null: no exclusion",
        ),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_holding_kind")),
        schema="estate",
        comment="Kinds of holding and which exclude each other",
        info={"history": False},
    )
    op.create_table(
        "place_sum",
        sa.Column("per_degree", sa.SmallInteger(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column(
            "day",
            sa.Date(),
            nullable=False,
            comment="Counts on all days before it; infinity: today's sum, else a difference",
        ),
        sa.Column(
            "is_whole",
            sa.Boolean(),
            nullable=False,
            comment="Over all cells of the district and class, for who reaches all; else of one",
        ),
        sa.Column("rights_cell", sa.Integer(), nullable=True, comment="Null: is_whole"),
        sa.Column("admin_area_code", sa.Text(), nullable=True, comment="Of its cells"),
        sa.Column("security_class", sa.SmallInteger(), nullable=False, comment="Of its cells"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place_count", sa.BigInteger(), nullable=False),
        sa.Column("idle_count", sa.BigInteger(), nullable=False),
        sa.Column("property_count", sa.BigInteger(), nullable=False),
        sa.Column("with_address", sa.BigInteger(), nullable=False, comment="Of the properties"),
        sa.Column("with_shape", sa.BigInteger(), nullable=False, comment="Of the properties"),
        sa.Column(
            "titled_in_cell",
            sa.BigInteger(),
            nullable=False,
            comment="Properties with a registered title of the same cell",
        ),
        sa.Column(
            "titled_in_group",
            sa.BigInteger(),
            nullable=False,
            comment="Properties with one of the same district and class",
        ),
        sa.CheckConstraint("is_whole = (rights_cell IS NULL)", name=op.f("ck_place_sum_is_whole")),
        schema="estate",
        comment="Derived: places by square, kind and district",
        info={"history": False, "is_sum": True},
    )
    op.create_index(
        "ix_place_sum_square",
        "place_sum",
        ["per_degree", "x", "y", "is_whole", "day"],
        unique=False,
        schema="estate",
    )
    op.create_table(
        "square_holder",
        sa.Column("per_degree", sa.SmallInteger(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column(
            "day",
            sa.Date(),
            nullable=False,
            comment="Counts on all days before it; infinity: today's sum, else a difference",
        ),
        sa.Column(
            "is_whole",
            sa.Boolean(),
            nullable=False,
            comment="Over all cells of the district and class, for who reaches all; else of one",
        ),
        sa.Column("rights_cell", sa.Integer(), nullable=True, comment="Null: is_whole"),
        sa.Column("admin_area_code", sa.Text(), nullable=True, comment="Of its cells"),
        sa.Column("security_class", sa.SmallInteger(), nullable=False, comment="Of its cells"),
        sa.Column("holder_id", sa.BigInteger(), nullable=False),
        sa.Column("party_count", sa.BigInteger(), nullable=False, comment="How often"),
        sa.CheckConstraint(
            "is_whole = (rights_cell IS NULL)", name=op.f("ck_square_holder_is_whole")
        ),
        schema="estate",
        comment="Derived: bodies that occupy something in a square",
        info={"history": False, "is_sum": True},
    )
    op.create_index(
        "ix_square_holder_square",
        "square_holder",
        ["per_degree", "x", "y", "is_whole", "day"],
        unique=False,
        schema="estate",
    )
    op.create_table(
        "title_elsewhere",
        sa.Column("per_degree", sa.SmallInteger(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column(
            "day",
            sa.Date(),
            nullable=False,
            comment="Counts on all days before it; infinity: today's sum, else a difference",
        ),
        sa.Column(
            "is_whole",
            sa.Boolean(),
            nullable=False,
            comment="Over all cells of the district and class, for who reaches all; else of one",
        ),
        sa.Column("rights_cell", sa.Integer(), nullable=True, comment="Null: is_whole"),
        sa.Column("admin_area_code", sa.Text(), nullable=True, comment="Of its cells"),
        sa.Column("security_class", sa.SmallInteger(), nullable=False, comment="Of its cells"),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("is_in_group", sa.Boolean(), nullable=False),
        sa.Column("place_count", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "is_whole = (rights_cell IS NULL)", name=op.f("ck_title_elsewhere_is_whole")
        ),
        schema="estate",
        comment="Derived: properties that only titles of other cells cover, which not all may see",
        info={"history": False, "is_sum": True},
    )
    op.create_index(
        "ix_title_elsewhere_square",
        "title_elsewhere",
        ["per_degree", "x", "y", "is_whole", "day"],
        unique=False,
        schema="estate",
    )
    op.create_table(
        "access",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="export, report or filing"),
        sa.Column("name", sa.Text(), nullable=False, comment="Of the layer, report or task"),
        sa.Column(
            "said",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="What was asked: day, format, area, filters",
        ),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_access")),
        schema="history",
        comment="Who took data away as a file; sealed like lines of history",
        info={"history": False},
    )
    op.create_index(
        "ix_access_sealing",
        "access",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "campaign_campaign",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("form", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("late_policy", sa.Text(), nullable=True),
        sa.Column("unexplained_policy", sa.Text(), nullable=True),
        sa.Column("threshold_percent", sa.Numeric(precision=6, scale=2), nullable=True),
        sa.Column("reminder_days", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("selection", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("instructions", sa.Text(), nullable=True),
        sa.Column("baseline_report_id", sa.BigInteger(), nullable=True),
        sa.Column("baseline_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issued_by", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.BigInteger(), nullable=True),
        sa.Column("closing_remark", sa.Text(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_campaign_campaign")),
        schema="history",
        comment="Former rows of campaign.campaign",
        info={"history": False, "history_of": "campaign.campaign"},
    )
    op.create_index(
        "ix_campaign_campaign_key",
        "campaign_campaign",
        ["campaign_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_campaign_campaign_load",
        "campaign_campaign",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_campaign_campaign_sealing",
        "campaign_campaign",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "campaign_due_rule",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("due_rule_id", sa.BigInteger(), nullable=False),
        sa.Column("form", sa.Text(), nullable=True),
        sa.Column("month", sa.SmallInteger(), nullable=True),
        sa.Column("day", sa.SmallInteger(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("rule_source", sa.Text(), nullable=True),
        sa.Column("is_verified", sa.Boolean(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_campaign_due_rule")),
        schema="history",
        comment="Former rows of campaign.due_rule",
        info={"history": False, "history_of": "campaign.due_rule"},
    )
    op.create_index(
        "ix_campaign_due_rule_key",
        "campaign_due_rule",
        ["due_rule_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_campaign_due_rule_load",
        "campaign_due_rule",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_campaign_due_rule_sealing",
        "campaign_due_rule",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "campaign_explanation",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("filing_row_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("explained_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_campaign_explanation")),
        schema="history",
        comment="Former rows of campaign.explanation",
        info={"history": False, "history_of": "campaign.explanation"},
    )
    op.create_index(
        "ix_campaign_explanation_key",
        "campaign_explanation",
        ["filing_row_id", "field", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_campaign_explanation_load",
        "campaign_explanation",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_campaign_explanation_sealing",
        "campaign_explanation",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "campaign_filing",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("filing_id", sa.BigInteger(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_late", sa.Boolean(), nullable=True),
        sa.Column("unexplained_count", sa.Integer(), nullable=True),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("succeeded_by_filing_id", sa.BigInteger(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_campaign_filing")),
        schema="history",
        comment="Former rows of campaign.filing",
        info={"history": False, "history_of": "campaign.filing"},
    )
    op.create_index(
        "ix_campaign_filing_key",
        "campaign_filing",
        ["filing_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_campaign_filing_load",
        "campaign_filing",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_campaign_filing_sealing",
        "campaign_filing",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "campaign_filing_headcount",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("filing_id", sa.BigInteger(), nullable=False),
        sa.Column("rank_code", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("people_before", sa.Integer(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_campaign_filing_headcount")),
        schema="history",
        comment="Former rows of campaign.filing_headcount",
        info={"history": False, "history_of": "campaign.filing_headcount"},
    )
    op.create_index(
        "ix_campaign_filing_headcount_key",
        "campaign_filing_headcount",
        ["filing_id", "rank_code", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_campaign_filing_headcount_load",
        "campaign_filing_headcount",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_campaign_filing_headcount_sealing",
        "campaign_filing_headcount",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "campaign_filing_row",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("filing_row_id", sa.BigInteger(), nullable=False),
        sa.Column("filing_id", sa.BigInteger(), nullable=True),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("place_code", sa.Text(), nullable=True),
        sa.Column("is_removed", sa.Boolean(), nullable=True),
        sa.Column("ruling", sa.Text(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ruling_reason", sa.Text(), nullable=True),
        sa.Column("ruled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ruled_by", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("admin_area_code", sa.Text(), nullable=True),
        sa.Column("land_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("gross_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("office_gross_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("technical_gross_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("office_usable_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("service_usable_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("equipment_usable_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("usable_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("ancillary_gross_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("ownership_status", sa.Text(), nullable=True),
        sa.Column("year_built", sa.SmallInteger(), nullable=True),
        sa.Column("is_leased_in", sa.Boolean(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_campaign_filing_row")),
        schema="history",
        comment="Former rows of campaign.filing_row",
        info={"history": False, "history_of": "campaign.filing_row"},
    )
    op.create_index(
        "ix_campaign_filing_row_key",
        "campaign_filing_row",
        ["filing_row_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_campaign_filing_row_load",
        "campaign_filing_row",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_campaign_filing_row_sealing",
        "campaign_filing_row",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "campaign_remark",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("remark_id", sa.BigInteger(), nullable=False),
        sa.Column("filing_id", sa.BigInteger(), nullable=True),
        sa.Column("filing_row_id", sa.BigInteger(), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.BigInteger(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_campaign_remark")),
        schema="history",
        comment="Former rows of campaign.remark",
        info={"history": False, "history_of": "campaign.remark"},
    )
    op.create_index(
        "ix_campaign_remark_key",
        "campaign_remark",
        ["remark_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_campaign_remark_load",
        "campaign_remark",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_campaign_remark_sealing",
        "campaign_remark",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "certificates_certificate",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("certificate_id", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=True),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("holder_id", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("called", sa.Text(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("agreement_number", sa.Text(), nullable=True),
        sa.Column("agreement_on", sa.Date(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("cancel_document", sa.Text(), nullable=True),
        sa.Column("cancelled_by", sa.BigInteger(), nullable=True),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_certificates_certificate")),
        schema="history",
        comment="Former rows of certificates.certificate",
        info={"history": False, "history_of": "certificates.certificate"},
    )
    op.create_index(
        "ix_certificates_certificate_key",
        "certificates_certificate",
        ["certificate_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_certificates_certificate_load",
        "certificates_certificate",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_certificates_certificate_sealing",
        "certificates_certificate",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "certificates_certified_room",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("certified_room_id", sa.BigInteger(), nullable=False),
        sa.Column("certificate_id", sa.BigInteger(), nullable=True),
        sa.Column("edition_id", sa.BigInteger(), nullable=True),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("part", postgresql.INT8RANGE(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("building", sa.Text(), nullable=True),
        sa.Column("floor", sa.Text(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("room_class", sa.Text(), nullable=True),
        sa.Column("area_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("share", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_certificates_certified_room")),
        schema="history",
        comment="Former rows of certificates.certified_room",
        info={"history": False, "history_of": "certificates.certified_room"},
    )
    op.create_index(
        "ix_certificates_certified_room_key",
        "certificates_certified_room",
        ["certified_room_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_certificates_certified_room_load",
        "certificates_certified_room",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_certificates_certified_room_sealing",
        "certificates_certified_room",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "certificates_edition",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("edition_id", sa.BigInteger(), nullable=False),
        sa.Column("certificate_id", sa.BigInteger(), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("holder_name", sa.Text(), nullable=True),
        sa.Column("holder_code", sa.Text(), nullable=True),
        sa.Column("place_name", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("titles", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("content_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_certificates_edition")),
        schema="history",
        comment="Former rows of certificates.edition",
        info={"history": False, "history_of": "certificates.edition"},
    )
    op.create_index(
        "ix_certificates_edition_key",
        "certificates_edition",
        ["edition_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_certificates_edition_load",
        "certificates_edition",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_certificates_edition_sealing",
        "certificates_edition",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "certificates_ownership_record",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("ownership_record_id", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("place_title", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("bureau_cell", sa.Integer(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_certificates_ownership_record")),
        schema="history",
        comment="Former rows of certificates.ownership_record",
        info={"history": False, "history_of": "certificates.ownership_record"},
    )
    op.create_index(
        "ix_certificates_ownership_record_key",
        "certificates_ownership_record",
        ["ownership_record_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_certificates_ownership_record_load",
        "certificates_ownership_record",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_certificates_ownership_record_sealing",
        "certificates_ownership_record",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "erasure",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "history_transaction_id",
            sa.BigInteger(),
            nullable=False,
            comment="That took or changed the line",
        ),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "table_name", sa.Text(), nullable=False, comment="The history table, without its schema"
        ),
        sa.Column("line_id", sa.BigInteger(), nullable=False, comment="Its number there"),
        sa.Column(
            "line_transaction_id", sa.BigInteger(), nullable=False, comment="That wrote the line"
        ),
        sa.Column("digest_before", sa.LargeBinary(), nullable=False),
        sa.Column(
            "digest_after", sa.LargeBinary(), nullable=True, comment="Null: the line is gone"
        ),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_erasure")),
        schema="history",
        comment="Lines of history removed or blanked as secrecy demands; sealed like them",
        info={"history": False},
    )
    op.create_index(
        "ix_erasure_sealing",
        "erasure",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "estate_archive_file",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("archive_file_id", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("dated_on", sa.Date(), nullable=True),
        sa.Column("is_original", sa.Boolean(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.BigInteger(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_estate_archive_file")),
        schema="history",
        comment="Former rows of estate.archive_file",
        info={"history": False, "history_of": "estate.archive_file"},
    )
    op.create_index(
        "ix_estate_archive_file_key",
        "estate_archive_file",
        ["archive_file_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_estate_archive_file_load",
        "estate_archive_file",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_estate_archive_file_sealing",
        "estate_archive_file",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "estate_asset_card",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("asset_card_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("category_code", sa.Text(), nullable=True),
        sa.Column("category_name", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("unit_name", sa.Text(), nullable=True),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("quantity", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("area_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("land_area_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("value_yuan", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("depreciation_yuan", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("net_value_yuan", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("assessed_value_yuan", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("fiscal_funds_yuan", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("other_funds_yuan", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("use_status", sa.Text(), nullable=True),
        sa.Column("certificate_no", sa.Text(), nullable=True),
        sa.Column("acquired_how", sa.Text(), nullable=True),
        sa.Column("acquired_on", sa.Date(), nullable=True),
        sa.Column("booked_on", sa.Date(), nullable=True),
        sa.Column("account_title", sa.Text(), nullable=True),
        sa.Column("voucher_no", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("admin_area_code", sa.Text(), nullable=True),
        sa.Column("stated_on", sa.Date(), nullable=True),
        sa.Column("stated_days", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("found_by", sa.Text(), nullable=True),
        sa.Column("load_id", sa.BigInteger(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_estate_asset_card")),
        schema="history",
        comment="Former rows of estate.asset_card",
        info={"history": False, "history_of": "estate.asset_card"},
    )
    op.create_index(
        "ix_estate_asset_card_key",
        "estate_asset_card",
        ["asset_card_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_estate_asset_card_load",
        "estate_asset_card",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_estate_asset_card_sealing",
        "estate_asset_card",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "estate_construction_project",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("approving_body", sa.Text(), nullable=True),
        sa.Column("builder_name", sa.Text(), nullable=True),
        sa.Column("builder_id", sa.BigInteger(), nullable=True),
        sa.Column("user_name", sa.Text(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("admin_area_code", sa.Text(), nullable=True),
        sa.Column("planned_area_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("estimated_cost_yuan", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("stated_on", sa.Date(), nullable=True),
        sa.Column("stated_days", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("load_id", sa.BigInteger(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_estate_construction_project")),
        schema="history",
        comment="Former rows of estate.construction_project",
        info={"history": False, "history_of": "estate.construction_project"},
    )
    op.create_index(
        "ix_estate_construction_project_key",
        "estate_construction_project",
        ["project_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_estate_construction_project_load",
        "estate_construction_project",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_estate_construction_project_sealing",
        "estate_construction_project",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "estate_holding",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("holding_id", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("extent", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("stated_on", sa.Date(), nullable=True),
        sa.Column("area_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("load_id", sa.BigInteger(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_estate_holding")),
        schema="history",
        comment="Former rows of estate.holding",
        info={"history": False, "history_of": "estate.holding"},
    )
    op.create_index(
        "ix_estate_holding_key",
        "estate_holding",
        ["holding_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_estate_holding_load",
        "estate_holding",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_estate_holding_sealing",
        "estate_holding",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "estate_holding_party",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("holding_id", sa.BigInteger(), nullable=False),
        sa.Column("holder_id", sa.BigInteger(), nullable=False),
        sa.Column("share", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_estate_holding_party")),
        schema="history",
        comment="Former rows of estate.holding_party",
        info={"history": False, "history_of": "estate.holding_party"},
    )
    op.create_index(
        "ix_estate_holding_party_key",
        "estate_holding_party",
        ["holding_id", "holder_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_estate_holding_party_load",
        "estate_holding_party",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_estate_holding_party_sealing",
        "estate_holding_party",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "estate_sharer",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("sharer_id", sa.BigInteger(), nullable=False),
        sa.Column("holding_id", sa.BigInteger(), nullable=True),
        sa.Column("holder_id", sa.BigInteger(), nullable=True),
        sa.Column("post_id", sa.BigInteger(), nullable=True),
        sa.Column("rank_code", sa.Text(), nullable=True),
        sa.Column("heads", sa.Integer(), nullable=True),
        sa.Column("share", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("approval_document", sa.Text(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_estate_sharer")),
        schema="history",
        comment="Former rows of estate.sharer",
        info={"history": False, "history_of": "estate.sharer"},
    )
    op.create_index(
        "ix_estate_sharer_key",
        "estate_sharer",
        ["sharer_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_estate_sharer_load",
        "estate_sharer",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_estate_sharer_sealing",
        "estate_sharer",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "inspection_answer",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("points", sa.Numeric(precision=6, scale=2), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_inspection_answer")),
        schema="history",
        comment="Former rows of inspection.answer",
        info={"history": False, "history_of": "inspection.answer"},
    )
    op.create_index(
        "ix_inspection_answer_key",
        "inspection_answer",
        ["visit_id", "item_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_inspection_answer_load",
        "inspection_answer",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_inspection_answer_sealing",
        "inspection_answer",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "inspection_finding",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("finding_id", sa.BigInteger(), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=True),
        sa.Column("item_id", sa.BigInteger(), nullable=True),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_inspection_finding")),
        schema="history",
        comment="Former rows of inspection.finding",
        info={"history": False, "history_of": "inspection.finding"},
    )
    op.create_index(
        "ix_inspection_finding_key",
        "inspection_finding",
        ["finding_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_inspection_finding_load",
        "inspection_finding",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_inspection_finding_sealing",
        "inspection_finding",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "inspection_inspection",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("inspection_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("checklist", sa.Text(), nullable=True),
        sa.Column("instructions", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_inspection_inspection")),
        schema="history",
        comment="Former rows of inspection.inspection",
        info={"history": False, "history_of": "inspection.inspection"},
    )
    op.create_index(
        "ix_inspection_inspection_key",
        "inspection_inspection",
        ["inspection_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_inspection_inspection_load",
        "inspection_inspection",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_inspection_inspection_sealing",
        "inspection_inspection",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "inspection_inspector",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("inspection_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_inspection_inspector")),
        schema="history",
        comment="Former rows of inspection.inspector",
        info={"history": False, "history_of": "inspection.inspector"},
    )
    op.create_index(
        "ix_inspection_inspector_key",
        "inspection_inspector",
        ["inspection_id", "account_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_inspection_inspector_load",
        "inspection_inspector",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_inspection_inspector_sealing",
        "inspection_inspector",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "inspection_item",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("inspection_id", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("head", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("points", sa.Numeric(precision=6, scale=2), nullable=True),
        sa.Column("rule_source", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_inspection_item")),
        schema="history",
        comment="Former rows of inspection.item",
        info={"history": False, "history_of": "inspection.item"},
    )
    op.create_index(
        "ix_inspection_item_key",
        "inspection_item",
        ["item_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_inspection_item_load",
        "inspection_item",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_inspection_item_sealing",
        "inspection_item",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "inspection_rectification",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("rectification_id", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("finding_id", sa.BigInteger(), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=True),
        sa.Column("demand", sa.Text(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("room_class", sa.Text(), nullable=True),
        sa.Column("judged_on", sa.Date(), nullable=True),
        sa.Column("rechecked_on", sa.Date(), nullable=True),
        sa.Column("rechecked_version", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column("bureau_cell", sa.Integer(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_inspection_rectification")),
        schema="history",
        comment="Former rows of inspection.rectification",
        info={"history": False, "history_of": "inspection.rectification"},
    )
    op.create_index(
        "ix_inspection_rectification_key",
        "inspection_rectification",
        ["rectification_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_inspection_rectification_load",
        "inspection_rectification",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_inspection_rectification_sealing",
        "inspection_rectification",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "inspection_surplus",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("rectification_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("over_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_inspection_surplus")),
        schema="history",
        comment="Former rows of inspection.surplus",
        info={"history": False, "history_of": "inspection.surplus"},
    )
    op.create_index(
        "ix_inspection_surplus_key",
        "inspection_surplus",
        ["rectification_id", "version", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_inspection_surplus_load",
        "inspection_surplus",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_inspection_surplus_sealing",
        "inspection_surplus",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "inspection_term_rule",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("term_rule_id", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("day_kind", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("rule_source", sa.Text(), nullable=True),
        sa.Column("is_verified", sa.Boolean(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_inspection_term_rule")),
        schema="history",
        comment="Former rows of inspection.term_rule",
        info={"history": False, "history_of": "inspection.term_rule"},
    )
    op.create_index(
        "ix_inspection_term_rule_key",
        "inspection_term_rule",
        ["term_rule_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_inspection_term_rule_load",
        "inspection_term_rule",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_inspection_term_rule_sealing",
        "inspection_term_rule",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "inspection_visit",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("inspection_id", sa.BigInteger(), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("done_by", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_inspection_visit")),
        schema="history",
        comment="Former rows of inspection.visit",
        info={"history": False, "history_of": "inspection.visit"},
    )
    op.create_index(
        "ix_inspection_visit_key",
        "inspection_visit",
        ["visit_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_inspection_visit_load",
        "inspection_visit",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_inspection_visit_sealing",
        "inspection_visit",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "organization_headcount",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("headcount_id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("rank_code", sa.Text(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("counted_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_organization_headcount")),
        schema="history",
        comment="Former rows of organization.headcount",
        info={"history": False, "history_of": "organization.headcount"},
    )
    op.create_index(
        "ix_organization_headcount_key",
        "organization_headcount",
        ["headcount_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_organization_headcount_load",
        "organization_headcount",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_organization_headcount_sealing",
        "organization_headcount",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "organization_organization",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("credit_code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("short_name", sa.Text(), nullable=True),
        sa.Column("type_code", sa.Text(), nullable=True),
        sa.Column("category_code", sa.Text(), nullable=True),
        sa.Column("level_code", sa.Text(), nullable=True),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("admin_area_code", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("stated_on", sa.Date(), nullable=True),
        sa.Column("stated_days", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("load_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_organization_organization")),
        schema="history",
        comment="Former rows of organization.organization",
        info={"history": False, "history_of": "organization.organization"},
    )
    op.create_index(
        "ix_organization_organization_key",
        "organization_organization",
        ["organization_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_organization_organization_load",
        "organization_organization",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_organization_organization_sealing",
        "organization_organization",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "organization_organization_name",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("organization_name_id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_organization_organization_name")),
        schema="history",
        comment="Former rows of organization.organization_name",
        info={"history": False, "history_of": "organization.organization_name"},
    )
    op.create_index(
        "ix_organization_organization_name_key",
        "organization_organization_name",
        ["organization_name_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_organization_organization_name_load",
        "organization_organization_name",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_organization_organization_name_sealing",
        "organization_organization_name",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "organization_organization_register",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("organization_register_id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=True),
        sa.Column("register", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_organization_organization_register")),
        schema="history",
        comment="Former rows of organization.organization_register",
        info={"history": False, "history_of": "organization.organization_register"},
    )
    op.create_index(
        "ix_organization_organization_register_key",
        "organization_organization_register",
        ["organization_register_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_organization_organization_register_load",
        "organization_organization_register",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_organization_organization_register_sealing",
        "organization_organization_register",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "organization_organization_version",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("organization_version_id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("short_name", sa.Text(), nullable=True),
        sa.Column("type_code", sa.Text(), nullable=True),
        sa.Column("category_code", sa.Text(), nullable=True),
        sa.Column("level_code", sa.Text(), nullable=True),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("admin_area_code", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_organization_organization_version")),
        schema="history",
        comment="Former rows of organization.organization_version",
        info={"history": False, "history_of": "organization.organization_version"},
    )
    op.create_index(
        "ix_organization_organization_version_key",
        "organization_organization_version",
        ["organization_version_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_organization_organization_version_load",
        "organization_organization_version",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_organization_organization_version_sealing",
        "organization_organization_version",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "organization_post",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("rank_code", sa.Text(), nullable=True),
        sa.Column("holder_name", sa.Text(), nullable=True),
        sa.Column("person_key", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_organization_post")),
        schema="history",
        comment="Former rows of organization.post",
        info={"history": False, "history_of": "organization.post"},
    )
    op.create_index(
        "ix_organization_post_key",
        "organization_post",
        ["post_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_organization_post_load",
        "organization_post",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_organization_post_sealing",
        "organization_post",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "organization_succession",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("succession_id", sa.BigInteger(), nullable=False),
        sa.Column("from_organization_id", sa.BigInteger(), nullable=True),
        sa.Column("to_organization_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("share", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_organization_succession")),
        schema="history",
        comment="Former rows of organization.succession",
        info={"history": False, "history_of": "organization.succession"},
    )
    op.create_index(
        "ix_organization_succession_key",
        "organization_succession",
        ["succession_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_organization_succession_load",
        "organization_succession",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_organization_succession_sealing",
        "organization_succession",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_admin_area",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("statistics_code", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column("is_indicative", sa.Boolean(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_admin_area")),
        schema="history",
        comment="Former rows of place.admin_area",
        info={"history": False, "history_of": "place.admin_area"},
    )
    op.create_index(
        "ix_place_admin_area_key",
        "place_admin_area",
        ["code", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_admin_area_load",
        "place_admin_area",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_admin_area_sealing",
        "place_admin_area",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_admin_area_succession",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("from_code", sa.Text(), nullable=False),
        sa.Column("to_code", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_admin_area_succession")),
        schema="history",
        comment="Former rows of place.admin_area_succession",
        info={"history": False, "history_of": "place.admin_area_succession"},
    )
    op.create_index(
        "ix_place_admin_area_succession_key",
        "place_admin_area_succession",
        ["from_code", "to_code", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_admin_area_succession_load",
        "place_admin_area_succession",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_admin_area_succession_sealing",
        "place_admin_area_succession",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_area_measure",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("area_measure_id", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("area_kind", sa.Text(), nullable=True),
        sa.Column("area_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("measured_on", sa.Date(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_area_measure")),
        schema="history",
        comment="Former rows of place.area_measure",
        info={"history": False, "history_of": "place.area_measure"},
    )
    op.create_index(
        "ix_place_area_measure_key",
        "place_area_measure",
        ["area_measure_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_area_measure_load",
        "place_area_measure",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_area_measure_sealing",
        "place_area_measure",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_area_precedence",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("area_precedence_id", sa.BigInteger(), nullable=False),
        sa.Column("report", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("rank", sa.SmallInteger(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("rule_source", sa.Text(), nullable=True),
        sa.Column("is_verified", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_area_precedence")),
        schema="history",
        comment="Former rows of place.area_precedence",
        info={"history": False, "history_of": "place.area_precedence"},
    )
    op.create_index(
        "ix_place_area_precedence_key",
        "place_area_precedence",
        ["area_precedence_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_area_precedence_load",
        "place_area_precedence",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_area_precedence_sealing",
        "place_area_precedence",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_building",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("ownership_status", sa.Text(), nullable=True),
        sa.Column("is_leased_in", sa.Boolean(), nullable=True),
        sa.Column("is_centrally_managed", sa.Boolean(), nullable=True),
        sa.Column("year_built", sa.SmallInteger(), nullable=True),
        sa.Column("book_value_yuan", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("structure", sa.Text(), nullable=True),
        sa.Column("floors_above", sa.SmallInteger(), nullable=True),
        sa.Column("floors_below", sa.SmallInteger(), nullable=True),
        sa.Column("building_count", sa.Integer(), nullable=True),
        sa.Column("room_count", sa.Integer(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("land_right", sa.Text(), nullable=True),
        sa.Column("land_use", sa.Text(), nullable=True),
        sa.Column("height_m", sa.Numeric(precision=7, scale=2), nullable=True),
        sa.Column("housing_unit_count", sa.Integer(), nullable=True),
        sa.Column("population", sa.Text(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_building")),
        schema="history",
        comment="Former rows of place.building",
        info={"history": False, "history_of": "place.building"},
    )
    op.create_index(
        "ix_place_building_key",
        "place_building",
        ["place_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_building_load",
        "place_building",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_building_sealing",
        "place_building",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_column_precedence",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("column_precedence_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("winner", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("rule_source", sa.Text(), nullable=True),
        sa.Column("is_verified", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_column_precedence")),
        schema="history",
        comment="Former rows of place.column_precedence",
        info={"history": False, "history_of": "place.column_precedence"},
    )
    op.create_index(
        "ix_place_column_precedence_key",
        "place_column_precedence",
        ["column_precedence_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_column_precedence_load",
        "place_column_precedence",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_column_precedence_sealing",
        "place_column_precedence",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_edit",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("edit_id", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("undoes_edit_id", sa.BigInteger(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_edit")),
        schema="history",
        comment="Former rows of place.edit",
        info={"history": False, "history_of": "place.edit"},
    )
    op.create_index(
        "ix_place_edit_key", "place_edit", ["edit_id", "history_id"], unique=False, schema="history"
    )
    op.create_index(
        "ix_place_edit_load", "place_edit", ["history_load_id"], unique=False, schema="history"
    )
    op.create_index(
        "ix_place_edit_sealing",
        "place_edit",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_floor",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=True),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_floor")),
        schema="history",
        comment="Former rows of place.floor",
        info={"history": False, "history_of": "place.floor"},
    )
    op.create_index(
        "ix_place_floor_key",
        "place_floor",
        ["place_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_floor_load", "place_floor", ["history_load_id"], unique=False, schema="history"
    )
    op.create_index(
        "ix_place_floor_sealing",
        "place_floor",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_former_parent",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("former_parent_id", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_former_parent")),
        schema="history",
        comment="Former rows of place.former_parent",
        info={"history": False, "history_of": "place.former_parent"},
    )
    op.create_index(
        "ix_place_former_parent_key",
        "place_former_parent",
        ["former_parent_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_former_parent_load",
        "place_former_parent",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_former_parent_sealing",
        "place_former_parent",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_housing_unit",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("floor_level", sa.SmallInteger(), nullable=True),
        sa.Column("tenure", sa.Text(), nullable=True),
        sa.Column("layout", sa.Text(), nullable=True),
        sa.Column("estate_name", sa.Text(), nullable=True),
        sa.Column("building_label", sa.Text(), nullable=True),
        sa.Column("section_label", sa.Text(), nullable=True),
        sa.Column("structure", sa.Text(), nullable=True),
        sa.Column("year_built", sa.SmallInteger(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_housing_unit")),
        schema="history",
        comment="Former rows of place.housing_unit",
        info={"history": False, "history_of": "place.housing_unit"},
    )
    op.create_index(
        "ix_place_housing_unit_key",
        "place_housing_unit",
        ["place_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_housing_unit_load",
        "place_housing_unit",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_housing_unit_sealing",
        "place_housing_unit",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_identifier",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("identifier_id", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("scheme", sa.Text(), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_identifier")),
        schema="history",
        comment="Former rows of place.identifier",
        info={"history": False, "history_of": "place.identifier"},
    )
    op.create_index(
        "ix_place_identifier_key",
        "place_identifier",
        ["identifier_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_identifier_load",
        "place_identifier",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_identifier_sealing",
        "place_identifier",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_lineage",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("from_place_id", sa.BigInteger(), nullable=False),
        sa.Column("to_place_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_lineage")),
        schema="history",
        comment="Former rows of place.lineage",
        info={"history": False, "history_of": "place.lineage"},
    )
    op.create_index(
        "ix_place_lineage_key",
        "place_lineage",
        ["from_place_id", "to_place_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_lineage_load",
        "place_lineage",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_lineage_sealing",
        "place_lineage",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_metering_point",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=True),
        sa.Column("meter_number", sa.Text(), nullable=True),
        sa.Column("is_main", sa.Boolean(), nullable=True),
        sa.Column("parent_number", sa.Text(), nullable=True),
        sa.Column("account_number", sa.Text(), nullable=True),
        sa.Column("energy_use", sa.Text(), nullable=True),
        sa.Column("reading_unit", sa.Text(), nullable=True),
        sa.Column("multiplier", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("installed_on", sa.Date(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_metering_point")),
        schema="history",
        comment="Former rows of place.metering_point",
        info={"history": False, "history_of": "place.metering_point"},
    )
    op.create_index(
        "ix_place_metering_point_key",
        "place_metering_point",
        ["place_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_metering_point_load",
        "place_metering_point",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_metering_point_sealing",
        "place_metering_point",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_parcel",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("land_right", sa.Text(), nullable=True),
        sa.Column("land_use", sa.Text(), nullable=True),
        sa.Column("right_starts_on", sa.Date(), nullable=True),
        sa.Column("right_ends_on", sa.Date(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_parcel")),
        schema="history",
        comment="Former rows of place.parcel",
        info={"history": False, "history_of": "place.parcel"},
    )
    op.create_index(
        "ix_place_parcel_key",
        "place_parcel",
        ["place_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_parcel_load", "place_parcel", ["history_load_id"], unique=False, schema="history"
    )
    op.create_index(
        "ix_place_parcel_sealing",
        "place_parcel",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_photo",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("photo_id", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("caption", sa.Text(), nullable=True),
        sa.Column("taken_on", sa.Date(), nullable=True),
        sa.Column("file_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("width_px", sa.Integer(), nullable=True),
        sa.Column("height_px", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_photo")),
        schema="history",
        comment="Former rows of place.photo",
        info={"history": False, "history_of": "place.photo"},
    )
    op.create_index(
        "ix_place_photo_key",
        "place_photo",
        ["photo_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_photo_load", "place_photo", ["history_load_id"], unique=False, schema="history"
    )
    op.create_index(
        "ix_place_photo_sealing",
        "place_photo",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_place",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("parent_kind", sa.Text(), nullable=True),
        sa.Column("admin_area_code", sa.Text(), nullable=True),
        sa.Column("stated_admin_area_code", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column(
            "anchor",
            Geometry(
                geometry_type="POINT",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column("located_by", sa.Text(), nullable=True),
        sa.Column("geom_source", sa.Text(), nullable=True),
        sa.Column("geom_accuracy_m", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("use_status", sa.Text(), nullable=True),
        sa.Column("steward_id", sa.BigInteger(), nullable=True),
        sa.Column("security_class", sa.SmallInteger(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("stated_on", sa.Date(), nullable=True),
        sa.Column("load_id", sa.BigInteger(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_place")),
        schema="history",
        comment="Former rows of place.place",
        info={"history": False, "history_of": "place.place"},
    )
    op.create_index(
        "ix_place_place_key",
        "place_place",
        ["place_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_place_load", "place_place", ["history_load_id"], unique=False, schema="history"
    )
    op.create_index(
        "ix_place_place_sealing",
        "place_place",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_place_version",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("place_version_id", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("use_status", sa.Text(), nullable=True),
        sa.Column("steward_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("room_class", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_place_version")),
        schema="history",
        comment="Former rows of place.place_version",
        info={"history": False, "history_of": "place.place_version"},
    )
    op.create_index(
        "ix_place_place_version_key",
        "place_place_version",
        ["place_version_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_place_version_load",
        "place_place_version",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_place_version_sealing",
        "place_place_version",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_placement",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("former_admin_area_code", sa.Text(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_placement")),
        schema="history",
        comment="Former rows of place.placement",
        info={"history": False, "history_of": "place.placement"},
    )
    op.create_index(
        "ix_place_placement_key",
        "place_placement",
        ["place_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_placement_load",
        "place_placement",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_placement_sealing",
        "place_placement",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_protected_value",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("protected_value_id", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("protected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_protected_value")),
        schema="history",
        comment="Former rows of place.protected_value",
        info={"history": False, "history_of": "place.protected_value"},
    )
    op.create_index(
        "ix_place_protected_value_key",
        "place_protected_value",
        ["protected_value_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_protected_value_load",
        "place_protected_value",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_protected_value_sealing",
        "place_protected_value",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_room",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("room_class", sa.Text(), nullable=True),
        sa.Column("room_use", sa.Text(), nullable=True),
        sa.Column("floor_level", sa.SmallInteger(), nullable=True),
        sa.Column("floor_label", sa.Text(), nullable=True),
        sa.Column("post_name", sa.Text(), nullable=True),
        sa.Column("post_rank", sa.Text(), nullable=True),
        sa.Column("is_shared", sa.Boolean(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_room")),
        schema="history",
        comment="Former rows of place.room",
        info={"history": False, "history_of": "place.room"},
    )
    op.create_index(
        "ix_place_room_key",
        "place_room",
        ["place_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_room_load", "place_room", ["history_load_id"], unique=False, schema="history"
    )
    op.create_index(
        "ix_place_room_sealing",
        "place_room",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_secrecy",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("marked_on", sa.Date(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_secrecy")),
        schema="history",
        comment="Former rows of place.secrecy",
        info={"history": False, "history_of": "place.secrecy"},
    )
    op.create_index(
        "ix_place_secrecy_key",
        "place_secrecy",
        ["place_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_secrecy_load",
        "place_secrecy",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_secrecy_sealing",
        "place_secrecy",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_section",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("floors_above", sa.SmallInteger(), nullable=True),
        sa.Column("unit_count", sa.Integer(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_section")),
        schema="history",
        comment="Former rows of place.section",
        info={"history": False, "history_of": "place.section"},
    )
    op.create_index(
        "ix_place_section_key",
        "place_section",
        ["place_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_section_load",
        "place_section",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_section_sealing",
        "place_section",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_site",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("ownership_status", sa.Text(), nullable=True),
        sa.Column("is_leased_in", sa.Boolean(), nullable=True),
        sa.Column("is_centrally_managed", sa.Boolean(), nullable=True),
        sa.Column("year_built", sa.SmallInteger(), nullable=True),
        sa.Column("book_value_yuan", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("population", sa.Text(), nullable=True),
        sa.Column("structure", sa.Text(), nullable=True),
        sa.Column("floors_above", sa.SmallInteger(), nullable=True),
        sa.Column("floors_below", sa.SmallInteger(), nullable=True),
        sa.Column("building_count", sa.Integer(), nullable=True),
        sa.Column("room_count", sa.Integer(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("land_right", sa.Text(), nullable=True),
        sa.Column("land_use", sa.Text(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_site")),
        schema="history",
        comment="Former rows of place.site",
        info={"history": False, "history_of": "place.site"},
    )
    op.create_index(
        "ix_place_site_key",
        "place_site",
        ["place_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_site_load", "place_site", ["history_load_id"], unique=False, schema="history"
    )
    op.create_index(
        "ix_place_site_sealing",
        "place_site",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_site_parcel",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_site_parcel")),
        schema="history",
        comment="Former rows of place.site_parcel",
        info={"history": False, "history_of": "place.site_parcel"},
    )
    op.create_index(
        "ix_place_site_parcel_key",
        "place_site_parcel",
        ["site_id", "parcel_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_site_parcel_load",
        "place_site_parcel",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_site_parcel_sealing",
        "place_site_parcel",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_stated_days",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("days", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_stated_days")),
        schema="history",
        comment="Former rows of place.stated_days",
        info={"history": False, "history_of": "place.stated_days"},
    )
    op.create_index(
        "ix_place_stated_days_key",
        "place_stated_days",
        ["place_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_stated_days_load",
        "place_stated_days",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_stated_days_sealing",
        "place_stated_days",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_structure",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("use", sa.Text(), nullable=True),
        sa.Column("ownership_status", sa.Text(), nullable=True),
        sa.Column("structure", sa.Text(), nullable=True),
        sa.Column("year_built", sa.SmallInteger(), nullable=True),
        sa.Column("height_m", sa.Numeric(precision=7, scale=2), nullable=True),
        sa.Column("length_m", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("book_value_yuan", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_structure")),
        schema="history",
        comment="Former rows of place.structure",
        info={"history": False, "history_of": "place.structure"},
    )
    op.create_index(
        "ix_place_structure_key",
        "place_structure",
        ["place_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_structure_load",
        "place_structure",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_structure_sealing",
        "place_structure",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_term",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("parent_term", sa.Text(), nullable=True),
        sa.Column("title_zh", sa.Text(), nullable=True),
        sa.Column("title_en", sa.Text(), nullable=True),
        sa.Column("sort_order", sa.SmallInteger(), nullable=True),
        sa.Column("colour", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("is_verified", sa.Boolean(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_term")),
        schema="history",
        comment="Former rows of place.term",
        info={"history": False, "history_of": "place.term"},
    )
    op.create_index(
        "ix_place_term_key",
        "place_term",
        ["list", "term", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_term_load", "place_term", ["history_load_id"], unique=False, schema="history"
    )
    op.create_index(
        "ix_place_term_sealing",
        "place_term",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_title",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("title_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("owner_name", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("stated_on", sa.Date(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_title")),
        schema="history",
        comment="Former rows of place.title",
        info={"history": False, "history_of": "place.title"},
    )
    op.create_index(
        "ix_place_title_key",
        "place_title",
        ["title_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_title_load", "place_title", ["history_load_id"], unique=False, schema="history"
    )
    op.create_index(
        "ix_place_title_sealing",
        "place_title",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_title_place",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("title_id", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("share_kind", sa.Text(), nullable=False),
        sa.Column("area_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_title_place")),
        schema="history",
        comment="Former rows of place.title_place",
        info={"history": False, "history_of": "place.title_place"},
    )
    op.create_index(
        "ix_place_title_place_key",
        "place_title_place",
        ["title_id", "place_id", "share_kind", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_title_place_load",
        "place_title_place",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_title_place_sealing",
        "place_title_place",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_zone",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("zone_type", sa.Text(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_zone")),
        schema="history",
        comment="Former rows of place.zone",
        info={"history": False, "history_of": "place.zone"},
    )
    op.create_index(
        "ix_place_zone_key",
        "place_zone",
        ["place_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_zone_load", "place_zone", ["history_load_id"], unique=False, schema="history"
    )
    op.create_index(
        "ix_place_zone_sealing",
        "place_zone",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "place_zone_member",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("zone_id", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("share", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("area_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_place_zone_member")),
        schema="history",
        comment="Former rows of place.zone_member",
        info={"history": False, "history_of": "place.zone_member"},
    )
    op.create_index(
        "ix_place_zone_member_key",
        "place_zone_member",
        ["zone_id", "place_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_zone_member_load",
        "place_zone_member",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_place_zone_member_sealing",
        "place_zone_member",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "redeployment_plan",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=True),
        sa.Column("is_shared", sa.Boolean(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column("merged_on", sa.Date(), nullable=True),
        sa.Column("merged_edit_ids", sa.ARRAY(sa.BigInteger()), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("bureau_cell", sa.Integer(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_redeployment_plan")),
        schema="history",
        comment="Former rows of redeployment.plan",
        info={"history": False, "history_of": "redeployment.plan"},
    )
    op.create_index(
        "ix_redeployment_plan_key",
        "redeployment_plan",
        ["plan_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_redeployment_plan_load",
        "redeployment_plan",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_redeployment_plan_sealing",
        "redeployment_plan",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "redeployment_plan_room",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("plan_room_id", sa.BigInteger(), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=True),
        sa.Column("step", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("place_title", sa.Text(), nullable=True),
        sa.Column("seen_version", sa.Text(), nullable=True),
        sa.Column("stood", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("wanted", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("released_to", sa.Text(), nullable=True),
        sa.Column("receiver_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_redeployment_plan_room")),
        schema="history",
        comment="Former rows of redeployment.plan_room",
        info={"history": False, "history_of": "redeployment.plan_room"},
    )
    op.create_index(
        "ix_redeployment_plan_room_key",
        "redeployment_plan_room",
        ["plan_room_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_redeployment_plan_room_load",
        "redeployment_plan_room",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_redeployment_plan_room_sealing",
        "redeployment_plan_room",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "requests_document",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_requests_document")),
        schema="history",
        comment="Former rows of requests.document",
        info={"history": False, "history_of": "requests.document"},
    )
    op.create_index(
        "ix_requests_document_key",
        "requests_document",
        ["document_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_requests_document_load",
        "requests_document",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_requests_document_sealing",
        "requests_document",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "requests_request",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("item", sa.Text(), nullable=True),
        sa.Column("first_item", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("needed_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("posts", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("rank_code", sa.Text(), nullable=True),
        sa.Column("old_rooms", sa.Text(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("admin_area_code", sa.Text(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("radius_m", sa.Integer(), nullable=True),
        sa.Column("amount_yuan", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("budget_yuan", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("budget_document", sa.Text(), nullable=True),
        sa.Column("project_name", sa.Text(), nullable=True),
        sa.Column("project_address", sa.Text(), nullable=True),
        sa.Column("other_ways_reason", sa.Text(), nullable=True),
        sa.Column("other_ways_document", sa.Text(), nullable=True),
        sa.Column("classified_document", sa.Text(), nullable=True),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_by", sa.BigInteger(), nullable=True),
        sa.Column("decision_document", sa.Text(), nullable=True),
        sa.Column("given_edit_ids", sa.ARRAY(sa.BigInteger()), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("bureau_cell", sa.Integer(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_requests_request")),
        schema="history",
        comment="Former rows of requests.request",
        info={"history": False, "history_of": "requests.request"},
    )
    op.create_index(
        "ix_requests_request_key",
        "requests_request",
        ["request_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_requests_request_load",
        "requests_request",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_requests_request_sealing",
        "requests_request",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "requests_request_place",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("request_place_id", sa.BigInteger(), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=True),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("part", sa.Text(), nullable=True),
        sa.Column("place_title", sa.Text(), nullable=True),
        sa.Column("area_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("distance_m", sa.Integer(), nullable=True),
        sa.Column("vacant_since", sa.Date(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answer_reason", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_requests_request_place")),
        schema="history",
        comment="Former rows of requests.request_place",
        info={"history": False, "history_of": "requests.request_place"},
    )
    op.create_index(
        "ix_requests_request_place_key",
        "requests_request_place",
        ["request_place_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_requests_request_place_load",
        "requests_request_place",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_requests_request_place_sealing",
        "requests_request_place",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "requests_room_return",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("room_return_id", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("place_title", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("began_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("rule_source", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("request_id", sa.BigInteger(), nullable=True),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_requests_room_return")),
        schema="history",
        comment="Former rows of requests.room_return",
        info={"history": False, "history_of": "requests.room_return"},
    )
    op.create_index(
        "ix_requests_room_return_key",
        "requests_room_return",
        ["room_return_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_requests_room_return_load",
        "requests_room_return",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_requests_room_return_sealing",
        "requests_room_return",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "rights_account",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=True),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("provider_subject", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_rights_account")),
        schema="history",
        comment="Former rows of rights.account",
        info={"history": False, "history_of": "rights.account"},
    )
    op.create_index(
        "ix_rights_account_key",
        "rights_account",
        ["account_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_rights_account_load",
        "rights_account",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_rights_account_sealing",
        "rights_account",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "rights_grant",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("grant_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=True),
        sa.Column("admin_area_code", sa.Text(), nullable=True),
        sa.Column("max_security_class", sa.SmallInteger(), nullable=True),
        sa.Column("domain", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("needs_second", sa.Boolean(), nullable=True),
        sa.Column("confirmed_by", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_rights_grant")),
        schema="history",
        comment="Former rows of rights.grant",
        info={"history": False, "history_of": "rights.grant"},
    )
    op.create_index(
        "ix_rights_grant_key",
        "rights_grant",
        ["grant_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_rights_grant_load", "rights_grant", ["history_load_id"], unique=False, schema="history"
    )
    op.create_index(
        "ix_rights_grant_sealing",
        "rights_grant",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "rights_role",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("can_write", sa.Boolean(), nullable=True),
        sa.Column("is_office", sa.Boolean(), nullable=True),
        sa.Column("sees_rows", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_rights_role")),
        schema="history",
        comment="Former rows of rights.role",
        info={"history": False, "history_of": "rights.role"},
    )
    op.create_index(
        "ix_rights_role_key", "rights_role", ["role", "history_id"], unique=False, schema="history"
    )
    op.create_index(
        "ix_rights_role_load", "rights_role", ["history_load_id"], unique=False, schema="history"
    )
    op.create_index(
        "ix_rights_role_sealing",
        "rights_role",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "seal",
        sa.Column(
            "seal_id", sa.Integer(), autoincrement=False, nullable=False, comment="1, 2, 3 …"
        ),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "key_id",
            sa.Text(),
            nullable=False,
            comment="Which key; the key itself is in no database",
        ),
        sa.Column(
            "epoch",
            sa.Integer(),
            nullable=False,
            comment="Numbers of transactions begin anew where a backup is restored: then a new epoch",
        ),
        sa.Column(
            "from_transaction", sa.BigInteger(), nullable=False, comment="The first it covers"
        ),
        sa.Column(
            "before_transaction",
            sa.BigInteger(),
            nullable=True,
            comment="The first it no longer covers; null: all the rest of its epoch",
        ),
        sa.Column(
            "above",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="By table: its lines are numbered above",
        ),
        sa.Column(
            "lines",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="By table: how many lines, of which digest",
        ),
        sa.Column(
            "erased_until",
            sa.BigInteger(),
            nullable=False,
            comment="Newest erasure when it was made; later ones took lines it counted",
        ),
        sa.Column(
            "mac",
            sa.LargeBinary(),
            nullable=False,
            comment="HMAC-SHA256 of all of this and of the seal before",
        ),
        sa.PrimaryKeyConstraint("seal_id", name=op.f("pk_seal")),
        schema="history",
        comment="Digests of history lines of finished transactions, chained by a key kept elsewhere",
        info={"history": False},
    )
    op.create_table(
        "services_attachment",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("attachment_id", sa.BigInteger(), nullable=False),
        sa.Column("workflow", sa.Text(), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_services_attachment")),
        schema="history",
        comment="Former rows of services.attachment",
        info={"history": False, "history_of": "services.attachment"},
    )
    op.create_index(
        "ix_services_attachment_key",
        "services_attachment",
        ["attachment_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_services_attachment_load",
        "services_attachment",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_services_attachment_sealing",
        "services_attachment",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "services_frozen_report",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("frozen_report_id", sa.BigInteger(), nullable=False),
        sa.Column("report", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("snapshot", sa.Text(), nullable=True),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("figure_count", sa.Integer(), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_services_frozen_report")),
        schema="history",
        comment="Former rows of services.frozen_report",
        info={"history": False, "history_of": "services.frozen_report"},
    )
    op.create_index(
        "ix_services_frozen_report_key",
        "services_frozen_report",
        ["frozen_report_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_services_frozen_report_load",
        "services_frozen_report",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_services_frozen_report_sealing",
        "services_frozen_report",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "space_standard",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("history_operation", sa.String(length=1), nullable=False, comment="I, U or D"),
        sa.Column("history_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_account_id", sa.BigInteger(), nullable=True),
        sa.Column("history_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "history_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the row after; null if deleted",
        ),
        sa.Column("standard_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("level_code", sa.Text(), nullable=True),
        sa.Column("rank_code", sa.Text(), nullable=True),
        sa.Column("from_count", sa.Numeric(), nullable=True),
        sa.Column("to_count", sa.Numeric(), nullable=True),
        sa.Column("value", sa.Numeric(), nullable=True),
        sa.Column("value_beyond", sa.Numeric(), nullable=True),
        sa.Column("cap", sa.Numeric(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("rule_source", sa.Text(), nullable=True),
        sa.Column("clause", sa.Text(), nullable=True),
        sa.Column("source_url", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("is_confirmation", sa.Boolean(), nullable=True),
        sa.Column("is_verified", sa.Boolean(), nullable=True),
        sa.Column("compared_by", sa.BigInteger(), nullable=True),
        sa.Column("compared_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("set_by", sa.BigInteger(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rights_cell", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_space_standard")),
        schema="history",
        comment="Former rows of space.standard",
        info={"history": False, "history_of": "space.standard"},
    )
    op.create_index(
        "ix_space_standard_key",
        "space_standard",
        ["standard_id", "history_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_space_standard_load",
        "space_standard",
        ["history_load_id"],
        unique=False,
        schema="history",
    )
    op.create_index(
        "ix_space_standard_sealing",
        "space_standard",
        ["history_transaction_id"],
        unique=False,
        schema="history",
        postgresql_using="brin",
    )
    op.create_table(
        "body_text",
        sa.Column("organization_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("field", sa.Text(), nullable=False, comment="name, former_name, code or pinyin"),
        sa.Column("written", sa.Text(), nullable=False, comment="As the directory writes it"),
        sa.Column(
            "text",
            sa.Text(),
            nullable=False,
            comment="As place.normalised makes it; or its initials",
        ),
        sa.PrimaryKeyConstraint("organization_id", "field", "written", name=op.f("pk_body_text")),
        schema="organization",
        comment="Derived: what people type to find a body; no foreign key, as with all that is derived",
        info={"history": False},
    )
    op.create_index(
        "ix_body_text_text",
        "body_text",
        ["text"],
        unique=False,
        schema="organization",
        postgresql_ops={"text": "text_pattern_ops"},
    )
    op.create_table(
        "headcount_total",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.Column(
            "is_of_one_cell",
            sa.Boolean(),
            nullable=False,
            comment="False: the body's counts of the kind are of several cells; add up what is seen",
        ),
        sa.Column("people", sa.Integer(), nullable=True, comment="Null: is_of_one_cell is false"),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="First day with a newer count"),
        schema="organization",
        comment="Derived: how many people of a kind a body has by its newest count, day by day",
        info={"history": False, "is_sum": True},
    )
    op.create_index(
        "ix_headcount_total_organization_id",
        "headcount_total",
        ["organization_id"],
        unique=False,
        schema="organization",
    )
    op.create_table(
        "admin_area",
        sa.Column(
            "code", sa.Text(), nullable=False, comment="GB/T 2260 where there is one, else ours"
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "level", sa.Text(), nullable=False, comment="province, city, district, town or village"
        ),
        sa.Column("kind", sa.Text(), server_default=sa.text("'statutory'"), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column(
            "statistics_code",
            sa.Text(),
            nullable=True,
            comment="Under which statutory code a functional area is counted",
        ),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column(
            "is_indicative",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="示意边界: not an official boundary; maps say so, reports do not cite it",
        ),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="First day it no longer holds"),
        sa.CheckConstraint("kind IN ('statutory', 'functional')", name=op.f("ck_admin_area_kind")),
        sa.CheckConstraint(
            "level IN ('province', 'city', 'district', 'town', 'village')",
            name=op.f("ck_admin_area_level"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_code"],
            ["place.admin_area.code"],
            name=op.f("fk_admin_area_parent_code"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_admin_area")),
        schema="place",
        comment="Administrative areas with their dates and boundaries",
    )
    op.create_index(
        "ix_admin_area_geom",
        "admin_area",
        ["geom"],
        unique=False,
        schema="place",
        postgresql_using="gist",
    )
    op.create_table(
        "area_precedence",
        sa.Column("area_precedence_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "report", sa.Text(), nullable=False, comment="`*` is every report without its own rows"
        ),
        sa.Column("source", sa.Text(), nullable=False, comment="Who measured"),
        sa.Column("rank", sa.SmallInteger(), nullable=False, comment="The lowest rank counts"),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="First day it no longer holds"),
        sa.Column(
            "rule_source", sa.Text(), nullable=True, comment="Document and clause it comes from"
        ),
        sa.Column("is_verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("report"), "="),
            (sa.column("rank"), "="),
            (sa.text("daterange(valid_from, valid_to)"), "&&"),
            using="gist",
            name="ex_area_precedence_rank",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("report"), "="),
            (sa.column("source"), "="),
            (sa.text("daterange(valid_from, valid_to)"), "&&"),
            using="gist",
            name="ex_area_precedence_source",
        ),
        sa.CheckConstraint(
            "source IN ('certificate', 'survey', 'drawing', 'declared', 'polygon')",
            name=op.f("ck_area_precedence_source"),
        ),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_area_precedence_dates")),
        sa.PrimaryKeyConstraint("area_precedence_id", name=op.f("pk_area_precedence")),
        schema="place",
        comment="Which source of an area counts, on which days, for which report",
    )
    op.create_table(
        "column_precedence",
        sa.Column(
            "column_precedence_id", sa.BigInteger(), sa.Identity(always=False), nullable=False
        ),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="Kind of sheet or saved profile; `*` is every one without its own",
        ),
        sa.Column("field", sa.Text(), nullable=False, comment="Column of the place or of its kind"),
        sa.Column(
            "winner",
            sa.Text(),
            nullable=False,
            comment="new: what the file says; known: what stands",
        ),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="First day it no longer holds"),
        sa.Column(
            "rule_source", sa.Text(), nullable=True, comment="Document and clause it comes from"
        ),
        sa.Column("is_verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("source"), "="),
            (sa.column("field"), "="),
            (sa.text("daterange(valid_from, valid_to)"), "&&"),
            using="gist",
            name="ex_column_precedence_one_at_a_time",
        ),
        sa.CheckConstraint("winner IN ('new', 'known')", name=op.f("ck_column_precedence_winner")),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_column_precedence_dates")),
        sa.PrimaryKeyConstraint("column_precedence_id", name=op.f("pk_column_precedence")),
        schema="place",
        comment="Who wins where a file and the register differ, by column, on which days",
    )
    op.create_table(
        "counted_area",
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("area_kind", sa.Text(), nullable=False),
        sa.Column(
            "area_m2",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="The figure that counts; null: only children have",
        ),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column(
            "net_area_m2",
            sa.Numeric(precision=14, scale=2),
            nullable=False,
            comment="The figure less what its descendants count: sums over any set, once each",
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.PrimaryKeyConstraint("place_id", "area_kind", name=op.f("pk_counted_area")),
        schema="place",
        comment="Derived: which area counts, and how much of it is not already in a descendant",
        info={"history": False},
    )
    op.create_table(
        "counted_by",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_counted_by")),
        schema="place",
        comment="Derived: the rules of `area_precedence` by which `counted_area` was made",
        info={"history": False},
    )
    op.create_table(
        "kind",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "is_estate",
            sa.Boolean(),
            nullable=False,
            comment="Whether areas of this kind are estate",
        ),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_kind")),
        schema="place",
        comment="Kinds of place; a domain that brings a kind adds a row",
        info={"history": False},
    )
    op.create_table(
        "search_posting",
        sa.Column("search_posting_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "bigram", sa.Text(), nullable=False, comment="Two neighbouring characters of a text"
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.Column("place_count", sa.Integer(), nullable=False),
        sa.Column("place_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.PrimaryKeyConstraint("search_posting_id", name=op.f("pk_search_posting")),
        schema="place",
        comment="Derived: places whose texts hold a pair of characters; may name places that no longer do, so every candidate is compared with its text",
        info={"history": False},
    )
    op.create_index(
        "ix_search_posting_bigram",
        "search_posting",
        ["bigram", "rights_cell"],
        unique=False,
        schema="place",
        postgresql_include=["place_count"],
        postgresql_ops={"bigram": "text_pattern_ops"},
    )
    op.create_table(
        "search_text",
        sa.Column("place_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "field",
            sa.Text(),
            nullable=False,
            comment="name, holder, address, identifier, title or pinyin",
        ),
        sa.Column("text", sa.Text(), nullable=False, comment="As place.normalised makes it"),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.PrimaryKeyConstraint("place_id", "field", "text", name=op.f("pk_search_text")),
        schema="place",
        comment="Derived: what people type to find a place",
        info={"history": False},
    )
    op.create_index(
        "ix_search_text_text",
        "search_text",
        ["text"],
        unique=False,
        schema="place",
        postgresql_ops={"text": "text_pattern_ops"},
    )
    op.create_table(
        "stale_drawing",
        sa.Column("stale_drawing_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("place_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.PrimaryKeyConstraint("stale_drawing_id", name=op.f("pk_stale_drawing")),
        schema="place",
        comment="Places a running transaction must draw again before it commits; else empty",
        info={"history": False},
    )
    op.create_table(
        "stale_square",
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("x", sa.Integer(), nullable=False, comment="Longitude times that, rounded down"),
        sa.Column("y", sa.Integer(), nullable=False, comment="Latitude times that, rounded down"),
        sa.PrimaryKeyConstraint("transaction_id", "x", "y", name=op.f("pk_stale_square")),
        schema="place",
        comment="Finest squares in which something changed since their sums were made",
        info={"history": False},
    )
    op.create_table(
        "summed_square",
        sa.Column("per_degree", sa.SmallInteger(), nullable=False, comment="Squares a degree"),
        sa.Column("x", sa.Integer(), nullable=False, comment="Longitude times that, rounded down"),
        sa.Column("y", sa.Integer(), nullable=False, comment="Latitude times that, rounded down"),
        sa.Column("holds_from", sa.Date(), nullable=False),
        sa.Column(
            "holds_until", sa.Date(), nullable=False, comment="First day its sums no longer hold"
        ),
        sa.Column(
            "past_from",
            sa.Date(),
            nullable=False,
            comment="First past day they tell; infinity: none",
        ),
        sa.Column(
            "shapes_hold",
            sa.Boolean(),
            nullable=False,
            comment="Whether every shape in it holds its anchor",
        ),
        sa.Column(
            "reach",
            Geometry(
                geometry_type="POLYGON",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Box of the square and of all shapes whose anchors lie in it",
        ),
        sa.Column(
            "trees_mix",
            sa.SmallInteger(),
            nullable=False,
            comment="Each place and its parts are 0: of one cell, 1: of one district and class, 2: not",
        ),
        sa.PrimaryKeyConstraint("per_degree", "x", "y", name=op.f("pk_summed_square")),
        schema="place",
        comment="Derived: squares with located places, whose sums are kept, and for which days",
        info={"history": False},
    )
    op.create_table(
        "term",
        sa.Column("list", sa.Text(), nullable=False, comment="Which vocabulary"),
        sa.Column("term", sa.Text(), nullable=False, comment="The code other tables hold"),
        sa.Column("parent_term", sa.Text(), nullable=True),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("sort_order", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "colour", sa.Text(), nullable=True, comment="How maps and charts draw it, #rrggbb"
        ),
        sa.Column("source", sa.Text(), nullable=True, comment="Document and clause it comes from"),
        sa.Column("is_verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="First day it no longer holds"),
        sa.PrimaryKeyConstraint("list", "term", name=op.f("pk_term")),
        schema="place",
        comment="Controlled vocabularies of the country pack: ranks, uses, states, levels",
    )
    op.create_table(
        "domain",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column(
            "keeps_places",
            sa.Boolean(),
            nullable=False,
            comment="Places and bodies themselves are its to write",
        ),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_domain")),
        schema="rights",
        comment="The registered domains, which a grant may be confined to",
        info={"history": False},
    )
    op.create_table(
        "pending_change",
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("transaction_id", name=op.f("pk_pending_change")),
        schema="rights",
        comment="Transactions that changed data and have not committed; empty between them",
        info={"history": False},
    )
    op.create_table(
        "role",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("can_write", sa.Boolean(), nullable=False),
        sa.Column(
            "is_office",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Of those who administer others: it shows nothing of the register",
        ),
        sa.Column(
            "sees_rows",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Else it gives figures of whole districts, and no place",
        ),
        sa.PrimaryKeyConstraint("role", name=op.f("pk_role")),
        schema="rights",
        comment="What a grant lets do within its cells",
    )
    op.create_table(
        "scope",
        sa.Column("scope_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("grants_digest", sa.LargeBinary(), nullable=False),
        sa.Column(
            "cell_bits",
            postgresql.BIT(varying=True),
            nullable=True,
            comment="The cells it reaches once more: bit n stands for cell n; null: none",
        ),
        sa.PrimaryKeyConstraint("scope_id", name=op.f("pk_scope")),
        sa.UniqueConstraint("grants_digest", name=op.f("uq_scope_grants_digest")),
        schema="rights",
        comment="One distinct set of grants, shared by the accounts that hold exactly these",
        info={"history": False},
    )
    op.create_table(
        "sign_in_failure",
        sa.Column(
            "subject",
            sa.LargeBinary(),
            nullable=False,
            comment="SHA-256 of account name or address",
        ),
        sa.Column("failed_count", sa.Integer(), nullable=False),
        sa.Column("last_failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "locked_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Nothing is tried before; null: open",
        ),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_sign_in_failure")),
        schema="rights",
        comment="Attempts that failed in a row, by account name, known or not, and by address",
        info={"history": False},
    )
    op.create_index(
        "ix_sign_in_failure_last_failed_at",
        "sign_in_failure",
        ["last_failed_at"],
        unique=False,
        schema="rights",
    )
    op.create_table(
        "sign_in_secret",
        sa.Column("is_only_row", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column(
            "decoy",
            sa.LargeBinary(),
            server_default=sa.text(
                "sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))"
            ),
            nullable=False,
            comment="Makes the salt that an unknown name is answered with",
        ),
        sa.CheckConstraint("is_only_row", name=op.f("ck_sign_in_secret_is_only_row")),
        sa.PrimaryKeyConstraint("is_only_row", name=op.f("pk_sign_in_secret")),
        schema="rights",
        comment="One random value of this database, so that unknown names answer like known ones",
        info={"history": False},
    )
    op.create_table(
        "used_nonce",
        sa.Column("nonce_digest", sa.LargeBinary(), nullable=False),
        sa.Column(
            "used_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("nonce_digest", name=op.f("pk_used_nonce")),
        schema="rights",
        comment="What a provider's answers were asked with, so that none is taken twice; for a day",
        info={"history": False},
    )
    op.create_table(
        "version",
        sa.Column("is_only_row", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("data_version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("rights_version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "areas_settled_on",
            sa.Date(),
            nullable=True,
            comment="The day by whose administrative areas rights go",
        ),
        sa.Column(
            "grants_settled_on",
            sa.Date(),
            nullable=True,
            comment="The day by whose dated grants rights go",
        ),
        sa.CheckConstraint("is_only_row", name=op.f("ck_version_is_only_row")),
        sa.PrimaryKeyConstraint("is_only_row", name=op.f("pk_version")),
        schema="rights",
        comment="Counters that caches are keyed by, and what they stand for",
        info={"history": False},
    )
    op.create_table(
        "attachment_content",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column(
            "kept_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint("sha256 = sha256(content)", name=op.f("ck_attachment_content_sha256")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_attachment_content")),
        schema="services",
        comment="The files that are attached, each one once; functions of the owner hand them out",
        info={"history": False},
    )
    op.create_table(
        "confirmation",
        sa.Column("session_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("content_sha256", sa.LargeBinary(), nullable=False),
        sa.Column(
            "confirmed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("session_id", "content_sha256", name=op.f("pk_confirmation")),
        schema="services",
        comment="What a session confirmed by password and has not used for a signature yet",
        info={"history": False},
    )
    op.create_table(
        "room_sum",
        sa.Column("per_degree", sa.SmallInteger(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column(
            "day",
            sa.Date(),
            nullable=False,
            comment="Counts on all days before it; infinity: today's sum, else a difference",
        ),
        sa.Column(
            "is_whole",
            sa.Boolean(),
            nullable=False,
            comment="Over all cells of the district and class, for who reaches all; else of one",
        ),
        sa.Column("rights_cell", sa.Integer(), nullable=True, comment="Null: is_whole"),
        sa.Column("admin_area_code", sa.Text(), nullable=True, comment="Of its cells"),
        sa.Column("security_class", sa.SmallInteger(), nullable=False, comment="Of its cells"),
        sa.Column("room_class", sa.Text(), nullable=True, comment="Null: not stated"),
        sa.Column("rooms", sa.BigInteger(), nullable=False),
        sa.Column("vacant_rooms", sa.BigInteger(), nullable=False, comment="That nobody has"),
        sa.Column(
            "measured_rooms", sa.BigInteger(), nullable=False, comment="With a known usable area"
        ),
        sa.Column("area_m2", sa.Numeric(), nullable=False, comment="Usable"),
        sa.Column("vacant_m2", sa.Numeric(), nullable=False, comment="Of this, of vacant rooms"),
        sa.CheckConstraint("is_whole = (rights_cell IS NULL)", name=op.f("ck_room_sum_is_whole")),
        schema="space",
        comment="Derived: rooms by square, class and whether nobody has them",
        info={"history": False, "is_sum": True},
    )
    op.create_index(
        "ix_room_sum_square",
        "room_sum",
        ["per_degree", "x", "y", "is_whole", "day"],
        unique=False,
        schema="space",
    )
    op.create_table(
        "admin_area_succession",
        sa.Column("from_code", sa.Text(), nullable=False),
        sa.Column("to_code", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "from_code <> to_code", name=op.f("ck_admin_area_succession_not_itself")
        ),
        sa.ForeignKeyConstraint(
            ["from_code"],
            ["place.admin_area.code"],
            name=op.f("fk_admin_area_succession_from_code"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["to_code"],
            ["place.admin_area.code"],
            name=op.f("fk_admin_area_succession_to_code"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("from_code", "to_code", name=op.f("pk_admin_area_succession")),
        schema="place",
        comment="Which area took over from which, when",
    )
    op.create_index(
        "ix_admin_area_succession_to_code",
        "admin_area_succession",
        ["to_code"],
        unique=False,
        schema="place",
    )
    op.create_table(
        "allowed_parent",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_kind", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["kind"], ["place.kind.kind"], name=op.f("fk_allowed_parent_kind")),
        sa.ForeignKeyConstraint(
            ["parent_kind"], ["place.kind.kind"], name=op.f("fk_allowed_parent_parent_kind")
        ),
        sa.PrimaryKeyConstraint("kind", "parent_kind", name=op.f("pk_allowed_parent")),
        schema="place",
        comment="What may hang in what",
        info={"history": False},
    )
    op.create_table(
        "account",
        sa.Column("account_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True, comment="How the account is shown to people"),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column(
            "provider_subject",
            sa.Text(),
            nullable=True,
            comment="Whom the site's provider calls its holder; null: not to sign in there",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["rights.scope.scope_id"], name=op.f("fk_account_scope_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
        sa.UniqueConstraint("provider_subject", name=op.f("uq_account_provider_subject")),
        schema="rights",
        comment="Who can ask: a person or a program",
    )
    op.create_table(
        "scope_group",
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column(
            "admin_area_code", sa.Text(), nullable=False, comment="Of the cells; empty: of no area"
        ),
        sa.Column("security_class", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "is_whole", sa.Boolean(), nullable=False, comment="It reaches every such cell there is"
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["rights.scope.scope_id"], name=op.f("fk_scope_group_scope_id")
        ),
        sa.PrimaryKeyConstraint(
            "scope_id", "admin_area_code", "security_class", name=op.f("pk_scope_group")
        ),
        schema="rights",
        comment="Derived with scope_cell: of which areas and classes a scope reaches all or some cells",
        info={"history": False},
    )
    op.create_table(
        "code_secret",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "secret",
            sa.LargeBinary(),
            nullable=False,
            comment="Shared with an app; 20 random bytes",
        ),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "confirmed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="A code of it was seen; null: it waits, and asks for nothing",
        ),
        sa.Column(
            "last_step",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Half minute of the last code that counted, since 1970; no earlier one counts",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_code_secret_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_code_secret")),
        schema="rights",
        comment="What one-time codes are made of (RFC 6238), for accounts that sign in with them",
        info={"history": False},
    )
    op.create_table(
        "credential",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("time_cost", sa.Integer(), nullable=False),
        sa.Column("memory_kib", sa.Integer(), nullable=False),
        sa.Column("parallelism", sa.Integer(), nullable=False),
        sa.Column(
            "verifier", sa.LargeBinary(), nullable=False, comment="SHA-256 of the Argon2id hash"
        ),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "must_change",
            sa.Boolean(),
            nullable=False,
            comment="Given by an administrator: good for choosing one's own password and nothing else",
        ),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="After that it opens nothing; null: as long as it stands",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_credential_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_credential")),
        schema="rights",
        comment="What a password is checked against; an account without a row has no password",
        info={"history": False},
    )
    op.create_table(
        "event",
        sa.Column("event_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "happened_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="Such as signed_in, sign_in_failed, granted"
        ),
        sa.Column(
            "account_id",
            sa.BigInteger(),
            nullable=True,
            comment="Whom it is about; null: a name nobody has",
        ),
        sa.Column(
            "by_account_id",
            sa.BigInteger(),
            nullable=True,
            comment="Who did it; null: nobody signed in",
        ),
        sa.Column(
            "address",
            sa.Text(),
            nullable=True,
            comment="Network address of the browser; null: the command line",
        ),
        sa.Column(
            "details",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_event_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["by_account_id"], ["rights.account.account_id"], name=op.f("fk_event_by_account_id")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event")),
        schema="rights",
        comment="The log of sign-ins and of what administrators did; lines are only added",
        info={"history": False},
    )
    op.create_index(
        "ix_event_account_id_event_id",
        "event",
        ["account_id", "event_id"],
        unique=False,
        schema="rights",
    )
    op.create_table(
        "session",
        sa.Column("session_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="web: a signed-in browser; one_time: an address to sign in with once; command: CLI; api: a token of a program",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "idle_s",
            sa.Integer(),
            nullable=True,
            comment="Ends so many seconds after it was seen; null: not",
        ),
        sa.Column(
            "must_change",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Means nobody until its account has chosen a password",
        ),
        sa.Column(
            "waits_for_code",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Means nobody until a one-time code was given",
        ),
        sa.Column(
            "address",
            sa.Text(),
            nullable=True,
            comment="Network address it was opened from; null: the command line",
        ),
        sa.Column(
            "title",
            sa.Text(),
            nullable=True,
            comment="What an API token is for; null for other sessions",
        ),
        sa.Column(
            "can_write",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Whether it may change what its account may; a token may be for reading",
        ),
        sa.CheckConstraint(
            "kind IN ('web', 'one_time', 'command', 'api')", name=op.f("ck_session_kind")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_session_account_id")
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_session_token_digest")),
        schema="rights",
        comment="Opaque tokens in use; only their digests are kept",
        info={"history": False},
    )
    op.create_index(
        "ix_session_account_id", "session", ["account_id"], unique=False, schema="rights"
    )
    op.create_table(
        "spare_code",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_spare_code_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "code_digest", name=op.f("pk_spare_code")),
        schema="rights",
        comment="SHA-256 of codes kept on paper for when the app is lost; one that was used is removed",
        info={"history": False},
    )
    op.create_table(
        "deputyship",
        sa.Column("deputyship_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False, comment="Who is stood in for"),
        sa.Column("deputy_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "workflows",
            postgresql.ARRAY(sa.Text()),
            nullable=True,
            comment="Kinds of cases it is for; null: all",
        ),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column(
            "valid_to", sa.Date(), nullable=True, comment="First day it no longer holds; never open"
        ),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "ended_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Ended before its day; null: it was not",
        ),
        sa.CheckConstraint("account_id <> deputy_id", name=op.f("ck_deputyship_not_oneself")),
        sa.CheckConstraint("length(remark) <= 500", name=op.f("ck_deputyship_remark")),
        sa.CheckConstraint(
            "valid_from IS NOT NULL AND valid_to IS NOT NULL AND valid_from < valid_to",
            name=op.f("ck_deputyship_dates"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_deputyship_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["deputy_id"], ["rights.account.account_id"], name=op.f("fk_deputyship_deputy_id")
        ),
        sa.PrimaryKeyConstraint("deputyship_id", name=op.f("pk_deputyship")),
        schema="services",
        comment="Who stands in for whom, from when to when, in which kinds of cases",
        info={"history": False, "seen_by_accounts": ("account_id", "deputy_id")},
    )
    op.create_index(
        "ix_deputyship_account_id", "deputyship", ["account_id"], unique=False, schema="services"
    )
    op.create_index(
        "ix_deputyship_deputy_id", "deputyship", ["deputy_id"], unique=False, schema="services"
    )
    op.create_table(
        "saved_view",
        sa.Column("saved_view_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "link",
            sa.Text(),
            nullable=False,
            comment="What is shown, as the permalink's fragment says",
        ),
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            nullable=True,
            comment="Who sees anything of this body sees the view; null: only its maker",
        ),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("length(link) <= 60000", name=op.f("ck_saved_view_link")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 100", name=op.f("ck_saved_view_name")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_saved_view_account_id")
        ),
        sa.PrimaryKeyConstraint("saved_view_id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_saved_view_account_id_name")),
        schema="services",
        comment="A view of the map under a name: one's own, or shared with a body",
        info={
            "history": False,
            "is_shared_by_body": True,
            "refuses": {"uq_saved_view_account_id_name": "view.name_taken"},
        },
    )
    op.create_index(
        "ix_saved_view_organization_id",
        "saved_view",
        ["organization_id"],
        unique=False,
        schema="services",
    )
    op.create_table(
        "load",
        sa.Column("load_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'running'"), nullable=False),
        sa.Column(
            "file_name",
            sa.Text(),
            nullable=False,
            comment="As the person named it, without folders",
        ),
        sa.Column("file_sha256", sa.LargeBinary(), nullable=False),
        sa.Column(
            "profile",
            sa.Text(),
            nullable=True,
            comment="How the headers were read; null for the built-in contracts",
        ),
        sa.Column(
            "options",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("inserted_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("updated_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("unchanged_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rejected_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("waiting_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("issue_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "backend_pid",
            sa.Integer(),
            nullable=True,
            comment="Server process of a running load: finds dead ones",
        ),
        sa.Column("undone_by_load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "job_id",
            sa.BigInteger(),
            nullable=True,
            comment="Job that brought it; null for the command line. A job taken up again finds its load by it",
        ),
        sa.CheckConstraint(
            "state <> 'committed' OR row_count = inserted_count + updated_count + unchanged_count + rejected_count + waiting_count",
            name=op.f("ck_load_rows_are_accounted_for"),
        ),
        sa.CheckConstraint(
            "state IN ('running', 'committed', 'refused', 'failed', 'undone', 'cancelled')",
            name=op.f("ck_load_state"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_load_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_load_id"], ["staging.load.load_id"], name=op.f("fk_load_undone_by_load_id")
        ),
        sa.PrimaryKeyConstraint("load_id", name=op.f("pk_load")),
        schema="staging",
        comment="One file brought in: what it was, who brought it, what became of its rows",
        info={"history": False},
    )
    op.create_table(
        "profile",
        sa.Column("profile_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "sheets",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="A list: fingerprint of the headers, contract (null: leave the sheet out), and header to field (null: leave the column out)",
        ),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 80", name=op.f("ck_profile_name")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_profile_account_id")
        ),
        sa.PrimaryKeyConstraint("profile_id", name=op.f("pk_profile")),
        sa.UniqueConstraint("name", name=op.f("uq_profile_name")),
        schema="staging",
        comment="How the headers of a certain file are meant, as a person corrected it",
        info={"history": False},
    )
    op.create_table(
        "upload",
        sa.Column("upload_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "file_name", sa.Text(), nullable=False, comment="As the person named it; never a path"
        ),
        sa.Column("file_sha256", sa.LargeBinary(), nullable=False, comment="Names the kept file"),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column(
            "uploaded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "is_kept",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="False once the file was removed for its age; what became of it stays known",
        ),
        sa.CheckConstraint("size_bytes >= 0", name=op.f("ck_upload_size")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_upload_account_id")
        ),
        sa.PrimaryKeyConstraint("upload_id", name=op.f("pk_upload")),
        schema="staging",
        comment="A file handed in over the web",
        info={"history": False},
    )
    op.create_table(
        "organization",
        sa.Column("organization_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "uid",
            sa.Uuid(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Stable across systems, for exchange",
        ),
        sa.Column("code", sa.Text(), nullable=False, comment="Ours"),
        sa.Column(
            "credit_code",
            sa.Text(),
            nullable=True,
            comment="统一社会信用代码; as given, the check digit may fail",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="The name in force now"),
        sa.Column("short_name", sa.Text(), nullable=True),
        sa.Column("type_code", sa.Text(), nullable=True, comment="Term of list organization_type"),
        sa.Column(
            "category_code",
            sa.Text(),
            nullable=True,
            comment="Term of list organization_category (类别)",
        ),
        sa.Column(
            "level_code", sa.Text(), nullable=True, comment="Term of list organization_level"
        ),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("admin_area_code", sa.Text(), nullable=True),
        sa.Column(
            "address", sa.Text(), nullable=True, comment="Where it sits, as its directory states it"
        ),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column(
            "valid_to", sa.Date(), nullable=True, comment="First day the body no longer exists"
        ),
        sa.Column(
            "stated_on",
            sa.Date(),
            nullable=True,
            comment="Day its values stand for, but those in stated_days; null: none was named",
        ),
        sa.Column(
            "stated_days",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="Column to the day it stands for, where that is not stated_on; `before.` and a column: the days for which it was stated earlier",
        ),
        sa.Column("load_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["admin_area_code"],
            ["place.admin_area.code"],
            name=op.f("fk_organization_admin_area_code"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["staging.load.load_id"], name=op.f("fk_organization_load_id")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_organization_parent_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_organization")),
        sa.UniqueConstraint("code", name=op.f("uq_organization_code")),
        sa.UniqueConstraint("uid", name=op.f("uq_organization_uid")),
        schema="organization",
        comment="A body that holds or uses places: agency, institution, township, company",
    )
    op.create_index(
        "ix_organization_credit_code",
        "organization",
        ["credit_code"],
        unique=False,
        schema="organization",
    )
    op.create_index(
        "ix_organization_name", "organization", ["name"], unique=False, schema="organization"
    )
    op.create_index(
        "ix_organization_parent_id",
        "organization",
        ["parent_id"],
        unique=False,
        schema="organization",
    )
    op.create_table(
        "held_row",
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "sheet", sa.Text(), nullable=False, comment="Sheet or layer; empty for a csv file"
        ),
        sa.Column("row_number", sa.Integer(), nullable=False, comment="As a person counts, from 1"),
        sa.Column(
            "contract", sa.Text(), nullable=False, comment="What kind of row the loader took it for"
        ),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column(
            "cells",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Header to original cell, as text",
        ),
        sa.CheckConstraint("outcome IN ('rejected', 'waiting')", name=op.f("ck_held_row_outcome")),
        sa.ForeignKeyConstraint(
            ["load_id"], ["staging.load.load_id"], name=op.f("fk_held_row_load_id")
        ),
        sa.PrimaryKeyConstraint("load_id", "sheet", "row_number", name=op.f("pk_held_row")),
        schema="staging",
        comment="Rows that did not reach the register: rejected, or waiting for an answer or a domain",
        info={"history": False},
    )
    op.create_table(
        "issue",
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "issue_number", sa.Integer(), nullable=False, comment="In the order of the file, from 1"
        ),
        sa.Column("sheet", sa.Text(), nullable=True, comment="Null for a csv file"),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column(
            "column_header", sa.Text(), nullable=True, comment="Null when the whole row is meant"
        ),
        sa.Column(
            "column_number",
            sa.Integer(),
            nullable=True,
            comment="Of the sheet, from 1; null: no single column",
        ),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column(
            "suggestion", sa.Text(), nullable=True, comment="What was taken or is proposed instead"
        ),
        sa.Column("original", sa.Text(), nullable=True, comment="The cell as it stood in the file"),
        sa.Column(
            "params",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="What its message fills in",
        ),
        sa.Column(
            "geom",
            Geometry(
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
            comment="Where on the map it is; null: nowhere",
        ),
        sa.CheckConstraint(
            "severity IN ('reject', 'question', 'warn')", name=op.f("ck_issue_severity")
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["staging.load.load_id"], name=op.f("fk_issue_load_id")
        ),
        sa.PrimaryKeyConstraint("load_id", "issue_number", name=op.f("pk_issue")),
        schema="staging",
        comment="What was wrong with a file, cell by cell",
        info={"history": False},
    )
    op.create_table(
        "job",
        sa.Column("job_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("upload_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "target_load_id",
            sa.BigInteger(),
            nullable=True,
            comment="The load to take back; null for other work",
        ),
        sa.Column(
            "options",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("state", sa.Text(), server_default=sa.text("'queued'"), nullable=False),
        sa.Column(
            "step",
            sa.Text(),
            nullable=True,
            comment="What is being done, a message key below `job.step`",
        ),
        sa.Column(
            "step_of", sa.Text(), nullable=True, comment="Which sheet or file the step is about"
        ),
        sa.Column("step_number", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("step_count", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("percent", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "message_key",
            sa.Text(),
            nullable=True,
            comment="Why it was refused, failed or cancelled",
        ),
        sa.Column(
            "message_params",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "result",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="What came of it; null until done",
        ),
        sa.Column("attempt_count", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'undo') = (target_load_id IS NOT NULL)", name=op.f("ck_job_undo_has_a_load")
        ),
        sa.CheckConstraint(
            "(kind = 'undo') = (upload_id IS NULL)", name=op.f("ck_job_others_have_a_file")
        ),
        sa.CheckConstraint(
            "kind IN ('check', 'load', 'undo', 'mark', 'plan', 'plan_load', 'plan_drop')",
            name=op.f("ck_job_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'refused', 'failed', 'cancelled')",
            name=op.f("ck_job_state"),
        ),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_job_percent")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_job_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["target_load_id"], ["staging.load.load_id"], name=op.f("fk_job_target_load_id")
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["staging.upload.upload_id"], name=op.f("fk_job_upload_id")
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_job")),
        schema="staging",
        comment="One piece of long work: who asked, how far it is, what came of it",
        info={"history": False},
    )
    op.create_index("ix_job_upload_id", "job", ["upload_id"], unique=False, schema="staging")
    op.create_table(
        "match_question",
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "sheet", sa.Text(), nullable=False, comment="Sheet or layer; empty for a csv file"
        ),
        sa.Column(
            "row_number", sa.Integer(), nullable=False, comment="First row of the thing, from 1"
        ),
        sa.Column(
            "row_key",
            sa.Text(),
            nullable=False,
            comment="Of what identifies the row, whatever file and line it stands in",
        ),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="Kind of place the row would become"),
        sa.Column(
            "rule", sa.Text(), nullable=False, comment="Why it waits; the key of its message"
        ),
        sa.Column(
            "other_row",
            sa.Integer(),
            nullable=True,
            comment="Row of the same sheet that may be the same thing",
        ),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column(
            "holder",
            sa.Text(),
            nullable=True,
            comment="Who answers for it, as found in the directory",
        ),
        sa.Column("gross_area_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column(
            "values",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Field to value as read, without blanks",
        ),
        sa.Column(
            "geom",
            Geometry(
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["staging.load.load_id"], name=op.f("fk_match_question_load_id")
        ),
        sa.PrimaryKeyConstraint("load_id", "sheet", "row_number", name=op.f("pk_match_question")),
        schema="staging",
        comment="Rows that wait because they may mean a place that is known",
        info={"history": False},
    )
    op.create_index(
        "ix_match_question_row_key", "match_question", ["row_key"], unique=False, schema="staging"
    )
    op.create_table(
        "construction_project",
        sa.Column("project_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False, comment="Ours"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("approving_body", sa.Text(), nullable=True, comment="审批部门; as written"),
        sa.Column("builder_name", sa.Text(), nullable=True, comment="建设单位; as written"),
        sa.Column(
            "builder_id",
            sa.BigInteger(),
            nullable=True,
            comment="The body of that name; null: not in the directory",
        ),
        sa.Column("user_name", sa.Text(), nullable=True, comment="主要使用单位; as written"),
        sa.Column(
            "user_id",
            sa.BigInteger(),
            nullable=True,
            comment="The body of that name; null: not in the directory",
        ),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column(
            "admin_area_code",
            sa.Text(),
            nullable=True,
            comment="District or city whose survey lists it; null: no file has said",
        ),
        sa.Column(
            "planned_area_m2",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="建设规模; null: not stated",
        ),
        sa.Column(
            "estimated_cost_yuan",
            sa.Numeric(precision=16, scale=2),
            nullable=True,
            comment="估算投资; null: not stated",
        ),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column(
            "stated_on",
            sa.Date(),
            nullable=True,
            comment="The day it was first stated for; null: not said",
        ),
        sa.Column(
            "stated_days",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="Column to the day it stands for, where that is not stated_on",
        ),
        sa.Column("load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["admin_area_code"],
            ["place.admin_area.code"],
            name=op.f("fk_construction_project_admin_area_code"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["builder_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_construction_project_builder_id"),
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["staging.load.load_id"], name=op.f("fk_construction_project_load_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_construction_project_user_id"),
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_construction_project")),
        sa.UniqueConstraint("code", name=op.f("uq_construction_project_code")),
        schema="estate",
        comment="Office buildings planned or being built (办公用房建设项目); not yet a place",
    )
    op.create_index(
        "ix_construction_project_name",
        "construction_project",
        ["name"],
        unique=False,
        schema="estate",
    )
    op.create_table(
        "headcount",
        sa.Column("headcount_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "rank_code",
            sa.Text(),
            nullable=True,
            comment="Term of list rank; null is the body's total of the kind",
        ),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False, comment="The day the count is true for"),
        sa.Column("source", sa.Text(), nullable=False, comment="Term of list headcount_source"),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint(
            "kind IN ('quota', 'actual', 'non_quota', 'energy_users', 'quota_administrative', 'quota_political_legal', 'quota_civil_service', 'quota_institution', 'quota_support', 'hired', 'dispatched', 'seconded', 'temporary')",
            name=op.f("ck_headcount_kind"),
        ),
        sa.CheckConstraint("people >= 0", name=op.f("ck_headcount_people")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_headcount_organization_id"),
        ),
        sa.PrimaryKeyConstraint("headcount_id", name=op.f("pk_headcount")),
        schema="organization",
        comment="People by kind and rank, dated: the denominators and entitlements",
    )
    op.create_index(
        "uq_headcount_count",
        "headcount",
        ["organization_id", "kind", "rank_code", "source", "counted_on"],
        unique=True,
        schema="organization",
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "organization_name",
        sa.Column(
            "organization_name_id", sa.BigInteger(), sa.Identity(always=False), nullable=False
        ),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="First day it no longer holds"),
        sa.CheckConstraint("kind IN ('official', 'alias')", name=op.f("ck_organization_name_kind")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_organization_name_organization_id"),
        ),
        sa.PrimaryKeyConstraint("organization_name_id", name=op.f("pk_organization_name")),
        schema="organization",
        comment="Former names and aliases; the name in force stands in organization",
    )
    op.create_index(
        "ix_organization_name_name",
        "organization_name",
        ["name"],
        unique=False,
        schema="organization",
    )
    op.create_index(
        "uq_organization_name_spelling",
        "organization_name",
        ["organization_id", "name", "kind"],
        unique=True,
        schema="organization",
    )
    op.create_table(
        "organization_register",
        sa.Column(
            "organization_register_id", sa.BigInteger(), sa.Identity(always=False), nullable=False
        ),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "register",
            sa.Text(),
            nullable=False,
            comment="Term of list organization_register, such as the directory of 公共机构",
        ),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="First day it no longer holds"),
        sa.Column("number", sa.Text(), nullable=True, comment="The body's number in that register"),
        sa.Column(
            "name", sa.Text(), nullable=True, comment="What that register calls it; null: not said"
        ),
        sa.Column("address", sa.Text(), nullable=True, comment="As that register states it"),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_organization_register_organization_id"),
        ),
        sa.PrimaryKeyConstraint("organization_register_id", name=op.f("pk_organization_register")),
        schema="organization",
        comment="Which statutory registers list the body",
    )
    op.create_index(
        "ix_organization_register_number",
        "organization_register",
        ["number"],
        unique=False,
        schema="organization",
    )
    op.create_index(
        "uq_organization_register_entry",
        "organization_register",
        ["register", "organization_id", "number", "valid_from"],
        unique=True,
        schema="organization",
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "organization_version",
        sa.Column(
            "organization_version_id", sa.BigInteger(), sa.Identity(always=False), nullable=False
        ),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("short_name", sa.Text(), nullable=True),
        sa.Column("type_code", sa.Text(), nullable=True, comment="Term of list organization_type"),
        sa.Column(
            "category_code",
            sa.Text(),
            nullable=True,
            comment="Term of list organization_category (类别)",
        ),
        sa.Column(
            "level_code", sa.Text(), nullable=True, comment="Term of list organization_level"
        ),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("admin_area_code", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=False, comment="First day it no longer holds"),
        postgresql.ExcludeConstraint(
            (sa.column("organization_id"), "="),
            (sa.text("daterange(valid_from, valid_to)"), "&&"),
            using="gist",
            name="ex_organization_version_one_at_a_time",
        ),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_organization_version_dates")),
        sa.ForeignKeyConstraint(
            ["admin_area_code"],
            ["place.admin_area.code"],
            name=op.f("fk_organization_version_admin_area_code"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_organization_version_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_organization_version_parent_id"),
        ),
        sa.PrimaryKeyConstraint("organization_version_id", name=op.f("pk_organization_version")),
        schema="organization",
        comment="What a body was before: name, superior, level, type, area; ended periods only",
        info={
            "refuses": {"ex_organization_version_one_at_a_time": "organization.versions_overlap"}
        },
    )
    op.create_table(
        "post",
        sa.Column("post_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("rank_code", sa.Text(), nullable=True, comment="Term of list rank"),
        sa.Column("holder_name", sa.Text(), nullable=True, comment="Personal data, optional"),
        sa.Column(
            "person_key",
            sa.Text(),
            nullable=True,
            comment="Opaque number of who holds it, the same on each of their posts; null: not said",
        ),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="First day it no longer holds"),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint(
            "person_key !~ '^([0-9]{15}|[0-9]{17}[0-9Xx]|1[0-9]{10})$'",
            name=op.f("ck_post_person_key"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_post_organization_id"),
        ),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_post")),
        schema="organization",
        comment="A post with its rank; who holds it is optional personal data",
    )
    op.create_index(
        "ix_post_organization_id", "post", ["organization_id"], unique=False, schema="organization"
    )
    op.create_index(
        "ix_post_person_key", "post", ["person_key"], unique=False, schema="organization"
    )
    op.create_table(
        "succession",
        sa.Column("succession_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("from_organization_id", sa.BigInteger(), nullable=False),
        sa.Column("to_organization_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "share",
            sa.Numeric(precision=9, scale=6),
            nullable=True,
            comment="Part of the old body that went here; null if unknown",
        ),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('merged', 'split', 'replaced')", name=op.f("ck_succession_kind")
        ),
        sa.CheckConstraint(
            "from_organization_id <> to_organization_id", name=op.f("ck_succession_not_itself")
        ),
        sa.CheckConstraint("share > 0 AND share <= 1", name=op.f("ck_succession_share")),
        sa.ForeignKeyConstraint(
            ["from_organization_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_succession_from_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["to_organization_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_succession_to_organization_id"),
        ),
        sa.PrimaryKeyConstraint("succession_id", name=op.f("pk_succession")),
        schema="organization",
        comment="Which body took over from which, when, and what share",
    )
    op.create_index(
        "uq_succession_pair",
        "succession",
        ["from_organization_id", "to_organization_id", "happened_on"],
        unique=True,
        schema="organization",
    )
    op.create_table(
        "cell",
        sa.Column("cell", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            nullable=True,
            comment="Null: nobody answers for the place yet; only grants over all organizations reach",
        ),
        sa.Column("admin_area_code", sa.Text(), nullable=True),
        sa.Column("security_class", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["admin_area_code"],
            ["place.admin_area.code"],
            name=op.f("fk_cell_admin_area_code"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_cell_organization_id"),
        ),
        sa.PrimaryKeyConstraint("cell", name=op.f("pk_cell")),
        sa.UniqueConstraint(
            "organization_id",
            "admin_area_code",
            "security_class",
            name="uq_cell_combination",
            postgresql_nulls_not_distinct=True,
        ),
        schema="rights",
        comment="Every combination of organization, area and security class in use",
        info={"history": False},
    )
    op.create_table(
        "grant",
        sa.Column("grant_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            nullable=True,
            comment="Top of the subtree the grant covers; null covers all",
        ),
        sa.Column(
            "admin_area_code",
            sa.Text(),
            nullable=True,
            comment="Top of the area subtree the grant covers; null covers all",
        ),
        sa.Column("max_security_class", sa.SmallInteger(), nullable=False),
        sa.Column(
            "domain",
            sa.Text(),
            nullable=True,
            comment="The one domain an officer writes in; null: every one",
        ),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column(
            "valid_to", sa.Date(), nullable=True, comment="First day the grant no longer holds"
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "made_by",
            sa.BigInteger(),
            nullable=True,
            comment="Null: made by a command before offices were filled",
        ),
        sa.Column(
            "needs_second",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Gives nothing until a second person has confirmed it",
        ),
        sa.Column("confirmed_by", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "revoked_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="From then on it gives nothing",
        ),
        sa.CheckConstraint(
            "confirmed_by <> made_by AND confirmed_by <> account_id",
            name=op.f("ck_grant_second_person"),
        ),
        sa.CheckConstraint("made_by <> account_id", name=op.f("ck_grant_not_oneself")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_grant_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["admin_area_code"],
            ["place.admin_area.code"],
            name=op.f("fk_grant_admin_area_code"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["rights.account.account_id"], name=op.f("fk_grant_confirmed_by")
        ),
        sa.ForeignKeyConstraint(["domain"], ["rights.domain.domain"], name=op.f("fk_grant_domain")),
        sa.ForeignKeyConstraint(
            ["made_by"], ["rights.account.account_id"], name=op.f("fk_grant_made_by")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_grant_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by"], ["rights.account.account_id"], name=op.f("fk_grant_revoked_by")
        ),
        sa.ForeignKeyConstraint(["role"], ["rights.role.role"], name=op.f("fk_grant_role")),
        sa.PrimaryKeyConstraint("grant_id", name=op.f("pk_grant")),
        schema="rights",
        comment="role x organization subtree x area x security ceiling, with dates",
    )
    op.create_index("ix_grant_account_id", "grant", ["account_id"], unique=False, schema="rights")
    op.create_table(
        "number_counter",
        sa.Column("number_counter_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column(
            "year",
            sa.Integer(),
            nullable=True,
            comment="Null: the series goes on from year to year",
        ),
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            nullable=True,
            comment="Null: the series counts for the whole city",
        ),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_number_counter_organization_id"),
        ),
        sa.PrimaryKeyConstraint("number_counter_id", name=op.f("pk_number_counter")),
        sa.UniqueConstraint(
            "series",
            "year",
            "organization_id",
            name="uq_number_counter_series",
            postgresql_nulls_not_distinct=True,
        ),
        schema="services",
        comment="How far each series of numbers has come; its row is locked until the number is kept",
        info={"history": False},
    )
    op.create_table(
        "match_candidate",
        sa.Column("load_id", sa.BigInteger(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column(
            "place_id", sa.BigInteger(), nullable=False, comment="May be gone: no foreign key"
        ),
        sa.Column(
            "score",
            sa.Numeric(precision=4, scale=3),
            nullable=False,
            comment="0 to 1, of all clues together",
        ),
        sa.Column(
            "address_score",
            sa.Numeric(precision=4, scale=3),
            nullable=True,
            comment="Null: one of the two has none",
        ),
        sa.Column(
            "name_score",
            sa.Numeric(precision=4, scale=3),
            nullable=True,
            comment="Null: one of the two has none that tells",
        ),
        sa.Column(
            "overlap_score",
            sa.Numeric(precision=4, scale=3),
            nullable=True,
            comment="Shared ground of all ground of both",
        ),
        sa.Column(
            "area_score",
            sa.Numeric(precision=4, scale=3),
            nullable=True,
            comment="Smaller gross area of the larger one",
        ),
        sa.Column(
            "distance_m",
            sa.Numeric(precision=12, scale=1),
            nullable=True,
            comment="Between anchors; null: one lies nowhere",
        ),
        sa.Column("is_same_holder", sa.Boolean(), nullable=True, comment="Null: one has none"),
        sa.Column(
            "is_same_title",
            sa.Boolean(),
            nullable=True,
            comment="Both bear one certificate number; null: not compared",
        ),
        sa.Column(
            "other_row_key",
            sa.Text(),
            nullable=True,
            comment="Row key of the row of the same sheet that means the place",
        ),
        sa.CheckConstraint("score BETWEEN 0 AND 1", name=op.f("ck_match_candidate_score")),
        sa.ForeignKeyConstraint(
            ["load_id", "sheet", "row_number"],
            [
                "staging.match_question.load_id",
                "staging.match_question.sheet",
                "staging.match_question.row_number",
            ],
            name="fk_match_candidate_question",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "load_id", "sheet", "row_number", "place_id", name=op.f("pk_match_candidate")
        ),
        schema="staging",
        comment="Known places that a waiting row may mean, with what speaks for each",
        info={"history": False},
    )
    op.create_table(
        "match_decision",
        sa.Column("match_decision_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column(
            "place_id",
            sa.BigInteger(),
            nullable=True,
            comment="Which place it is; null for the other choices",
        ),
        sa.Column(
            "other_row_key",
            sa.Text(),
            nullable=True,
            comment="The place is what this row of the same sheet means, whichever load made it",
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "load_id", sa.BigInteger(), nullable=False, comment="The load whose row was looked at"
        ),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column(
            "decided_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "withdrawn_at", sa.DateTime(timezone=True), nullable=True, comment="Null: it holds"
        ),
        sa.Column(
            "applied_load_id",
            sa.BigInteger(),
            nullable=True,
            comment="First load that brought the row by it; null: none yet",
        ),
        sa.Column(
            "made_place_id",
            sa.BigInteger(),
            nullable=True,
            comment="What a row decided to be new became",
        ),
        sa.CheckConstraint(
            "(choice = 'same') = (place_id IS NOT NULL)",
            name=op.f("ck_match_decision_same_names_a_place"),
        ),
        sa.CheckConstraint(
            "choice IN ('same', 'new', 'out')", name=op.f("ck_match_decision_choice")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_match_decision_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["applied_load_id"],
            ["staging.load.load_id"],
            name=op.f("fk_match_decision_applied_load_id"),
        ),
        sa.ForeignKeyConstraint(
            ["load_id", "sheet", "row_number"],
            [
                "staging.match_question.load_id",
                "staging.match_question.sheet",
                "staging.match_question.row_number",
            ],
            name="fk_match_decision_question",
        ),
        sa.PrimaryKeyConstraint("match_decision_id", name=op.f("pk_match_decision")),
        schema="staging",
        comment="What people decided of doubtful rows; honoured whenever such a row is loaded",
        info={"history": False},
    )
    op.create_index(
        "uq_match_decision_holds",
        "match_decision",
        ["row_key"],
        unique=True,
        schema="staging",
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "campaign",
        sa.Column("campaign_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "form", sa.Text(), nullable=False, comment="Report that is filed, such as survey"
        ),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False, comment="The day the figures hold for"),
        sa.Column("due_on", sa.Date(), nullable=False, comment="Last day to file"),
        sa.Column("late_policy", sa.Text(), nullable=False),
        sa.Column("unexplained_policy", sa.Text(), nullable=False),
        sa.Column(
            "threshold_percent",
            sa.Numeric(precision=6, scale=2),
            nullable=False,
            comment="From which change on a figure must be explained",
        ),
        sa.Column(
            "reminder_days",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
            comment="Working days before the date on which agencies are reminded",
        ),
        sa.Column(
            "selection",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="By which agencies were chosen, for the record",
        ),
        sa.Column(
            "instructions",
            sa.Text(),
            nullable=True,
            comment="What the bureau says to those who file",
        ),
        sa.Column(
            "baseline_report_id",
            sa.BigInteger(),
            nullable=True,
            comment="Frozen report that figures are compared with; null: the register when issued",
        ),
        sa.Column(
            "baseline_on", sa.Date(), nullable=False, comment="The day the former figures hold for"
        ),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "issued_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("issued_by", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.BigInteger(), nullable=True),
        sa.Column("closing_remark", sa.Text(), nullable=True),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_campaign_closing")
        ),
        sa.CheckConstraint(
            "late_policy IN ('accept', 'refuse')", name=op.f("ck_campaign_late_policy")
        ),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_campaign_state")),
        sa.CheckConstraint(
            "unexplained_policy IN ('block', 'flag')", name=op.f("ck_campaign_unexplained_policy")
        ),
        sa.CheckConstraint("threshold_percent >= 0", name=op.f("ck_campaign_threshold")),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["rights.account.account_id"], name=op.f("fk_campaign_closed_by")
        ),
        sa.ForeignKeyConstraint(
            ["issued_by"], ["rights.account.account_id"], name=op.f("fk_campaign_issued_by")
        ),
        sa.ForeignKeyConstraint(
            ["rights_cell"], ["rights.cell.cell"], name=op.f("fk_campaign_rights_cell")
        ),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_campaign")),
        schema="campaign",
        comment="A survey issued to agencies as a task with a date",
        info={"seen_by": "signed_in"},
    )
    op.create_index(
        op.f("ix_campaign_rights_cell"),
        "campaign",
        ["rights_cell"],
        unique=False,
        schema="campaign",
    )
    op.create_table(
        "due_rule",
        sa.Column("due_rule_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "form", sa.Text(), nullable=False, comment="Report that is filed, such as survey"
        ),
        sa.Column("month", sa.SmallInteger(), nullable=False),
        sa.Column("day", sa.SmallInteger(), nullable=False, comment="Last day to file, each year"),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="First day it no longer holds"),
        sa.Column(
            "rule_source", sa.Text(), nullable=False, comment="Document and clause it comes from"
        ),
        sa.Column("is_verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("form"), "="),
            (sa.text("daterange(valid_from, valid_to)"), "&&"),
            using="gist",
            name="ex_due_rule_form",
        ),
        sa.CheckConstraint(
            "month BETWEEN 1 AND 12 AND day BETWEEN 1 AND 31", name=op.f("ck_due_rule_day")
        ),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_due_rule_dates")),
        sa.ForeignKeyConstraint(
            ["rights_cell"], ["rights.cell.cell"], name=op.f("fk_due_rule_rights_cell")
        ),
        sa.PrimaryKeyConstraint("due_rule_id", name=op.f("pk_due_rule")),
        schema="campaign",
        comment="Until when a form is filed each year, before the default of the country pack",
        info={"seen_by": "signed_in"},
    )
    op.create_index(
        op.f("ix_due_rule_rights_cell"),
        "due_rule",
        ["rights_cell"],
        unique=False,
        schema="campaign",
    )
    op.create_table(
        "inspection",
        sa.Column("inspection_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False, comment="Last day"),
        sa.Column(
            "checklist",
            sa.Text(),
            nullable=True,
            comment="Of the country pack; null: items of its own",
        ),
        sa.Column("instructions", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint("kind IN ('full', 'special', 'focus')", name=op.f("ck_inspection_kind")),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_inspection_state")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 200", name=op.f("ck_inspection_name")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_inspection_days")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_inspection_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["rights_cell"], ["rights.cell.cell"], name=op.f("fk_inspection_rights_cell")
        ),
        sa.PrimaryKeyConstraint("inspection_id", name=op.f("pk_inspection")),
        schema="inspection",
        comment="An inspection as it is planned: what, when, by which checklist",
        info={"seen_by": "signed_in"},
    )
    op.create_index(
        op.f("ix_inspection_rights_cell"),
        "inspection",
        ["rights_cell"],
        unique=False,
        schema="inspection",
    )
    op.create_table(
        "term_rule",
        sa.Column("term_rule_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False, comment="After the day of the notice"),
        sa.Column("day_kind", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="First day it no longer holds"),
        sa.Column(
            "rule_source", sa.Text(), nullable=False, comment="Document and clause it comes from"
        ),
        sa.Column("is_verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("origin"), "="),
            (sa.text("daterange(valid_from, valid_to)"), "&&"),
            using="gist",
            name="ex_term_rule_origin",
        ),
        sa.CheckConstraint(
            "day_kind IN ('working', 'calendar')", name=op.f("ck_term_rule_day_kind")
        ),
        sa.CheckConstraint("origin IN ('finding', 'verdict')", name=op.f("ck_term_rule_origin")),
        sa.CheckConstraint("days BETWEEN 1 AND 1000", name=op.f("ck_term_rule_days")),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_term_rule_dates")),
        sa.ForeignKeyConstraint(
            ["rights_cell"], ["rights.cell.cell"], name=op.f("fk_term_rule_rights_cell")
        ),
        sa.PrimaryKeyConstraint("term_rule_id", name=op.f("pk_term_rule")),
        schema="inspection",
        comment="How long there is to put something right, as the bureau says",
        info={
            "seen_by": "signed_in",
            "refuses": {"ex_term_rule_origin": "inspection.changed_meanwhile"},
        },
    )
    op.create_index(
        op.f("ix_term_rule_rights_cell"),
        "term_rule",
        ["rights_cell"],
        unique=False,
        schema="inspection",
    )
    op.create_table(
        "place",
        sa.Column("place_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "uid",
            sa.Uuid(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Stable across systems, for exchange",
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False, comment="Ours"),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "parent_kind",
            sa.Text(),
            nullable=True,
            comment="Copy of the parent's kind: proves the pair is allowed",
        ),
        sa.Column("admin_area_code", sa.Text(), nullable=True),
        sa.Column("stated_admin_area_code", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column(
            "anchor",
            Geometry(
                geometry_type="POINT",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
            comment="Where the place counts: a point on its own surface, else its ancestor's",
        ),
        sa.Column(
            "located_by",
            sa.Text(),
            nullable=True,
            comment="own, ancestor, coordinates, address; null: not located",
        ),
        sa.Column("geom_source", sa.Text(), nullable=True),
        sa.Column("geom_accuracy_m", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("use_status", sa.Text(), nullable=True, comment="Term of list use_status"),
        sa.Column(
            "steward_id",
            sa.BigInteger(),
            nullable=True,
            comment="Who answers for the place; null: nobody yet",
        ),
        sa.Column(
            "security_class",
            sa.SmallInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="0 open, 1 internal, 2 sensitive, 3 state secret: a stub",
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="First day it no longer holds"),
        sa.Column(
            "stated_on",
            sa.Date(),
            nullable=True,
            comment="Day its values stand for, but those in stated_days; null: none was named",
        ),
        sa.Column("load_id", sa.BigInteger(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "located_by IN ('own', 'ancestor', 'coordinates', 'address')",
            name=op.f("ck_place_located_by"),
        ),
        sa.CheckConstraint("(anchor IS NULL) = (located_by IS NULL)", name=op.f("ck_place_anchor")),
        sa.CheckConstraint(
            "(parent_id IS NULL) = (parent_kind IS NULL)", name=op.f("ck_place_parent")
        ),
        sa.CheckConstraint(
            "security_class < 3 OR (name IS NULL AND address IS NULL AND geom IS NULL AND anchor IS NULL AND geom_source IS NULL AND geom_accuracy_m IS NULL AND use_status IS NULL AND steward_id IS NULL AND remark IS NULL)",
            name=op.f("ck_place_stub"),
        ),
        sa.CheckConstraint("security_class BETWEEN 0 AND 3", name=op.f("ck_place_security_class")),
        sa.ForeignKeyConstraint(
            ["admin_area_code"],
            ["place.admin_area.code"],
            name=op.f("fk_place_admin_area_code"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["kind", "parent_kind"],
            ["place.allowed_parent.kind", "place.allowed_parent.parent_kind"],
            name="fk_place_allowed_parent",
        ),
        sa.ForeignKeyConstraint(["kind"], ["place.kind.kind"], name=op.f("fk_place_kind")),
        sa.ForeignKeyConstraint(
            ["load_id"], ["staging.load.load_id"], name=op.f("fk_place_load_id")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id", "parent_kind"],
            ["place.place.place_id", "place.place.kind"],
            name="fk_place_parent",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["rights_cell"], ["rights.cell.cell"], name="fk_place_rights_cell"),
        sa.ForeignKeyConstraint(
            ["stated_admin_area_code"],
            ["place.admin_area.code"],
            name=op.f("fk_place_stated_admin_area_code"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["steward_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_place_steward_id"),
        ),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_place")),
        sa.UniqueConstraint("code", name=op.f("uq_place_code")),
        sa.UniqueConstraint("place_id", "kind", name="uq_place_place_id_kind"),
        sa.UniqueConstraint("place_id", "rights_cell", name="uq_place_place_id_rights_cell"),
        sa.UniqueConstraint("uid", name=op.f("uq_place_uid")),
        schema="place",
        comment="Every place the state holds: one row, one map",
    )
    op.create_index(
        "ix_place_address",
        "place",
        ["kind", "admin_area_code", "address"],
        unique=False,
        schema="place",
    )
    op.create_index(
        "ix_place_anchor",
        "place",
        ["anchor"],
        unique=False,
        schema="place",
        postgresql_using="gist",
    )
    op.create_index(
        "ix_place_anchor_unshaped",
        "place",
        ["anchor"],
        unique=False,
        schema="place",
        postgresql_using="gist",
        postgresql_where=sa.text("geom IS NULL"),
    )
    op.create_index(
        "ix_place_geom_parcel",
        "place",
        ["geom"],
        unique=False,
        schema="place",
        postgresql_using="gist",
        postgresql_where=sa.text("kind = 'parcel'"),
    )
    op.create_index(
        "ix_place_geom_site",
        "place",
        ["geom"],
        unique=False,
        schema="place",
        postgresql_using="gist",
        postgresql_where=sa.text("kind = 'site'"),
    )
    op.create_index(
        "ix_place_geom_zone",
        "place",
        ["geom"],
        unique=False,
        schema="place",
        postgresql_using="gist",
        postgresql_where=sa.text("kind = 'zone'"),
    )
    op.create_index("ix_place_parent_id", "place", ["parent_id"], unique=False, schema="place")
    op.create_index("ix_place_rights_cell", "place", ["rights_cell"], unique=False, schema="place")
    op.create_index(
        "ix_place_unlocated",
        "place",
        ["place_id"],
        unique=False,
        schema="place",
        postgresql_where=sa.text("anchor IS NULL"),
    )
    op.create_table(
        "title",
        sa.Column("title_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "number",
            sa.Text(),
            nullable=True,
            comment="Certificate number as written; null where there is none",
        ),
        sa.Column("state", sa.Text(), nullable=False, comment="Term of list title_state"),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="Term of list title_kind: 不动产权, 房产, 土地",
        ),
        sa.Column("owner_name", sa.Text(), nullable=True, comment="As the certificate says"),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="First day it no longer holds"),
        sa.Column(
            "stated_on",
            sa.Date(),
            nullable=True,
            comment="Newest day a file stated it for; null: none named a day",
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_title_owner_id"),
        ),
        sa.ForeignKeyConstraint(["rights_cell"], ["rights.cell.cell"], name="fk_title_rights_cell"),
        sa.PrimaryKeyConstraint("title_id", name=op.f("pk_title")),
        schema="place",
        comment="Certificates, and the states of places that have none",
    )
    op.create_index(
        "ix_title_number",
        "title",
        [
            sa.literal_column(
                "translate(lower(regexp_replace(normalize(number, NFKC), '\\s+', '', 'g')), '[]〔〕【】「」〈〉《》–—―‐−', '()()()()()()-----')"
            )
        ],
        unique=False,
        schema="place",
    )
    op.create_index("ix_title_rights_cell", "title", ["rights_cell"], unique=False, schema="place")
    op.create_table(
        "plan",
        sa.Column("plan_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "note", sa.Text(), nullable=True, comment="What it is for, in the planner's words"
        ),
        sa.Column(
            "document", sa.Text(), nullable=True, comment="文号 of what it rests on; null: none yet"
        ),
        sa.Column(
            "from_on", sa.Date(), nullable=False, comment="First day on which it may be carried out"
        ),
        sa.Column("organization_id", sa.BigInteger(), nullable=False, comment="Who plans"),
        sa.Column(
            "is_shared",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Else it is its maker's alone; what is proposed is shared",
        ),
        sa.Column("state", sa.Text(), server_default=sa.text("'draft'"), nullable=False),
        sa.Column(
            "version",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=False,
            comment="Moves with any change",
        ),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "merged_on",
            sa.Date(),
            nullable=True,
            comment="First day of what it changed; null: it changed nothing",
        ),
        sa.Column(
            "merged_edit_ids",
            sa.ARRAY(sa.BigInteger()),
            nullable=True,
            comment="Edits that carried it out, one a room; null: none, or they were taken back",
        ),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column(
            "bureau_cell",
            sa.Integer(),
            nullable=False,
            comment="Over this the bureau's parts in it are held",
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'proposed', 'reviewed', 'returned', 'approved', 'rejected', 'dropped')",
            name=op.f("ck_plan_state"),
        ),
        sa.CheckConstraint(
            "(merged_on IS NULL) = (merged_edit_ids IS NULL)", name=op.f("ck_plan_merged")
        ),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 100", name=op.f("ck_plan_name")),
        sa.ForeignKeyConstraint(
            ["bureau_cell"], ["rights.cell.cell"], name=op.f("fk_plan_bureau_cell")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["rights.account.account_id"], name=op.f("fk_plan_changed_by")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["rights.account.account_id"], name=op.f("fk_plan_made_by")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_plan_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["rights_cell"], ["rights.cell.cell"], name=op.f("fk_plan_rights_cell")
        ),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_plan")),
        schema="redeployment",
        comment="A redeployment plan: who is to have which rooms, beside what the register says",
        info={"seen_when": "(is_shared OR made_by = (SELECT rights.current_account_id()))"},
    )
    op.create_index(
        op.f("ix_plan_bureau_cell"), "plan", ["bureau_cell"], unique=False, schema="redeployment"
    )
    op.create_index(
        "ix_plan_merged_edit_ids",
        "plan",
        ["merged_edit_ids"],
        unique=False,
        schema="redeployment",
        postgresql_using="gin",
        postgresql_where=sa.text("merged_edit_ids IS NOT NULL"),
    )
    op.create_index(
        "ix_plan_organization_id", "plan", ["organization_id"], unique=False, schema="redeployment"
    )
    op.create_index(
        op.f("ix_plan_rights_cell"), "plan", ["rights_cell"], unique=False, schema="redeployment"
    )
    op.create_table(
        "request",
        sa.Column("request_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "number",
            sa.Text(),
            nullable=True,
            comment="文号 of its own, given when first handed in",
        ),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column(
            "first_item",
            sa.Text(),
            nullable=True,
            comment="What was asked for before it became a transfer",
        ),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'draft'"), nullable=False),
        sa.Column(
            "version",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=False,
            comment="Moves with any change",
        ),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "needed_m2",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="Usable area asked for; null: not of this item",
        ),
        sa.Column(
            "posts",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="People to be placed, by term of list rank",
        ),
        sa.Column(
            "rank_code",
            sa.Text(),
            nullable=True,
            comment="Term of list rank: of the leader whose office it is",
        ),
        sa.Column(
            "old_rooms",
            sa.Text(),
            nullable=True,
            comment="What becomes of the rooms it has; null: nobody said",
        ),
        sa.Column("from_on", sa.Date(), nullable=True, comment="From when it is needed"),
        sa.Column(
            "due_on", sa.Date(), nullable=True, comment="Last day to decide; null: none was stated"
        ),
        sa.Column(
            "admin_area_code",
            sa.Text(),
            nullable=True,
            comment="Where it is wanted; null: anywhere",
        ),
        sa.Column(
            "longitude",
            sa.Double(),
            nullable=True,
            comment="EPSG:4490, of the point to be near; null: none",
        ),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("radius_m", sa.Integer(), nullable=True),
        sa.Column(
            "amount_yuan",
            sa.Numeric(precision=16, scale=2),
            nullable=True,
            comment="Yearly rent, estimate or price asked for",
        ),
        sa.Column(
            "budget_yuan",
            sa.Numeric(precision=16, scale=2),
            nullable=True,
            comment="What finance provides",
        ),
        sa.Column("budget_document", sa.Text(), nullable=True, comment="文号 of finance's answer"),
        sa.Column(
            "project_name", sa.Text(), nullable=True, comment="Of a building project or repair"
        ),
        sa.Column("project_address", sa.Text(), nullable=True),
        sa.Column(
            "other_ways_reason",
            sa.Text(),
            nullable=True,
            comment="Why neither exchange nor lease will do",
        ),
        sa.Column("other_ways_document", sa.Text(), nullable=True),
        sa.Column(
            "classified_document",
            sa.Text(),
            nullable=True,
            comment="文号 by which it must be built; null: open",
        ),
        sa.Column(
            "checked_on",
            sa.Date(),
            nullable=True,
            comment="Day of the stock that was looked through",
        ),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_by", sa.BigInteger(), nullable=True),
        sa.Column("decision_document", sa.Text(), nullable=True, comment="文号 of the decision"),
        sa.Column(
            "given_edit_ids",
            sa.ARRAY(sa.BigInteger()),
            nullable=True,
            comment="Edits that gave its rooms out, one a room; null: none, or they were taken back",
        ),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "bureau_cell",
            sa.Integer(),
            nullable=False,
            comment="Over this the bureau's parts in it are held",
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint(
            "first_item IN ('transfer', 'exchange', 'lease', 'construct', 'repair', 'leader_office')",
            name=op.f("ck_request_first_item"),
        ),
        sa.CheckConstraint(
            "item IN ('transfer', 'exchange', 'lease', 'construct', 'repair', 'leader_office')",
            name=op.f("ck_request_item"),
        ),
        sa.CheckConstraint(
            "old_rooms IN ('kept', 'some', 'all')", name=op.f("ck_request_old_rooms")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'checked', 'reviewed', 'funded', 'returned', 'approved', 'done', 'rejected', 'dropped')",
            name=op.f("ck_request_state"),
        ),
        sa.CheckConstraint(
            "(longitude IS NULL) = (latitude IS NULL) AND (longitude IS NULL) = (radius_m IS NULL)",
            name=op.f("ck_request_near"),
        ),
        sa.CheckConstraint(
            "amount_yuan >= 0 AND budget_yuan >= 0", name=op.f("ck_request_amounts")
        ),
        sa.CheckConstraint("needed_m2 > 0", name=op.f("ck_request_needed")),
        sa.ForeignKeyConstraint(
            ["admin_area_code"],
            ["place.admin_area.code"],
            name=op.f("fk_request_admin_area_code"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["bureau_cell"], ["rights.cell.cell"], name=op.f("fk_request_bureau_cell")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["rights.account.account_id"], name=op.f("fk_request_changed_by")
        ),
        sa.ForeignKeyConstraint(
            ["checked_by"], ["rights.account.account_id"], name=op.f("fk_request_checked_by")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["rights.account.account_id"], name=op.f("fk_request_made_by")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_request_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["rights_cell"], ["rights.cell.cell"], name=op.f("fk_request_rights_cell")
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_request")),
        sa.UniqueConstraint("number", name=op.f("uq_request_number")),
        schema="requests",
        comment="What a body asks for: one of the six items that are approved",
    )
    op.create_index(
        op.f("ix_request_bureau_cell"), "request", ["bureau_cell"], unique=False, schema="requests"
    )
    op.create_index(
        "ix_request_given_edit_ids",
        "request",
        ["given_edit_ids"],
        unique=False,
        schema="requests",
        postgresql_using="gin",
        postgresql_where=sa.text("given_edit_ids IS NOT NULL"),
    )
    op.create_index(
        "ix_request_organization_id",
        "request",
        ["organization_id"],
        unique=False,
        schema="requests",
    )
    op.create_index(
        op.f("ix_request_rights_cell"), "request", ["rights_cell"], unique=False, schema="requests"
    )
    op.create_table(
        "scope_cell",
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("cell", sa.Integer(), nullable=False),
        sa.Column("can_write", sa.Boolean(), nullable=False),
        sa.Column(
            "sees_rows",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Else the cell counts in figures, and no row of it is shown",
        ),
        sa.Column(
            "domains",
            postgresql.ARRAY(sa.Text()),
            nullable=True,
            comment="Those it may write in, where it writes; null: in every one",
        ),
        sa.ForeignKeyConstraint(["cell"], ["rights.cell.cell"], name=op.f("fk_scope_cell_cell")),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["rights.scope.scope_id"], name=op.f("fk_scope_cell_scope_id")
        ),
        sa.PrimaryKeyConstraint("scope_id", "cell", name=op.f("pk_scope_cell")),
        schema="rights",
        comment="Which cells a scope reaches; recomputed when grants, the tree or an area change",
        info={"history": False},
    )
    op.create_table(
        "frozen_report",
        sa.Column("frozen_report_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("report", sa.Text(), nullable=False, comment="Name it is asked by"),
        sa.Column("subject", sa.Text(), nullable=False, comment="What was closed with it"),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "snapshot",
            sa.Text(),
            nullable=False,
            comment="Transactions it saw, as PostgreSQL says it",
        ),
        sa.Column(
            "rules",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Rows of rules and vocabularies it used",
        ),
        sa.Column("figure_count", sa.Integer(), nullable=False),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_frozen_report_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["rights_cell"], ["rights.cell.cell"], name=op.f("fk_frozen_report_rights_cell")
        ),
        sa.PrimaryKeyConstraint("frozen_report_id", name=op.f("pk_frozen_report")),
        sa.UniqueConstraint("subject", name=op.f("uq_frozen_report_subject")),
        schema="services",
        comment="A report as it was handed in; never changed",
        info={
            "seen_by": "signed_in",
            "refuses": {"uq_frozen_report_subject": "services.frozen_already"},
        },
    )
    op.create_index(
        op.f("ix_frozen_report_rights_cell"),
        "frozen_report",
        ["rights_cell"],
        unique=False,
        schema="services",
    )
    op.create_table(
        "number_given",
        sa.Column("number_given_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column(
            "year",
            sa.Integer(),
            nullable=True,
            comment="Null: the series goes on from year to year",
        ),
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            nullable=True,
            comment="Null: the series counts for the whole city",
        ),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("written", sa.Text(), nullable=False, comment="As it stands on the paper"),
        sa.Column("subject", sa.Text(), nullable=False, comment="What has the number"),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_number_given_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_number_given_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["rights_cell"], ["rights.cell.cell"], name=op.f("fk_number_given_rights_cell")
        ),
        sa.PrimaryKeyConstraint("number_given_id", name=op.f("pk_number_given")),
        sa.UniqueConstraint("series", "subject", name=op.f("uq_number_given_series_subject")),
        sa.UniqueConstraint("series", "written", name=op.f("uq_number_given_series_written")),
        sa.UniqueConstraint(
            "series",
            "year",
            "organization_id",
            "number",
            name="uq_number_given_number",
            postgresql_nulls_not_distinct=True,
        ),
        schema="services",
        comment="A number that was given, and what has it; never given again",
        info={
            "history": False,
            "is_read_only": True,
            "refuses": {"uq_number_given_series_subject": "number.given_already"},
        },
    )
    op.create_index(
        op.f("ix_number_given_rights_cell"),
        "number_given",
        ["rights_cell"],
        unique=False,
        schema="services",
    )
    op.create_table(
        "standard",
        sa.Column("standard_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "level_code",
            sa.Text(),
            nullable=True,
            comment="Term of list organization_level; null: of every level",
        ),
        sa.Column(
            "rank_code",
            sa.Text(),
            nullable=True,
            comment="Term of list rank, or of building_height; null: of every one",
        ),
        sa.Column(
            "from_count",
            sa.Numeric(),
            nullable=True,
            comment="Up to how many people the value holds",
        ),
        sa.Column(
            "to_count", sa.Numeric(), nullable=True, comment="From how many on value_beyond holds"
        ),
        sa.Column(
            "value",
            sa.Numeric(),
            nullable=True,
            comment="m2, or a share; null: left open by the standard",
        ),
        sa.Column("value_beyond", sa.Numeric(), nullable=True),
        sa.Column(
            "cap",
            sa.Numeric(),
            nullable=True,
            comment="What value may not exceed; null: nothing said",
        ),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="First day it no longer holds"),
        sa.Column("rule_source", sa.Text(), nullable=False, comment="The document"),
        sa.Column("clause", sa.Text(), nullable=True, comment="Where in it"),
        sa.Column("source_url", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column(
            "is_confirmation",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Only says that the row of the country pack was compared with the document",
        ),
        sa.Column("is_verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "compared_by",
            sa.BigInteger(),
            nullable=True,
            comment="Who compared it with the document",
        ),
        sa.Column("compared_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("set_by", sa.BigInteger(), nullable=True, comment="Who wrote it as it stands"),
        sa.Column(
            "set_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("kind"), "="),
            (sa.text("coalesce(level_code, '')"), "="),
            (sa.text("coalesce(rank_code, '')"), "="),
            (sa.text("daterange(valid_from, valid_to)"), "&&"),
            using="gist",
            name="ex_standard_one_at_a_time",
        ),
        sa.CheckConstraint(
            "kind IN ('office_limit', 'service_rate', 'equipment_ratio', 'usable_ratio', 'canteen_rate', 'garage_rate', 'bicycle_rate', 'motorbike_rate', 'guard_rate', 'toilet_limit', 'second_return', 'leave_return', 'moved_return', 'idle_term', 'repair_interval', 'tolerance')",
            name=op.f("ck_standard_kind"),
        ),
        sa.CheckConstraint("from_count < to_count", name=op.f("ck_standard_counts")),
        sa.CheckConstraint(
            "is_verified OR (compared_by IS NULL AND compared_on IS NULL)",
            name=op.f("ck_standard_verified"),
        ),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_standard_dates")),
        sa.CheckConstraint("value >= 0 AND value_beyond >= 0", name=op.f("ck_standard_values")),
        sa.ForeignKeyConstraint(
            ["compared_by"], ["rights.account.account_id"], name=op.f("fk_standard_compared_by")
        ),
        sa.ForeignKeyConstraint(
            ["rights_cell"], ["rights.cell.cell"], name=op.f("fk_standard_rights_cell")
        ),
        sa.ForeignKeyConstraint(
            ["set_by"], ["rights.account.account_id"], name=op.f("fk_standard_set_by")
        ),
        sa.PrimaryKeyConstraint("standard_id", name=op.f("pk_standard")),
        schema="space",
        comment="The bureau's own rows of the standard of office space, before those of the pack",
        info={
            "seen_by": "signed_in",
            "refuses": {"ex_standard_one_at_a_time": "space.standards.overlaps_now"},
        },
    )
    op.create_index(
        op.f("ix_standard_rights_cell"), "standard", ["rights_cell"], unique=False, schema="space"
    )
    op.create_table(
        "filing",
        sa.Column("filing_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'not_started'"), nullable=False),
        sa.Column(
            "version",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=False,
            comment="Moves with any change",
        ),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "due_on",
            sa.Date(),
            nullable=True,
            comment="An extension granted to this agency; null: the campaign's date",
        ),
        sa.Column(
            "submitted_at", sa.DateTime(timezone=True), nullable=True, comment="When last handed in"
        ),
        sa.Column("is_late", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "unexplained_count",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Large differences without an explanation when handed in, in rows of its own cell",
        ),
        sa.Column(
            "job_id",
            sa.BigInteger(),
            nullable=True,
            comment="The work that brings it into the register once approved",
        ),
        sa.Column(
            "succeeded_by_filing_id",
            sa.BigInteger(),
            nullable=True,
            comment="The agency was merged or renamed meanwhile: who files in its place",
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint(
            "state IN ('not_started', 'in_progress', 'submitted', 'returned', 'approved')",
            name=op.f("ck_filing_state"),
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.campaign.campaign_id"], name=op.f("fk_filing_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["rights.account.account_id"], name=op.f("fk_filing_changed_by")
        ),
        sa.ForeignKeyConstraint(["job_id"], ["staging.job.job_id"], name=op.f("fk_filing_job_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_filing_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["rights_cell"], ["rights.cell.cell"], name=op.f("fk_filing_rights_cell")
        ),
        sa.ForeignKeyConstraint(
            ["succeeded_by_filing_id"],
            ["campaign.filing.filing_id"],
            name=op.f("fk_filing_succeeded_by_filing_id"),
        ),
        sa.PrimaryKeyConstraint("filing_id", name=op.f("pk_filing")),
        sa.UniqueConstraint(
            "campaign_id", "organization_id", name=op.f("uq_filing_campaign_id_organization_id")
        ),
        schema="campaign",
        comment="What one agency hands in for a campaign",
    )
    op.create_index(
        "ix_filing_organization_id", "filing", ["organization_id"], unique=False, schema="campaign"
    )
    op.create_index(
        op.f("ix_filing_rights_cell"), "filing", ["rights_cell"], unique=False, schema="campaign"
    )
    op.create_table(
        "certificate",
        sa.Column("certificate_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "uid",
            sa.Uuid(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="What the code on the paper carries; not to be guessed",
        ),
        sa.Column(
            "place_id", sa.BigInteger(), nullable=False, comment="The property its rooms are in"
        ),
        sa.Column("holder_id", sa.BigInteger(), nullable=False, comment="Who may use them"),
        sa.Column("number", sa.Text(), nullable=False, comment="As its series gave it"),
        sa.Column(
            "called", sa.Text(), nullable=False, comment="What such a paper was called when issued"
        ),
        sa.Column("issuer", sa.Text(), nullable=False, comment="发证机关, as printed"),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column(
            "agreement_number",
            sa.Text(),
            nullable=True,
            comment="Of the use agreement (使用协议); null: not said",
        ),
        sa.Column("agreement_on", sa.Date(), nullable=True, comment="The day it was signed"),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column(
            "valid_to",
            sa.Date(),
            nullable=True,
            comment="First day it no longer holds, as planned; null: open",
        ),
        sa.Column(
            "cancelled_on",
            sa.Date(),
            nullable=True,
            comment="First day it no longer holds; null: not cancelled",
        ),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("cancel_document", sa.Text(), nullable=True),
        sa.Column("cancelled_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "is_withdrawn",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Its issue was taken back: it never held",
        ),
        sa.Column(
            "edition",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=False,
            comment="The newest",
        ),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("changed_by", sa.BigInteger(), nullable=True, comment="Who did the last of it"),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint(
            "(cancelled_on IS NULL) = (cancel_reason IS NULL) AND cancelled_on >= valid_from",
            name=op.f("ck_certificate_cancelled"),
        ),
        sa.CheckConstraint(
            "valid_from IS NOT NULL AND valid_from < valid_to", name=op.f("ck_certificate_dates")
        ),
        sa.ForeignKeyConstraint(
            ["cancelled_by"],
            ["rights.account.account_id"],
            name=op.f("fk_certificate_cancelled_by"),
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["rights.account.account_id"], name=op.f("fk_certificate_changed_by")
        ),
        sa.ForeignKeyConstraint(
            ["holder_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_certificate_holder_id"),
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_certificate_place",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_certificate")),
        sa.UniqueConstraint(
            "certificate_id", "rights_cell", name="uq_certificate_certificate_id_rights_cell"
        ),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
        sa.UniqueConstraint("uid", name=op.f("uq_certificate_uid")),
        schema="certificates",
        comment="Use certificates (使用凭证): who may use rooms of a property, from when to when",
    )
    op.create_index(
        "ix_certificate_holder_id",
        "certificate",
        ["holder_id"],
        unique=False,
        schema="certificates",
    )
    op.create_index(
        "ix_certificate_place_id", "certificate", ["place_id"], unique=False, schema="certificates"
    )
    op.create_table(
        "ownership_record",
        sa.Column(
            "ownership_record_id", sa.BigInteger(), sa.Identity(always=False), nullable=False
        ),
        sa.Column(
            "place_id",
            sa.BigInteger(),
            nullable=True,
            comment="The property; null: it is gone, what was said stays",
        ),
        sa.Column("place_title", sa.Text(), nullable=False, comment="As it was called then"),
        sa.Column(
            "cause",
            sa.Text(),
            nullable=True,
            comment="Why it has no title; null: it has one, or nobody said",
        ),
        sa.Column("reason", sa.Text(), nullable=True, comment="In words; null: none"),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column(
            "version",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=False,
            comment="Moves with any change",
        ),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "bureau_cell", sa.Integer(), nullable=False, comment="Whoever may write it decides"
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint(
            "cause IN ('papers_missing', 'unclear', 'other')",
            name=op.f("ck_ownership_record_cause"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'handed_in', 'recorded', 'returned', 'dropped')",
            name=op.f("ck_ownership_record_state"),
        ),
        sa.CheckConstraint(
            "length(reason) BETWEEN 1 AND 2000", name=op.f("ck_ownership_record_reason")
        ),
        sa.ForeignKeyConstraint(
            ["bureau_cell"], ["rights.cell.cell"], name=op.f("fk_ownership_record_bureau_cell")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"],
            ["rights.account.account_id"],
            name=op.f("fk_ownership_record_changed_by"),
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["rights.account.account_id"], name=op.f("fk_ownership_record_made_by")
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_ownership_record_place",
            onupdate="CASCADE",
            ondelete="SET NULL (place_id)",
        ),
        sa.PrimaryKeyConstraint("ownership_record_id", name=op.f("pk_ownership_record")),
        schema="certificates",
        comment="Ownership on record (权属备案): what a property's titles are, or why it has none",
        info={"refuses": {"uq_ownership_record_open": "ownership.known"}},
    )
    op.create_index(
        op.f("ix_ownership_record_bureau_cell"),
        "ownership_record",
        ["bureau_cell"],
        unique=False,
        schema="certificates",
    )
    op.create_index(
        "ix_ownership_record_place_id",
        "ownership_record",
        ["place_id"],
        unique=False,
        schema="certificates",
    )
    op.create_index(
        "uq_ownership_record_open",
        "ownership_record",
        ["place_id"],
        unique=True,
        schema="certificates",
        postgresql_where=sa.text("state <> 'dropped' AND place_id IS NOT NULL"),
    )
    op.create_table(
        "archive_file",
        sa.Column("archive_file_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "category",
            sa.Text(),
            nullable=False,
            comment="Of archive_category.csv of the country pack",
        ),
        sa.Column(
            "title", sa.Text(), nullable=False, comment="What it is, in the words of who added it"
        ),
        sa.Column(
            "dated_on", sa.Date(), nullable=True, comment="The day on the document; null: not known"
        ),
        sa.Column(
            "is_original",
            sa.Boolean(),
            nullable=False,
            comment="Taken from the original, not from a copy",
        ),
        sa.Column("file_name", sa.Text(), nullable=False, comment="As its sender calls it"),
        sa.Column("type", sa.Text(), nullable=False, comment="As its content says, such as pdf"),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "removed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it was taken out, and may be put back; null: it is in the archive",
        ),
        sa.Column("removed_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint(
            "length(file_name) BETWEEN 1 AND 200", name=op.f("ck_archive_file_file_name")
        ),
        sa.CheckConstraint("length(title) BETWEEN 1 AND 200", name=op.f("ck_archive_file_title")),
        sa.CheckConstraint(
            "removed_at IS NOT NULL OR removed_by IS NULL", name=op.f("ck_archive_file_removed")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_archive_file_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_archive_file_place",
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["removed_by"], ["rights.account.account_id"], name=op.f("fk_archive_file_removed_by")
        ),
        sa.PrimaryKeyConstraint("archive_file_id", name=op.f("pk_archive_file")),
        schema="estate",
        comment="A file in the archive of a place: what it is, its category, who added it, when",
        info={"refuses": {"uq_archive_file": "archive.known"}},
    )
    op.create_index(
        "ix_archive_file_removed",
        "archive_file",
        ["place_id"],
        unique=False,
        schema="estate",
        postgresql_where=sa.text("removed_at IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_archive_file_sha256"), "archive_file", ["sha256"], unique=False, schema="estate"
    )
    op.create_index(
        "uq_archive_file",
        "archive_file",
        ["place_id", "sha256"],
        unique=True,
        schema="estate",
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "asset_card",
        sa.Column("asset_card_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False, comment="Ours"),
        sa.Column(
            "number", sa.Text(), nullable=False, comment="卡片编号: that of the finance system"
        ),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column(
            "category_code",
            sa.Text(),
            nullable=True,
            comment="资产分类代码, of either edition; as written",
        ),
        sa.Column("category_name", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("unit_name", sa.Text(), nullable=True, comment="使用部门; as written"),
        sa.Column(
            "unit_id",
            sa.BigInteger(),
            nullable=True,
            comment="The body of that name; null: not in the directory",
        ),
        sa.Column("quantity", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column(
            "area_m2",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="Of a house, or of land where it is a card of land",
        ),
        sa.Column("land_area_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column(
            "value_yuan", sa.Numeric(precision=16, scale=2), nullable=True, comment="账面原值"
        ),
        sa.Column(
            "depreciation_yuan",
            sa.Numeric(precision=16, scale=2),
            nullable=True,
            comment="累计折旧",
        ),
        sa.Column(
            "net_value_yuan", sa.Numeric(precision=16, scale=2), nullable=True, comment="净值"
        ),
        sa.Column("assessed_value_yuan", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("fiscal_funds_yuan", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("other_funds_yuan", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column(
            "use_status",
            sa.Text(),
            nullable=True,
            comment="Term of list use_status; null: not stated",
        ),
        sa.Column("certificate_no", sa.Text(), nullable=True, comment="权证号, as written"),
        sa.Column("acquired_how", sa.Text(), nullable=True),
        sa.Column("acquired_on", sa.Date(), nullable=True),
        sa.Column("booked_on", sa.Date(), nullable=True),
        sa.Column("account_title", sa.Text(), nullable=True),
        sa.Column("voucher_no", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column(
            "admin_area_code",
            sa.Text(),
            nullable=True,
            comment="District or city of the file; null: no file has said",
        ),
        sa.Column(
            "stated_on",
            sa.Date(),
            nullable=True,
            comment="The day it was first stated for; null: not said",
        ),
        sa.Column(
            "stated_days",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="Column to the day it stands for, where that is not stated_on",
        ),
        sa.Column(
            "place_id",
            sa.BigInteger(),
            nullable=True,
            comment="What it is the card of; null: not found",
        ),
        sa.Column(
            "found_by",
            sa.Text(),
            nullable=True,
            comment="How that place was found; null: not found; hand without a place: taken off it",
        ),
        sa.Column("load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint(
            "(place_id IS NULL) = (found_by IS NULL) OR found_by = 'hand'",
            name=op.f("ck_asset_card_found"),
        ),
        sa.CheckConstraint(
            "found_by IN ('number', 'certificate', 'address_and_name', 'address', 'hand')",
            name=op.f("ck_asset_card_found_by"),
        ),
        sa.ForeignKeyConstraint(
            ["admin_area_code"],
            ["place.admin_area.code"],
            name=op.f("fk_asset_card_admin_area_code"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["staging.load.load_id"], name=op.f("fk_asset_card_load_id")
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_asset_card_place",
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["rights_cell"], ["rights.cell.cell"], name="fk_asset_card_rights_cell"
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_asset_card_unit_id"),
        ),
        sa.PrimaryKeyConstraint("asset_card_id", name=op.f("pk_asset_card")),
        sa.UniqueConstraint("code", name=op.f("uq_asset_card_code")),
        schema="estate",
        comment="Cards of the finance system (资产卡片): the other ledger, compared and never merged",
        info={
            "forgotten_by": (
                "t.number",
                "concat_ws('|', t.name, t.remark, CASE WHEN t.found_by IS NULL OR t.found_by = 'address' OR NOT EXISTS (SELECT FROM place.place AS p WHERE p.place_id = t.place_id AND place.normalised(p.address) = place.normalised(t.address)) THEN t.address END, CASE WHEN t.found_by IS DISTINCT FROM 'certificate' THEN t.certificate_no END)",
            )
        },
    )
    op.create_index("ix_asset_card_number", "asset_card", ["number"], unique=False, schema="estate")
    op.create_index(
        "ix_asset_card_place_id", "asset_card", ["place_id"], unique=False, schema="estate"
    )
    op.create_index(
        "ix_asset_card_rights_cell", "asset_card", ["rights_cell"], unique=False, schema="estate"
    )
    op.create_table(
        "holding",
        sa.Column("holding_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("extent", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="First day it no longer holds"),
        sa.Column(
            "stated_on",
            sa.Date(),
            nullable=True,
            comment="The day its source states it for; null: not said",
        ),
        sa.Column(
            "area_m2",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="How much of the place; null: not stated",
        ),
        sa.Column("decision", sa.Text(), nullable=True, comment="Document or minutes it rests on"),
        sa.Column("source", sa.Text(), nullable=False, comment="Term of list holding_source"),
        sa.Column("load_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint("extent IN ('whole', 'part')", name=op.f("ck_holding_extent")),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_holding_dates")),
        sa.ForeignKeyConstraint(
            ["kind"], ["estate.holding_kind.kind"], name=op.f("fk_holding_kind")
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["staging.load.load_id"], name=op.f("fk_holding_load_id")
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_holding_place",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("holding_id", name=op.f("pk_holding")),
        sa.UniqueConstraint("holding_id", "rights_cell", name="uq_holding_holding_id_rights_cell"),
        schema="estate",
        comment="Who has what, since when: a period over a place",
    )
    op.create_index("ix_holding_place_id", "holding", ["place_id"], unique=False, schema="estate")
    op.create_table(
        "inspector",
        sa.Column("inspection_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_inspector_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspection.inspection.inspection_id"],
            name=op.f("fk_inspector_inspection_id"),
        ),
        sa.ForeignKeyConstraint(
            ["rights_cell"], ["rights.cell.cell"], name=op.f("fk_inspector_rights_cell")
        ),
        sa.PrimaryKeyConstraint("inspection_id", "account_id", name=op.f("pk_inspector")),
        schema="inspection",
        comment="Who carries an inspection out; nobody: whoever may write what the bureau answers for",
    )
    op.create_index(
        "ix_inspector_account_id", "inspector", ["account_id"], unique=False, schema="inspection"
    )
    op.create_index(
        op.f("ix_inspector_rights_cell"),
        "inspector",
        ["rights_cell"],
        unique=False,
        schema="inspection",
    )
    op.create_table(
        "item",
        sa.Column("item_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("inspection_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "position",
            sa.Integer(),
            nullable=False,
            comment="In the order it is gone through, from 1",
        ),
        sa.Column(
            "key",
            sa.Text(),
            nullable=True,
            comment="Of the row of the country pack; null: an item of its own",
        ),
        sa.Column("head", sa.Text(), nullable=False, comment="What it is scored under"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column(
            "points",
            sa.Numeric(precision=6, scale=2),
            nullable=True,
            comment="Most it can bring; null: it is not scored",
        ),
        sa.Column(
            "rule_source", sa.Text(), nullable=True, comment="The document; null: the bureau's own"
        ),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint("length(head) BETWEEN 1 AND 100", name=op.f("ck_item_head")),
        sa.CheckConstraint("length(title) BETWEEN 1 AND 300", name=op.f("ck_item_title")),
        sa.CheckConstraint("points > 0", name=op.f("ck_item_points")),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspection.inspection.inspection_id"],
            name=op.f("fk_item_inspection_id"),
        ),
        sa.ForeignKeyConstraint(
            ["rights_cell"], ["rights.cell.cell"], name=op.f("fk_item_rights_cell")
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_item")),
        sa.UniqueConstraint(
            "inspection_id", "position", name=op.f("uq_item_inspection_id_position")
        ),
        schema="inspection",
        comment="What an inspection asks, as it was when it was planned",
        info={
            "seen_by": "signed_in",
            "refuses": {"uq_item_inspection_id_position": "inspection.changed_meanwhile"},
        },
    )
    op.create_index(
        op.f("ix_item_rights_cell"), "item", ["rights_cell"], unique=False, schema="inspection"
    )
    op.create_table(
        "visit",
        sa.Column("visit_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("inspection_id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column(
            "done_on", sa.Date(), nullable=True, comment="When it was gone through; null: not yet"
        ),
        sa.Column("done_by", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint("(state = 'done') = (done_on IS NOT NULL)", name=op.f("ck_visit_done")),
        sa.CheckConstraint("state IN ('open', 'done')", name=op.f("ck_visit_state")),
        sa.ForeignKeyConstraint(
            ["done_by"], ["rights.account.account_id"], name=op.f("fk_visit_done_by")
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspection.inspection.inspection_id"],
            name=op.f("fk_visit_inspection_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_visit_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["rights_cell"], ["rights.cell.cell"], name=op.f("fk_visit_rights_cell")
        ),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_visit")),
        sa.UniqueConstraint(
            "inspection_id", "organization_id", name=op.f("uq_visit_inspection_id_organization_id")
        ),
        sa.UniqueConstraint("visit_id", "rights_cell", name=op.f("uq_visit_visit_id_rights_cell")),
        schema="inspection",
        comment="A body as an inspection goes through it",
    )
    op.create_index(
        "ix_visit_organization_id", "visit", ["organization_id"], unique=False, schema="inspection"
    )
    op.create_index(
        op.f("ix_visit_rights_cell"), "visit", ["rights_cell"], unique=False, schema="inspection"
    )
    op.create_table(
        "area_measure",
        sa.Column("area_measure_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("area_kind", sa.Text(), nullable=False),
        sa.Column("area_m2", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "measured_on",
            sa.Date(),
            nullable=True,
            comment="The day it is true from; null: not stated",
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint(
            "source IN ('certificate', 'survey', 'drawing', 'declared', 'polygon')",
            name=op.f("ck_area_measure_source"),
        ),
        sa.CheckConstraint("area_m2 >= 0", name=op.f("ck_area_measure_area_m2")),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_area_measure_place",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("area_measure_id", name=op.f("pk_area_measure")),
        schema="place",
        comment="Every area anybody measured: sources stand side by side, none overwrites another",
        info={"stays_with_stubs": True},
    )
    op.create_index(
        "uq_area_measure_figure",
        "area_measure",
        ["place_id", "area_kind", "source", "measured_on"],
        unique=True,
        schema="place",
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "building",
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "ownership_status", sa.Text(), nullable=True, comment="Term of list ownership_status"
        ),
        sa.Column("is_leased_in", sa.Boolean(), nullable=True),
        sa.Column("is_centrally_managed", sa.Boolean(), nullable=True),
        sa.Column("year_built", sa.SmallInteger(), nullable=True),
        sa.Column(
            "book_value_yuan",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="原值, as the register's own ledger states",
        ),
        sa.Column(
            "structure", sa.Text(), nullable=True, comment="Term of list structure: 钢混, 砖混 …"
        ),
        sa.Column("floors_above", sa.SmallInteger(), nullable=True),
        sa.Column("floors_below", sa.SmallInteger(), nullable=True),
        sa.Column(
            "building_count",
            sa.Integer(),
            nullable=True,
            comment="As stated; the buildings themselves are places",
        ),
        sa.Column(
            "room_count",
            sa.Integer(),
            nullable=True,
            comment="As stated; the rooms themselves are places",
        ),
        sa.Column("purpose", sa.Text(), nullable=True, comment="用途, as written"),
        sa.Column(
            "land_right",
            sa.Text(),
            nullable=True,
            comment="Term of list land_right, as a ledger states it",
        ),
        sa.Column("land_use", sa.Text(), nullable=True, comment="地类, as a ledger states it"),
        sa.Column("height_m", sa.Numeric(precision=7, scale=2), nullable=True),
        sa.Column(
            "housing_unit_count",
            sa.Integer(),
            nullable=True,
            comment="As stated; the units themselves are places",
        ),
        sa.Column(
            "population",
            sa.Text(),
            nullable=True,
            comment="Term of list estate_population, for one without a site",
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_building_place",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_building")),
        schema="place",
        comment="楼栋",
    )
    op.create_table(
        "edit",
        sa.Column("edit_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="In the words of who did it"),
        sa.Column(
            "document",
            sa.Text(),
            nullable=True,
            comment="文号 of what it rests on; null: none stated",
        ),
        sa.Column(
            "effective_on",
            sa.Date(),
            nullable=True,
            comment="First day it is true; null: it corrects what stood",
        ),
        sa.Column(
            "transaction_id",
            sa.BigInteger(),
            server_default=sa.text("pg_current_xact_id()::text::bigint"),
            nullable=False,
            comment="By which the lines of history it left are known, together with made_at",
        ),
        sa.Column(
            "undoes_edit_id",
            sa.BigInteger(),
            nullable=True,
            comment="The edit of the same place that this one took back",
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint(
            "(kind = 'undone') = (undoes_edit_id IS NOT NULL)", name=op.f("ck_edit_undoes")
        ),
        sa.CheckConstraint(
            "kind IN ('corrected', 'redrawn', 'created', 'closed', 'reopened', 'holding', 'split', 'merged', 'measured', 'moved', 'card', 'undone')",
            name=op.f("ck_edit_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_edit_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_edit_place",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("edit_id", name=op.f("pk_edit")),
        sa.UniqueConstraint("undoes_edit_id", name=op.f("uq_edit_undoes_edit_id")),
        schema="place",
        comment="What people changed in a place by hand: why and on what document",
    )
    op.create_index(
        "ix_edit_place_id", "edit", ["place_id", "edit_id"], unique=False, schema="place"
    )
    op.create_table(
        "floor",
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "level", sa.SmallInteger(), nullable=False, comment="Signed: -1 is the first basement"
        ),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_floor_place",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_floor")),
        schema="place",
        comment="楼层",
    )
    op.create_table(
        "former_parent",
        sa.Column("former_parent_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "parent_id", sa.BigInteger(), nullable=True, comment="What it hung in; null: in nothing"
        ),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=False, comment="First day it no longer holds"),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["place.place.place_id"], name=op.f("fk_former_parent_parent_id")
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_former_parent_place",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("former_parent_id", name=op.f("pk_former_parent")),
        schema="place",
        comment="What a place hung in before it was moved; ended periods only",
    )
    op.create_index(
        "uq_former_parent_end",
        "former_parent",
        ["place_id", "valid_to"],
        unique=True,
        schema="place",
    )
    op.create_table(
        "housing_unit",
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("floor_level", sa.SmallInteger(), nullable=True),
        sa.Column("tenure", sa.Text(), nullable=True, comment="Term of list housing_tenure"),
        sa.Column("layout", sa.Text(), nullable=True),
        sa.Column("estate_name", sa.Text(), nullable=True, comment="小区, as written"),
        sa.Column("building_label", sa.Text(), nullable=True, comment="幢号, as written"),
        sa.Column("section_label", sa.Text(), nullable=True, comment="单元, as written"),
        sa.Column(
            "structure",
            sa.Text(),
            nullable=True,
            comment="Term of list structure, as its ledger states it",
        ),
        sa.Column(
            "year_built", sa.SmallInteger(), nullable=True, comment="As its ledger states it"
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_housing_unit_place",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_housing_unit")),
        schema="place",
        comment="公有住房的一套",
    )
    op.create_table(
        "identifier",
        sa.Column("identifier_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False, comment="Term of list identifier_scheme"),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="First day it no longer holds"),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        postgresql.ExcludeConstraint(
            (sa.text("hashtextextended(value, 0)"), "="),
            (sa.column("value"), "="),
            (sa.column("scheme"), "="),
            (sa.text("daterange(valid_from, valid_to)"), "&&"),
            using="gist",
            name="ex_identifier_one_place_at_a_time",
        ),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_identifier_dates")),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_identifier_place",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("identifier_id", name=op.f("pk_identifier")),
        schema="place",
        comment="Every foreign number of a place: unit codes, asset cards, source codes",
        info={"refuses": {"ex_identifier_one_place_at_a_time": "place.identifier_taken"}},
    )
    op.create_index(
        "ix_identifier_place_id", "identifier", ["place_id"], unique=False, schema="place"
    )
    op.create_index(
        "ix_identifier_value",
        "identifier",
        ["scheme", "value"],
        unique=False,
        schema="place",
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "lineage",
        sa.Column("from_place_id", sa.BigInteger(), nullable=False),
        sa.Column("to_place_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.CheckConstraint("kind IN ('split', 'merged', 'rebuilt')", name=op.f("ck_lineage_kind")),
        sa.ForeignKeyConstraint(
            ["from_place_id"], ["place.place.place_id"], name=op.f("fk_lineage_from_place_id")
        ),
        sa.ForeignKeyConstraint(
            ["to_place_id"], ["place.place.place_id"], name=op.f("fk_lineage_to_place_id")
        ),
        sa.PrimaryKeyConstraint("from_place_id", "to_place_id", name=op.f("pk_lineage")),
        schema="place",
        comment="Which place became which: split, merged, rebuilt",
    )
    op.create_table(
        "metering_point",
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "carrier",
            sa.Text(),
            nullable=True,
            comment="Term of list energy_carrier: electricity, water, gas, heat",
        ),
        sa.Column("meter_number", sa.Text(), nullable=True),
        sa.Column(
            "is_main", sa.Boolean(), nullable=True, comment="Main meter, as against a sub-meter"
        ),
        sa.Column("parent_number", sa.Text(), nullable=True, comment="上级计量点编号, as written"),
        sa.Column("account_number", sa.Text(), nullable=True, comment="户号 with the supplier"),
        sa.Column("energy_use", sa.Text(), nullable=True, comment="用能分项, as written"),
        sa.Column(
            "reading_unit", sa.Text(), nullable=True, comment="Unit of its readings, as written"
        ),
        sa.Column(
            "multiplier",
            sa.Numeric(precision=12, scale=4),
            nullable=True,
            comment="倍率: readings times this are the use",
        ),
        sa.Column("installed_on", sa.Date(), nullable=True),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_metering_point_place",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_metering_point")),
        schema="place",
        comment="计量点",
    )
    op.create_table(
        "parcel",
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "land_right", sa.Text(), nullable=True, comment="Term of list land_right: 划拨, 出让 …"
        ),
        sa.Column("land_use", sa.Text(), nullable=True),
        sa.Column("right_starts_on", sa.Date(), nullable=True, comment="土地使用起始日期"),
        sa.Column("right_ends_on", sa.Date(), nullable=True, comment="土地使用终止日期"),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_parcel_place",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_parcel")),
        schema="place",
        comment="宗地",
    )
    op.create_table(
        "photo",
        sa.Column("photo_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "caption",
            sa.Text(),
            nullable=True,
            comment="What it shows, in the words of who added it",
        ),
        sa.Column(
            "taken_on",
            sa.Date(),
            nullable=True,
            comment="As the camera wrote it or a person said; null: unknown",
        ),
        sa.Column(
            "file_sha256",
            sa.LargeBinary(),
            nullable=False,
            comment="Of the file as it was handed in",
        ),
        sa.Column("width_px", sa.Integer(), nullable=False),
        sa.Column("height_px", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint("length(caption) BETWEEN 1 AND 200", name=op.f("ck_photo_caption")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_photo_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_photo_place",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_photo")),
        schema="place",
        comment="A photo of a place: what it shows, when it was taken, who added it",
        info={"refuses": {"uq_photo_file": "place.photo.known"}},
    )
    op.create_index(
        "uq_photo_file", "photo", ["place_id", "file_sha256"], unique=True, schema="place"
    )
    op.create_table(
        "place_version",
        sa.Column("place_version_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("use_status", sa.Text(), nullable=True),
        sa.Column("steward_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column("number", sa.Text(), nullable=True, comment="Of a room"),
        sa.Column(
            "room_class", sa.Text(), nullable=True, comment="Of a room: term of list room_class"
        ),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=False, comment="First day it no longer holds"),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_place_version_place",
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["steward_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_place_version_steward_id"),
        ),
        sa.PrimaryKeyConstraint("place_version_id", name=op.f("pk_place_version")),
        schema="place",
        comment="What a place was before: name, address, use, steward, shape, of a room also its number and class; ended periods only",
    )
    op.create_index(
        "uq_place_version_end",
        "place_version",
        ["place_id", "valid_to"],
        unique=True,
        schema="place",
    )
    op.create_table(
        "placement",
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "method",
            sa.Text(),
            nullable=False,
            comment="click: by hand; else what a candidate is of",
        ),
        sa.Column(
            "reason",
            sa.Text(),
            nullable=True,
            comment="In the words of who put it there; null: none given",
        ),
        sa.Column(
            "former_admin_area_code",
            sa.Text(),
            nullable=True,
            comment="District before, for taking it back",
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint(
            "method IN ('click', 'same_address', 'same_number', 'between_numbers', 'next_number', 'similar_address', 'same_name', 'parts')",
            name=op.f("ck_placement_method"),
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_placement_place",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_placement")),
        schema="place",
        comment="Where a person put a place that no file locates: how, and why there",
    )
    op.create_table(
        "protected_value",
        sa.Column("protected_value_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "field",
            sa.Text(),
            nullable=False,
            comment="Column of the place or its kind; `area.<kind>`",
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "protected_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["rights.account.account_id"],
            name=op.f("fk_protected_value_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_protected_value_place",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("protected_value_id", name=op.f("pk_protected_value")),
        sa.UniqueConstraint("place_id", "field", name="uq_protected_value_place_id_field"),
        schema="place",
        comment="Values that stand as a person left them, whatever a file says",
    )
    op.create_table(
        "room",
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column(
            "room_class",
            sa.Text(),
            nullable=True,
            comment="Term of list room_class: 办公室, 服务用房 …",
        ),
        sa.Column(
            "room_use", sa.Text(), nullable=True, comment="Term of list room_use: 会议室, 档案室 …"
        ),
        sa.Column(
            "floor_level",
            sa.SmallInteger(),
            nullable=True,
            comment="As stated; its floor is its parent, where known",
        ),
        sa.Column(
            "floor_label",
            sa.Text(),
            nullable=True,
            comment="As stated; its floor is its parent, where known",
        ),
        sa.Column("post_name", sa.Text(), nullable=True, comment="职务 that it serves, as written"),
        sa.Column("post_rank", sa.Text(), nullable=True, comment="职级 that it serves, as written"),
        sa.Column(
            "is_shared",
            sa.Boolean(),
            nullable=True,
            comment="Whether several use it; null: not stated",
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_room_place",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_room")),
        schema="place",
        comment="房间",
    )
    op.create_table(
        "secrecy",
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "decision",
            sa.Text(),
            nullable=True,
            comment="Document it rests on; null: a census said so",
        ),
        sa.Column("marked_on", sa.Date(), nullable=False),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_secrecy_place",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_secrecy")),
        schema="place",
        comment="Which places were made stubs of state secrets, and by which decision",
        info={"stays_with_stubs": True},
    )
    op.create_table(
        "section",
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("floors_above", sa.SmallInteger(), nullable=True),
        sa.Column(
            "unit_count",
            sa.Integer(),
            nullable=True,
            comment="As stated; the units themselves are places",
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_section_place",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_section")),
        schema="place",
        comment="单元, 裙楼: a part of a building",
    )
    op.create_table(
        "site",
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "ownership_status", sa.Text(), nullable=True, comment="Term of list ownership_status"
        ),
        sa.Column("is_leased_in", sa.Boolean(), nullable=True, comment="Null: not stated"),
        sa.Column(
            "is_centrally_managed",
            sa.Boolean(),
            nullable=True,
            comment="集中管理; null: not stated",
        ),
        sa.Column(
            "year_built",
            sa.SmallInteger(),
            nullable=True,
            comment="As stated for the whole property",
        ),
        sa.Column(
            "book_value_yuan",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="原值, as the register's own ledger states",
        ),
        sa.Column(
            "population",
            sa.Text(),
            nullable=True,
            comment="Term of list estate_population: which census reports it",
        ),
        sa.Column(
            "structure", sa.Text(), nullable=True, comment="Term of list structure: 钢混, 砖混 …"
        ),
        sa.Column("floors_above", sa.SmallInteger(), nullable=True),
        sa.Column("floors_below", sa.SmallInteger(), nullable=True),
        sa.Column(
            "building_count",
            sa.Integer(),
            nullable=True,
            comment="As stated; the buildings themselves are places",
        ),
        sa.Column(
            "room_count",
            sa.Integer(),
            nullable=True,
            comment="As stated; the rooms themselves are places",
        ),
        sa.Column("purpose", sa.Text(), nullable=True, comment="用途, as written"),
        sa.Column(
            "land_right",
            sa.Text(),
            nullable=True,
            comment="Term of list land_right, as a ledger states it",
        ),
        sa.Column("land_use", sa.Text(), nullable=True, comment="地类, as a ledger states it"),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_site_place",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_site")),
        schema="place",
        comment="院落: a property as the census counts it",
    )
    op.create_table(
        "site_parcel",
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["place.place.place_id"], name=op.f("fk_site_parcel_parcel_id")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["place.place.place_id"], name=op.f("fk_site_parcel_site_id")
        ),
        sa.PrimaryKeyConstraint("site_id", "parcel_id", name=op.f("pk_site_parcel")),
        schema="place",
        comment="Which parcels a site stands on",
    )
    op.create_table(
        "stated_days",
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "days",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Column of the place or its kind to the day it stands for; `lets_out`, `lends`: the newest day for which a file said that nothing is let or lent; `end.` and a scheme: ends; `before.` and a column: the days for which it was stated earlier",
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_stated_days_place",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_stated_days")),
        schema="place",
        comment="Days for which files stated columns of a place, where they are not place.stated_on",
    )
    op.create_table(
        "structure",
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("use", sa.Text(), nullable=True, comment="用途, as written: 围墙, 水塔, 水池 …"),
        sa.Column(
            "ownership_status", sa.Text(), nullable=True, comment="Term of list ownership_status"
        ),
        sa.Column(
            "structure", sa.Text(), nullable=True, comment="Term of list structure: 钢混, 砖混 …"
        ),
        sa.Column("year_built", sa.SmallInteger(), nullable=True),
        sa.Column("height_m", sa.Numeric(precision=7, scale=2), nullable=True),
        sa.Column(
            "length_m",
            sa.Numeric(precision=9, scale=2),
            nullable=True,
            comment="Of a wall, a fence, a pipe",
        ),
        sa.Column(
            "book_value_yuan",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="原值, as the register's own ledger states",
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_structure_place",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_structure")),
        schema="place",
        comment="构筑物: built, yet no building",
    )
    op.create_table(
        "title_place",
        sa.Column("title_id", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("share_kind", sa.Text(), server_default=sa.text("'own'"), nullable=False),
        sa.Column("area_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint(
            "share_kind IN ('own', 'apportioned', 'land', 'underground')",
            name=op.f("ck_title_place_share_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_title_place_place",
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["title_id"], ["place.title.title_id"], name=op.f("fk_title_place_title_id")
        ),
        sa.PrimaryKeyConstraint("title_id", "place_id", "share_kind", name=op.f("pk_title_place")),
        schema="place",
        comment="Which places a certificate covers, and how much of it is which share",
    )
    op.create_index(
        "ix_title_place_place_id", "title_place", ["place_id"], unique=False, schema="place"
    )
    op.create_table(
        "zone",
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "zone_type",
            sa.Text(),
            nullable=True,
            comment="Term of list zone_type: 防火分区, 物业片区 …",
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_zone_place",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_zone")),
        schema="place",
        comment="片区: an overlay with a polygon of its own; never a parent",
    )
    op.create_table(
        "zone_member",
        sa.Column("zone_id", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "share",
            sa.Numeric(precision=9, scale=6),
            nullable=True,
            comment="Part of the place, 0 to 1",
        ),
        sa.Column(
            "area_m2",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="How much of the place; both null: all of it",
        ),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="First day it no longer holds"),
        sa.CheckConstraint("area_m2 > 0", name=op.f("ck_zone_member_area_m2")),
        sa.CheckConstraint("share > 0 AND share <= 1", name=op.f("ck_zone_member_share")),
        sa.CheckConstraint(
            "share IS NULL OR area_m2 IS NULL", name=op.f("ck_zone_member_share_or_area")
        ),
        sa.CheckConstraint("zone_id <> place_id", name=op.f("ck_zone_member_not_itself")),
        sa.ForeignKeyConstraint(
            ["place_id"], ["place.place.place_id"], name=op.f("fk_zone_member_place_id")
        ),
        sa.ForeignKeyConstraint(
            ["zone_id"], ["place.place.place_id"], name=op.f("fk_zone_member_zone_id")
        ),
        sa.PrimaryKeyConstraint("zone_id", "place_id", name=op.f("pk_zone_member")),
        schema="place",
        comment="Which places a zone covers, in whole or in part",
    )
    op.create_index(
        "ix_zone_member_place_id", "zone_member", ["place_id"], unique=False, schema="place"
    )
    op.create_table(
        "plan_room",
        sa.Column("plan_room_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "step", sa.Integer(), nullable=False, comment="Of the plan; the newest of a room counts"
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "place_id",
            sa.BigInteger(),
            nullable=True,
            comment="Null: the room is gone; what was said of it stays",
        ),
        sa.Column("place_title", sa.Text(), nullable=False, comment="As it was called then"),
        sa.Column(
            "seen_version", sa.Text(), nullable=False, comment="Of who had it as the step was taken"
        ),
        sa.Column(
            "stood",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Who had it then: bodies, shares, people",
        ),
        sa.Column(
            "wanted",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Who is to have it; of none: nobody",
        ),
        sa.Column(
            "released_to",
            sa.Text(),
            nullable=True,
            comment="What it is given up for; null: it is not",
        ),
        sa.Column(
            "receiver_id",
            sa.BigInteger(),
            nullable=True,
            comment="Who gets what is given up; null: not said",
        ),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint(
            "kind IN ('assign', 'move', 'vacate', 'release', 'keep', 'leave')",
            name=op.f("ck_plan_room_kind"),
        ),
        sa.CheckConstraint(
            "released_to IN ('level', 'district', 'department', 'leasing', 'disposal')",
            name=op.f("ck_plan_room_released_to"),
        ),
        sa.CheckConstraint(
            "receiver_id IS NULL OR released_to IS NOT NULL", name=op.f("ck_plan_room_receiver")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["rights.account.account_id"], name=op.f("fk_plan_room_made_by")
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_plan_room_place",
            onupdate="CASCADE",
            ondelete="SET NULL (place_id)",
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["redeployment.plan.plan_id"],
            name=op.f("fk_plan_room_plan_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["receiver_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_plan_room_receiver_id"),
        ),
        sa.PrimaryKeyConstraint("plan_room_id", name=op.f("pk_plan_room")),
        schema="redeployment",
        comment="What a step of a plan says of a room, beside what stood when it was taken",
        info={"seen_when": "plan_id IN (SELECT shown.plan_id FROM redeployment.plan AS shown)"},
    )
    op.create_index(
        "ix_plan_room_place_id", "plan_room", ["place_id"], unique=False, schema="redeployment"
    )
    op.create_index(
        "uq_plan_room_step",
        "plan_room",
        ["plan_id", "place_id", "step"],
        unique=True,
        schema="redeployment",
    )
    op.create_table(
        "document",
        sa.Column("document_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="Of the rows of the country pack"),
        sa.Column("reference", sa.Text(), nullable=False, comment="文号, or how it is found"),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint("length(reference) <= 200", name=op.f("ck_document_reference")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_document_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.request.request_id"], name=op.f("fk_document_request_id")
        ),
        sa.ForeignKeyConstraint(
            ["rights_cell"], ["rights.cell.cell"], name=op.f("fk_document_rights_cell")
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_document")),
        schema="requests",
        comment="A document that a request rests on",
    )
    op.create_index(
        op.f("ix_document_rights_cell"),
        "document",
        ["rights_cell"],
        unique=False,
        schema="requests",
    )
    op.create_index(
        "uq_document_kind", "document", ["request_id", "kind"], unique=True, schema="requests"
    )
    op.create_table(
        "request_place",
        sa.Column("request_place_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "place_id",
            sa.BigInteger(),
            nullable=True,
            comment="Null: the place is gone; what was said of it stays",
        ),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("place_title", sa.Text(), nullable=False, comment="As it was called then"),
        sa.Column(
            "area_m2",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="Usable then; null: not known",
        ),
        sa.Column(
            "distance_m",
            sa.Integer(),
            nullable=True,
            comment="From the point to be near; null: there was none",
        ),
        sa.Column("vacant_since", sa.Date(), nullable=True, comment="Null: not known"),
        sa.Column(
            "answer", sa.Text(), nullable=True, comment="Null: nobody has answered for it yet"
        ),
        sa.Column("answer_reason", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint(
            "answer <> 'refused' OR answer_reason IS NOT NULL",
            name=op.f("ck_request_place_refused"),
        ),
        sa.CheckConstraint("answer IN ('taken', 'refused')", name=op.f("ck_request_place_answer")),
        sa.CheckConstraint(
            "part IN ('subject', 'candidate', 'left')", name=op.f("ck_request_place_part")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"],
            ["rights.account.account_id"],
            name=op.f("fk_request_place_answered_by"),
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_request_place_place",
            onupdate="CASCADE",
            ondelete="SET NULL (place_id)",
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["requests.request.request_id"],
            name=op.f("fk_request_place_request_id"),
        ),
        sa.PrimaryKeyConstraint("request_place_id", name=op.f("pk_request_place")),
        schema="requests",
        comment="A place a request is about, or a vacant room that would do, as it stood when checked",
    )
    op.create_index(
        "ix_request_place_place_id", "request_place", ["place_id"], unique=False, schema="requests"
    )
    op.create_index(
        "uq_request_place_part",
        "request_place",
        ["request_id", "part", "place_id"],
        unique=True,
        schema="requests",
    )
    op.create_table(
        "room_return",
        sa.Column("room_return_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=True, comment="Null: the room is gone"),
        sa.Column("place_title", sa.Text(), nullable=False, comment="As it was called then"),
        sa.Column("organization_id", sa.BigInteger(), nullable=False, comment="Who gives it back"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "began_on", sa.Date(), nullable=False, comment="Day of leaving, moving or deciding"
        ),
        sa.Column("due_on", sa.Date(), nullable=False, comment="Last day to give it back"),
        sa.Column(
            "rule_source",
            sa.Text(),
            nullable=True,
            comment="The document and clause that the day comes from",
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=True, comment="文号 of what it rests on"),
        sa.Column(
            "request_id",
            sa.BigInteger(),
            nullable=True,
            comment="That gave the body other rooms; null: none",
        ),
        sa.Column(
            "returned_on",
            sa.Date(),
            nullable=True,
            comment="First day that nobody had it; null: not yet",
        ),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column(
            "version",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=False,
            comment="Moves with any change",
        ),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint(
            "kind IN ('left', 'second_post', 'moved', 'decision')", name=op.f("ck_room_return_kind")
        ),
        sa.CheckConstraint(
            "returned_on IS NULL OR state = 'returned'", name=op.f("ck_room_return_returned")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'returned', 'dropped')", name=op.f("ck_room_return_state")
        ),
        sa.CheckConstraint("due_on >= began_on", name=op.f("ck_room_return_dates")),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["rights.account.account_id"], name=op.f("fk_room_return_changed_by")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["rights.account.account_id"], name=op.f("fk_room_return_made_by")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_room_return_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_room_return_place",
            onupdate="CASCADE",
            ondelete="SET NULL (place_id)",
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["requests.request.request_id"],
            name=op.f("fk_room_return_request_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("room_return_id", name=op.f("pk_room_return")),
        schema="requests",
        comment="A room that somebody has to give back until a day",
        info={"refuses": {"uq_room_return_open": "requests.asked_back"}},
    )
    op.create_index(
        "ix_room_return_organization_id",
        "room_return",
        ["organization_id"],
        unique=False,
        schema="requests",
    )
    op.create_index(
        "ix_room_return_place_id", "room_return", ["place_id"], unique=False, schema="requests"
    )
    op.create_index(
        "ix_room_return_request_id", "room_return", ["request_id"], unique=False, schema="requests"
    )
    op.create_index(
        "uq_room_return_open",
        "room_return",
        ["place_id"],
        unique=True,
        schema="requests",
        postgresql_where=sa.text("state = 'open' AND place_id IS NOT NULL"),
    )
    op.create_table(
        "attachment",
        sa.Column("attachment_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column(
            "case_id",
            sa.BigInteger(),
            nullable=False,
            comment="Number of the case in its own table",
        ),
        sa.Column("file_name", sa.Text(), nullable=False, comment="As its sender calls it"),
        sa.Column("type", sa.Text(), nullable=False, comment="As its content says, such as pdf"),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "place_id",
            sa.BigInteger(),
            nullable=True,
            comment="Null: it names no place; else who may read it follows the place",
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint(
            "length(file_name) BETWEEN 1 AND 200", name=op.f("ck_attachment_file_name")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_attachment_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_attachment_place",
            onupdate="CASCADE",
            ondelete="SET NULL (place_id)",
        ),
        sa.ForeignKeyConstraint(
            ["rights_cell"], ["rights.cell.cell"], name=op.f("fk_attachment_rights_cell")
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["services.attachment_content.sha256"], name=op.f("fk_attachment_sha256")
        ),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_attachment")),
        schema="services",
        comment="A file attached to a case: its name, who attached it, when",
        info={"refuses": {"uq_attachment_file": "attachment.known"}},
    )
    op.create_index(
        "ix_attachment_place_id",
        "attachment",
        ["place_id"],
        unique=False,
        schema="services",
        postgresql_where=sa.text("place_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_attachment_rights_cell"),
        "attachment",
        ["rights_cell"],
        unique=False,
        schema="services",
    )
    op.create_index(
        op.f("ix_attachment_sha256"), "attachment", ["sha256"], unique=False, schema="services"
    )
    op.create_index(
        "uq_attachment_file",
        "attachment",
        ["workflow", "case_id", "sha256"],
        unique=True,
        schema="services",
    )
    op.create_table(
        "frozen_figure",
        sa.Column("frozen_figure_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("frozen_report_id", sa.BigInteger(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column(
            "row_key",
            sa.Text(),
            nullable=False,
            comment="What the row is about, such as a place code",
        ),
        sa.Column(
            "row_position", sa.Integer(), nullable=False, comment="In printing order, from 1"
        ),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column(
            "value",
            sa.Text(),
            nullable=True,
            comment="As text, exact; null: the report left it empty",
        ),
        sa.Column("value_kind", sa.Text(), nullable=False),
        sa.Column(
            "place_id",
            sa.BigInteger(),
            nullable=True,
            comment="The place of the row, where it has one",
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint(
            "value_kind IN ('text', 'number', 'boolean', 'list', 'date')",
            name=op.f("ck_frozen_figure_value_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["frozen_report_id"],
            ["services.frozen_report.frozen_report_id"],
            name=op.f("fk_frozen_figure_frozen_report_id"),
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_frozen_figure_place",
            onupdate="CASCADE",
            ondelete="SET NULL (place_id)",
        ),
        sa.ForeignKeyConstraint(
            ["rights_cell"], ["rights.cell.cell"], name=op.f("fk_frozen_figure_rights_cell")
        ),
        sa.PrimaryKeyConstraint("frozen_figure_id", name=op.f("pk_frozen_figure")),
        schema="services",
        comment="One figure of a frozen report",
        info={
            "history": False,
            "added_beside": "\n  frozen_report_id IN (\n    SELECT r.frozen_report_id FROM services.frozen_report AS r\n    WHERE r.account_id = (SELECT rights.current_writer_id())\n      AND r.rights_cell IN (SELECT cell FROM rights.my_shared_write_cells))",
        },
    )
    op.create_index(
        "ix_frozen_figure_place_id",
        "frozen_figure",
        ["place_id", "frozen_report_id"],
        unique=False,
        schema="services",
    )
    op.create_index(
        op.f("ix_frozen_figure_rights_cell"),
        "frozen_figure",
        ["rights_cell"],
        unique=False,
        schema="services",
    )
    op.create_index(
        "uq_frozen_figure_cell",
        "frozen_figure",
        ["frozen_report_id", "table_name", "row_key", "field"],
        unique=True,
        schema="services",
    )
    op.create_table(
        "notice",
        sa.Column("notice_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "audience", sa.Text(), nullable=False, comment="Which party of the case it is for"
        ),
        sa.Column("kind", sa.Text(), nullable=False, comment="Message key of its sentence"),
        sa.Column(
            "params",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
            comment="What the sentence names",
        ),
        sa.Column(
            "remark", sa.Text(), nullable=True, comment="What its sender added in his own words"
        ),
        sa.Column("address", sa.Text(), nullable=False, comment="Page it is about, from the root"),
        sa.Column(
            "occasion",
            sa.Text(),
            nullable=True,
            comment="What it is sent for only once; null: as often as wanted",
        ),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "reader_cell",
            sa.Integer(),
            nullable=False,
            comment="It is for whoever may write this cell",
        ),
        sa.Column(
            "place_id",
            sa.BigInteger(),
            nullable=True,
            comment="Null: it names no place; else who may read it follows the place",
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_notice_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_notice_place",
            onupdate="CASCADE",
            ondelete="SET NULL (place_id)",
        ),
        sa.ForeignKeyConstraint(
            ["reader_cell"], ["rights.cell.cell"], name=op.f("fk_notice_reader_cell")
        ),
        sa.ForeignKeyConstraint(
            ["rights_cell"], ["rights.cell.cell"], name=op.f("fk_notice_rights_cell")
        ),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_notice")),
        sa.UniqueConstraint("occasion", name=op.f("uq_notice_occasion")),
        schema="services",
        comment="A sentence for whoever is responsible: a task, a return, a reminder",
        info={"history": False},
    )
    op.create_index(
        "ix_notice_place_id",
        "notice",
        ["place_id"],
        unique=False,
        schema="services",
        postgresql_where=sa.text("place_id IS NOT NULL"),
    )
    op.create_index(
        "ix_notice_reader_cell",
        "notice",
        ["reader_cell", "notice_id"],
        unique=False,
        schema="services",
    )
    op.create_index(
        op.f("ix_notice_rights_cell"), "notice", ["rights_cell"], unique=False, schema="services"
    )
    op.create_table(
        "step_taken",
        sa.Column("step_taken_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column(
            "case_id",
            sa.BigInteger(),
            nullable=False,
            comment="Number of the case in its own table",
        ),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="Of the case after the step"),
        sa.Column(
            "made_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "on_behalf_of",
            sa.BigInteger(),
            nullable=True,
            comment="Whose deputy took it; null: in one's own name",
        ),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("is_late", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "signed_sha256",
            sa.LargeBinary(),
            nullable=True,
            comment="Of what was signed, confirmed by password; null: the step asks for no signature",
        ),
        sa.Column(
            "place_id",
            sa.BigInteger(),
            nullable=True,
            comment="Null: it names no place; else who may read it follows the place",
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint("length(signed_sha256) = 32", name=op.f("ck_step_taken_signed_sha256")),
        sa.CheckConstraint("on_behalf_of <> account_id", name=op.f("ck_step_taken_not_oneself")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_step_taken_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["on_behalf_of"], ["rights.account.account_id"], name=op.f("fk_step_taken_on_behalf_of")
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_step_taken_place",
            onupdate="CASCADE",
            ondelete="SET NULL (place_id)",
        ),
        sa.ForeignKeyConstraint(
            ["rights_cell"], ["rights.cell.cell"], name=op.f("fk_step_taken_rights_cell")
        ),
        sa.PrimaryKeyConstraint("step_taken_id", name=op.f("pk_step_taken")),
        schema="services",
        comment="Every step of every case: who, for whom, when, from where to where, why",
        info={"history": False, "is_append_only": True},
    )
    op.create_index(
        "ix_step_taken_account_id",
        "step_taken",
        ["account_id", "workflow"],
        unique=False,
        schema="services",
    )
    op.create_index(
        "ix_step_taken_case",
        "step_taken",
        ["workflow", "case_id", "step_taken_id"],
        unique=False,
        schema="services",
    )
    op.create_index(
        "ix_step_taken_on_behalf_of",
        "step_taken",
        ["on_behalf_of", "workflow"],
        unique=False,
        schema="services",
        postgresql_where=sa.text("on_behalf_of IS NOT NULL"),
    )
    op.create_index(
        "ix_step_taken_place_id",
        "step_taken",
        ["place_id"],
        unique=False,
        schema="services",
        postgresql_where=sa.text("place_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_step_taken_rights_cell"),
        "step_taken",
        ["rights_cell"],
        unique=False,
        schema="services",
    )
    op.create_table(
        "filing_headcount",
        sa.Column("filing_id", sa.BigInteger(), nullable=False),
        sa.Column("rank_code", sa.Text(), nullable=False, comment="Term of list rank"),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("people_before", sa.Integer(), nullable=True),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint("people >= 0", name=op.f("ck_filing_headcount_people")),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["campaign.filing.filing_id"], name=op.f("fk_filing_headcount_filing_id")
        ),
        sa.PrimaryKeyConstraint("filing_id", "rank_code", name=op.f("pk_filing_headcount")),
        schema="campaign",
        comment="Approved posts by rank as the agency files them, and a year ago",
    )
    op.create_table(
        "filing_row",
        sa.Column("filing_row_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("filing_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "place_id",
            sa.BigInteger(),
            nullable=True,
            comment="Null: a property the register does not know",
        ),
        sa.Column(
            "place_code",
            sa.Text(),
            nullable=True,
            comment="Travels in the workbook so that a row finds its place again",
        ),
        sa.Column("is_removed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "ruling",
            sa.Text(),
            nullable=True,
            comment="What the bureau decided of a property given up; null: not yet",
        ),
        sa.Column(
            "ended_on", sa.Date(), nullable=True, comment="First day the agency no longer has it"
        ),
        sa.Column("ruling_reason", sa.Text(), nullable=True),
        sa.Column("ruled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ruled_by", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("admin_area_code", sa.Text(), nullable=True),
        sa.Column("land_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("gross_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("office_gross_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("technical_gross_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("office_usable_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("service_usable_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("equipment_usable_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("usable_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("ancillary_gross_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("ownership_status", sa.Text(), nullable=True),
        sa.Column("year_built", sa.SmallInteger(), nullable=True),
        sa.Column("is_leased_in", sa.Boolean(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint(
            "(ruling = 'ended') = (ended_on IS NOT NULL)", name=op.f("ck_filing_row_ended")
        ),
        sa.CheckConstraint("ruling IN ('ended', 'kept')", name=op.f("ck_filing_row_ruling")),
        sa.CheckConstraint(
            "(ruling IS NULL) = (ruling_reason IS NULL)", name=op.f("ck_filing_row_reasoned")
        ),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["campaign.filing.filing_id"], name=op.f("fk_filing_row_filing_id")
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_filing_row_place",
            onupdate="CASCADE",
            ondelete="SET NULL (place_id)",
        ),
        sa.ForeignKeyConstraint(
            ["rights_cell"], ["rights.cell.cell"], name=op.f("fk_filing_row_rights_cell")
        ),
        sa.ForeignKeyConstraint(
            ["ruled_by"], ["rights.account.account_id"], name=op.f("fk_filing_row_ruled_by")
        ),
        sa.PrimaryKeyConstraint("filing_row_id", name=op.f("pk_filing_row")),
        sa.UniqueConstraint(
            "filing_row_id", "rights_cell", name=op.f("uq_filing_row_filing_row_id_rights_cell")
        ),
        schema="campaign",
        comment="A property as an agency files it; areas in m2",
        info={
            "added_beside": "\n  rights_cell IN (SELECT cell FROM rights.my_cells) AND EXISTS (\n    SELECT FROM campaign.filing AS f JOIN campaign.campaign AS c USING (campaign_id)\n    WHERE f.filing_id = filing_row.filing_id AND EXISTS (\n      SELECT FROM rights.my_domain_write_cells AS mine\n      WHERE mine.domain = 'campaign' AND mine.cell IN (c.rights_cell)))"
        },
    )
    op.create_index(
        "ix_filing_row_filing_id",
        "filing_row",
        ["filing_id", "filing_row_id"],
        unique=False,
        schema="campaign",
    )
    op.create_index(
        "ix_filing_row_place_id", "filing_row", ["place_id"], unique=False, schema="campaign"
    )
    op.create_index(
        op.f("ix_filing_row_rights_cell"),
        "filing_row",
        ["rights_cell"],
        unique=False,
        schema="campaign",
    )
    op.create_index(
        "uq_filing_row_place",
        "filing_row",
        ["filing_id", "place_id"],
        unique=True,
        schema="campaign",
    )
    op.create_table(
        "edition",
        sa.Column("edition_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("certificate_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "edition",
            sa.Integer(),
            nullable=False,
            comment="1 as issued, one more with each change",
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False, comment="From which day on it says so"),
        sa.Column(
            "valid_to",
            sa.Date(),
            nullable=True,
            comment="First day it no longer holds, as planned then; null: open",
        ),
        sa.Column(
            "reason", sa.Text(), nullable=True, comment="Why it was changed; null: as issued"
        ),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("holder_name", sa.Text(), nullable=False, comment="As it was called on the day"),
        sa.Column(
            "holder_code", sa.Text(), nullable=True, comment="统一社会信用代码; null: not known"
        ),
        sa.Column("place_name", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column(
            "titles",
            postgresql.ARRAY(sa.Text()),
            nullable=True,
            comment="Certificate numbers of the property; null: none",
        ),
        sa.Column(
            "content_sha256",
            sa.LargeBinary(),
            nullable=False,
            comment="Of what it says, rooms included",
        ),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint("kind IN ('issued', 'changed')", name=op.f("ck_edition_kind")),
        sa.CheckConstraint("length(content_sha256) = 32", name=op.f("ck_edition_content_sha256")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_edition_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id", "rights_cell"],
            ["certificates.certificate.certificate_id", "certificates.certificate.rights_cell"],
            name="fk_edition_certificate",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("edition_id", name=op.f("pk_edition")),
        sa.UniqueConstraint("certificate_id", "edition", name="uq_edition_certificate_id_edition"),
        schema="certificates",
        comment="A certificate as it was issued, and as each change left it",
    )
    op.create_table(
        "holding_leaf",
        sa.Column("holding_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "place_id", sa.BigInteger(), nullable=False, comment="A leaf under the holding's place"
        ),
        sa.Column("exclusive_group", sa.Text(), nullable=False),
        sa.Column("during", postgresql.DATERANGE(), nullable=False),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("place_id"), "="),
            (sa.column("exclusive_group"), "="),
            (sa.column("during"), "&&"),
            deferrable="True",
            using="gist",
            name="ex_holding_leaf_one_at_a_time",
        ),
        sa.ForeignKeyConstraint(
            ["holding_id"],
            ["estate.holding.holding_id"],
            name=op.f("fk_holding_leaf_holding_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_holding_leaf_place",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("holding_id", "place_id", name=op.f("pk_holding_leaf")),
        schema="estate",
        comment="Derived: exclusive holdings spread to the leaves they cover",
        info={
            "history": False,
            "refuses": {"ex_holding_leaf_one_at_a_time": "estate.already_held"},
        },
    )
    op.create_table(
        "holding_party",
        sa.Column("holding_id", sa.BigInteger(), nullable=False),
        sa.Column("holder_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "share",
            sa.Numeric(precision=9, scale=6),
            nullable=True,
            comment="Null on every party of a holding: shares not stated",
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint("share > 0 AND share <= 1", name=op.f("ck_holding_party_share")),
        sa.ForeignKeyConstraint(
            ["holder_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_holding_party_holder_id"),
        ),
        sa.ForeignKeyConstraint(
            ["holding_id", "rights_cell"],
            ["estate.holding.holding_id", "estate.holding.rights_cell"],
            name="fk_holding_party_holding",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("holding_id", "holder_id", name=op.f("pk_holding_party")),
        schema="estate",
        comment="Who shares a holding; stated shares are stated of all and sum to 1",
        info={"refuses": {"ck_holding_party_sum": "estate.shares_do_not_sum_now"}},
    )
    op.create_index(
        "ix_holding_party_holder_id", "holding_party", ["holder_id"], unique=False, schema="estate"
    )
    op.create_table(
        "answer",
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column(
            "points",
            sa.Numeric(precision=6, scale=2),
            nullable=True,
            comment="It brings; null: all of them when passed, else none",
        ),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("changed_by", sa.BigInteger(), nullable=False),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint(
            "answer IN ('pass', 'fail', 'not_applicable')", name=op.f("ck_answer_answer")
        ),
        sa.CheckConstraint("length(words) <= 1000", name=op.f("ck_answer_words")),
        sa.CheckConstraint("points >= 0", name=op.f("ck_answer_points")),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["rights.account.account_id"], name=op.f("fk_answer_changed_by")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["inspection.item.item_id"], name=op.f("fk_answer_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id", "rights_cell"],
            ["inspection.visit.visit_id", "inspection.visit.rights_cell"],
            name="fk_answer_visit",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("visit_id", "item_id", name=op.f("pk_answer")),
        schema="inspection",
        comment="What was found of an item of the checklist at a body",
    )
    op.create_index("ix_answer_item_id", "answer", ["item_id"], unique=False, schema="inspection")
    op.create_table(
        "finding",
        sa.Column("finding_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=True, comment="Null: of none"),
        sa.Column(
            "place_id",
            sa.BigInteger(),
            nullable=True,
            comment="Null: of no one place; else its cell follows it",
        ),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint("length(words) BETWEEN 1 AND 2000", name=op.f("ck_finding_words")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_finding_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["inspection.item.item_id"], name=op.f("fk_finding_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_finding_place",
            onupdate="CASCADE",
            ondelete="SET NULL (place_id)",
        ),
        sa.ForeignKeyConstraint(
            ["rights_cell"], ["rights.cell.cell"], name=op.f("fk_finding_rights_cell")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["inspection.visit.visit_id"], name=op.f("fk_finding_visit_id")
        ),
        sa.PrimaryKeyConstraint("finding_id", name=op.f("pk_finding")),
        sa.UniqueConstraint(
            "finding_id", "rights_cell", name=op.f("uq_finding_finding_id_rights_cell")
        ),
        schema="inspection",
        comment="What is not as it should be: at which body, in which place, in words",
    )
    op.create_index("ix_finding_item_id", "finding", ["item_id"], unique=False, schema="inspection")
    op.create_index(
        "ix_finding_place_id",
        "finding",
        ["place_id"],
        unique=False,
        schema="inspection",
        postgresql_where=sa.text("place_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_finding_rights_cell"),
        "finding",
        ["rights_cell"],
        unique=False,
        schema="inspection",
    )
    op.create_index(
        "ix_finding_visit_id", "finding", ["visit_id"], unique=False, schema="inspection"
    )
    op.create_table(
        "photo_image",
        sa.Column("photo_id", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "image", sa.LargeBinary(), nullable=False, comment="JPEG without what the camera noted"
        ),
        sa.Column("thumbnail", sa.LargeBinary(), nullable=False, comment="JPEG, small"),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["photo_id"],
            ["place.photo.photo_id"],
            name=op.f("fk_photo_image_photo_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_photo_image_place",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_photo_image")),
        schema="place",
        comment="The picture of a photo, written anew: no position, no camera, no hidden data",
        info={"history": False},
    )
    op.create_index(
        "ix_photo_image_place_id", "photo_image", ["place_id"], unique=False, schema="place"
    )
    op.create_table(
        "notice_read",
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "read_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_notice_read_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["services.notice.notice_id"], name=op.f("fk_notice_read_notice_id")
        ),
        sa.PrimaryKeyConstraint("notice_id", "account_id", name=op.f("pk_notice_read")),
        schema="services",
        comment="Who has read which notice",
        info={"history": False},
    )
    op.create_table(
        "baseline_row",
        sa.Column("filing_row_id", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("admin_area_code", sa.Text(), nullable=True),
        sa.Column("land_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("gross_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("office_gross_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("technical_gross_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("office_usable_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("service_usable_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("equipment_usable_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("usable_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("ancillary_gross_m2", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("ownership_status", sa.Text(), nullable=True),
        sa.Column("year_built", sa.SmallInteger(), nullable=True),
        sa.Column("is_leased_in", sa.Boolean(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["filing_row_id", "rights_cell"],
            ["campaign.filing_row.filing_row_id", "campaign.filing_row.rights_cell"],
            name="fk_baseline_row_row",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("filing_row_id", name=op.f("pk_baseline_row")),
        schema="campaign",
        comment="The same property a year ago; without a line, the property is new",
        info={
            "history": False,
            "added_beside": "\n  rights_cell IN (SELECT cell FROM rights.my_cells) AND EXISTS (\n    SELECT FROM campaign.filing AS f JOIN campaign.campaign AS c USING (campaign_id) JOIN campaign.filing_row AS r USING (filing_id)\n    WHERE r.filing_row_id = baseline_row.filing_row_id AND EXISTS (\n      SELECT FROM rights.my_domain_write_cells AS mine\n      WHERE mine.domain = 'campaign' AND mine.cell IN (c.rights_cell)))",
        },
    )
    op.create_table(
        "explanation",
        sa.Column("filing_row_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "field", sa.Text(), nullable=False, comment="Field of the row; * for the row itself"
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "explained_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_explanation_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["filing_row_id", "rights_cell"],
            ["campaign.filing_row.filing_row_id", "campaign.filing_row.rights_cell"],
            name="fk_explanation_row",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("filing_row_id", "field", name=op.f("pk_explanation")),
        schema="campaign",
        comment="Why a figure is not what it was a year ago",
        info={
            "added_beside": "\n  rights_cell IN (SELECT cell FROM rights.my_cells) AND EXISTS (\n    SELECT FROM campaign.filing AS f JOIN campaign.campaign AS c USING (campaign_id) JOIN campaign.filing_row AS r USING (filing_id)\n    WHERE r.filing_row_id = explanation.filing_row_id AND EXISTS (\n      SELECT FROM rights.my_domain_write_cells AS mine\n      WHERE mine.domain = 'campaign' AND mine.cell IN (c.rights_cell)))"
        },
    )
    op.create_table(
        "remark",
        sa.Column("remark_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("filing_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "filing_row_id",
            sa.BigInteger(),
            nullable=True,
            comment="Null: about the filing as a whole",
        ),
        sa.Column("field", sa.Text(), nullable=True, comment="Null: about the row as a whole"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rights.account.account_id"], name=op.f("fk_remark_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["rights.account.account_id"], name=op.f("fk_remark_answered_by")
        ),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["campaign.filing.filing_id"], name=op.f("fk_remark_filing_id")
        ),
        sa.ForeignKeyConstraint(
            ["filing_row_id", "rights_cell"],
            ["campaign.filing_row.filing_row_id", "campaign.filing_row.rights_cell"],
            name="fk_remark_row",
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["resolved_by"], ["rights.account.account_id"], name=op.f("fk_remark_resolved_by")
        ),
        sa.PrimaryKeyConstraint("remark_id", name=op.f("pk_remark")),
        schema="campaign",
        comment="What the reviewer says of a cell, and what the agency answers",
        info={
            "added_beside": "\n  rights_cell IN (SELECT cell FROM rights.my_cells) AND EXISTS (\n    SELECT FROM campaign.filing AS f JOIN campaign.campaign AS c USING (campaign_id)\n    WHERE f.filing_id = remark.filing_id AND EXISTS (\n      SELECT FROM rights.my_domain_write_cells AS mine\n      WHERE mine.domain = 'campaign' AND mine.cell IN (c.rights_cell)))",
            "changed_beside": "\n  rights_cell IN (SELECT cell FROM rights.my_cells) AND EXISTS (\n    SELECT FROM campaign.filing AS f JOIN campaign.campaign AS c USING (campaign_id)\n    WHERE f.filing_id = remark.filing_id AND EXISTS (\n      SELECT FROM rights.my_domain_write_cells AS mine\n      WHERE mine.domain = 'campaign' AND mine.cell IN (c.rights_cell, f.rights_cell)))",
        },
    )
    op.create_index(
        "ix_remark_filing_id", "remark", ["filing_id", "remark_id"], unique=False, schema="campaign"
    )
    op.create_table(
        "certified_room",
        sa.Column("certified_room_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("certificate_id", sa.BigInteger(), nullable=False),
        sa.Column("edition_id", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "part",
            postgresql.INT8RANGE(),
            nullable=False,
            comment="Open on both sides: all of the room; else the number of who has a share of it",
        ),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="First day it no longer holds"),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("building", sa.Text(), nullable=True),
        sa.Column("floor", sa.Text(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column(
            "room_class",
            sa.Text(),
            nullable=True,
            comment="Term of list room_class; null: not stated",
        ),
        sa.Column(
            "area_m2",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="Usable, of the whole room; null: not known",
        ),
        sa.Column(
            "share",
            sa.Numeric(precision=9, scale=6),
            nullable=True,
            comment="Null: several have it and nobody said how",
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("place_id"), "="),
            (sa.column("part"), "&&"),
            (sa.text("daterange(valid_from, valid_to)"), "&&"),
            deferrable="True",
            using="gist",
            name="ex_certified_room_one_in_force",
        ),
        sa.CheckConstraint(
            "valid_from IS NOT NULL AND valid_from <= valid_to",
            name=op.f("ck_certified_room_dates"),
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificates.certificate.certificate_id"],
            name=op.f("fk_certified_room_certificate_id"),
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["certificates.edition.edition_id"],
            name=op.f("fk_certified_room_edition_id"),
        ),
        sa.ForeignKeyConstraint(
            ["place_id", "rights_cell"],
            ["place.place.place_id", "place.place.rights_cell"],
            name="fk_certified_room_place",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("certified_room_id", name=op.f("pk_certified_room")),
        schema="certificates",
        comment="The rooms of an edition, each as it was then",
        info={"refuses": {"ex_certified_room_one_in_force": "certificates.already_certified"}},
    )
    op.create_index(
        "ix_certified_room_certificate_id",
        "certified_room",
        ["certificate_id"],
        unique=False,
        schema="certificates",
    )
    op.create_index(
        "ix_certified_room_edition_id",
        "certified_room",
        ["edition_id"],
        unique=False,
        schema="certificates",
    )
    op.create_table(
        "sharer",
        sa.Column("sharer_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("holding_id", sa.BigInteger(), nullable=False),
        sa.Column("holder_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "post_id",
            sa.BigInteger(),
            nullable=True,
            comment="The post whose office it is; null: people without a post of their own",
        ),
        sa.Column(
            "rank_code", sa.Text(), nullable=True, comment="Term of list rank; null: not stated"
        ),
        sa.Column("heads", sa.Integer(), nullable=False, comment="How many people"),
        sa.Column(
            "share",
            sa.Numeric(precision=9, scale=6),
            nullable=False,
            comment="Part of the whole room",
        ),
        sa.Column(
            "approval_document",
            sa.Text(),
            nullable=True,
            comment="批准文号 of a second office of one person; null: none",
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint("heads > 0", name=op.f("ck_sharer_heads")),
        sa.CheckConstraint("post_id IS NULL OR heads = 1", name=op.f("ck_sharer_post")),
        sa.CheckConstraint("share > 0 AND share <= 1", name=op.f("ck_sharer_share")),
        sa.ForeignKeyConstraint(
            ["holding_id", "holder_id"],
            ["estate.holding_party.holding_id", "estate.holding_party.holder_id"],
            name="fk_sharer_party",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["holding_id", "rights_cell"],
            ["estate.holding.holding_id", "estate.holding.rights_cell"],
            name="fk_sharer_holding",
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["organization.post.post_id"], name=op.f("fk_sharer_post_id")
        ),
        sa.PrimaryKeyConstraint("sharer_id", name=op.f("pk_sharer")),
        schema="estate",
        comment="Who of a body sits in a room it has: posts, or so many people of a rank, each with their part; those of a body sum to its share",
        info={"refuses": {"ck_sharer_sum": "estate.sharers_do_not_sum_now"}},
    )
    op.create_index(
        "ix_sharer_holding_id", "sharer", ["holding_id", "holder_id"], unique=False, schema="estate"
    )
    op.create_index("ix_sharer_post_id", "sharer", ["post_id"], unique=False, schema="estate")
    op.create_index(
        "uq_sharer_post",
        "sharer",
        ["holding_id", "post_id"],
        unique=True,
        schema="estate",
        postgresql_where=sa.text("post_id IS NOT NULL"),
    )
    op.create_table(
        "finding_photo",
        sa.Column("photo_id", sa.BigInteger(), nullable=False),
        sa.Column("finding_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["finding_id", "rights_cell"],
            ["inspection.finding.finding_id", "inspection.finding.rights_cell"],
            name="fk_finding_photo_finding",
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["photo_id"],
            ["place.photo.photo_id"],
            name=op.f("fk_finding_photo_photo_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_finding_photo")),
        schema="inspection",
        comment="Which photos of a place show a finding",
        info={"history": False},
    )
    op.create_index(
        "ix_finding_photo_finding_id",
        "finding_photo",
        ["finding_id"],
        unique=False,
        schema="inspection",
    )
    op.create_table(
        "rectification",
        sa.Column("rectification_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("finding_id", sa.BigInteger(), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "demand",
            sa.Text(),
            nullable=True,
            comment="What the body is told; null: the words of the finding",
        ),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False, comment="Last day"),
        sa.Column(
            "room_class",
            sa.Text(),
            nullable=True,
            comment="Term of list room_class; null: all three together",
        ),
        sa.Column("judged_on", sa.Date(), nullable=True, comment="The day of the verdict"),
        sa.Column("rechecked_on", sa.Date(), nullable=True),
        sa.Column(
            "rechecked_version",
            sa.Integer(),
            nullable=True,
            comment="Of the case after it; null: not rechecked",
        ),
        sa.Column("state", sa.Text(), server_default=sa.text("'issued'"), nullable=False),
        sa.Column(
            "version",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=False,
            comment="Moves with any change",
        ),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "bureau_cell",
            sa.Integer(),
            nullable=False,
            comment="Whoever may write it rechecks and closes",
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.CheckConstraint(
            "(origin = 'finding') = (finding_id IS NOT NULL)", name=op.f("ck_rectification_finding")
        ),
        sa.CheckConstraint(
            "(origin = 'verdict') = (judged_on IS NOT NULL)", name=op.f("ck_rectification_verdict")
        ),
        sa.CheckConstraint(
            "origin = 'finding' OR demand IS NOT NULL", name=op.f("ck_rectification_told")
        ),
        sa.CheckConstraint(
            "origin IN ('finding', 'verdict')", name=op.f("ck_rectification_origin")
        ),
        sa.CheckConstraint(
            "state IN ('issued', 'answered', 'rechecked', 'closed')",
            name=op.f("ck_rectification_state"),
        ),
        sa.CheckConstraint("issued_on <= due_on", name=op.f("ck_rectification_days")),
        sa.CheckConstraint(
            "length(demand) BETWEEN 1 AND 2000", name=op.f("ck_rectification_demand")
        ),
        sa.ForeignKeyConstraint(
            ["bureau_cell"], ["rights.cell.cell"], name=op.f("fk_rectification_bureau_cell")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["rights.account.account_id"], name=op.f("fk_rectification_changed_by")
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"],
            ["inspection.finding.finding_id"],
            name=op.f("fk_rectification_finding_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization.organization_id"],
            name=op.f("fk_rectification_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["rights_cell"], ["rights.cell.cell"], name=op.f("fk_rectification_rights_cell")
        ),
        sa.PrimaryKeyConstraint("rectification_id", name=op.f("pk_rectification")),
        schema="inspection",
        comment="Something to be put right: notice, last day, what was done, rechecked, closed",
        info={
            "refuses": {
                "uq_rectification_finding": "rectification.issued_already",
                "uq_rectification_verdict": "rectification.issued_already",
            }
        },
    )
    op.create_index(
        op.f("ix_rectification_bureau_cell"),
        "rectification",
        ["bureau_cell"],
        unique=False,
        schema="inspection",
    )
    op.create_index(
        "ix_rectification_organization_id",
        "rectification",
        ["organization_id"],
        unique=False,
        schema="inspection",
    )
    op.create_index(
        op.f("ix_rectification_rights_cell"),
        "rectification",
        ["rights_cell"],
        unique=False,
        schema="inspection",
    )
    op.create_index(
        "uq_rectification_finding",
        "rectification",
        ["finding_id"],
        unique=True,
        schema="inspection",
    )
    op.create_index(
        "uq_rectification_verdict",
        "rectification",
        ["organization_id", sa.literal_column("coalesce(room_class, '')")],
        unique=True,
        schema="inspection",
        postgresql_where=sa.text("origin = 'verdict' AND state <> 'closed'"),
    )
    op.create_table(
        "surplus",
        sa.Column("rectification_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "version",
            sa.Integer(),
            nullable=False,
            comment="Of the case as it was told: 1 with the notice, another with each recheck",
        ),
        sa.Column(
            "over_m2",
            sa.Numeric(precision=14, scale=2),
            nullable=False,
            comment="Usable; what it had over the standard, below zero less than it may have",
        ),
        sa.Column(
            "rights_cell",
            sa.Integer(),
            nullable=False,
            comment="Who may see and change the row: organization x area x security class",
        ),
        sa.ForeignKeyConstraint(
            ["rectification_id"],
            ["inspection.rectification.rectification_id"],
            name=op.f("fk_surplus_rectification_id"),
        ),
        sa.ForeignKeyConstraint(
            ["rights_cell"], ["rights.cell.cell"], name=op.f("fk_surplus_rights_cell")
        ),
        sa.PrimaryKeyConstraint("rectification_id", "version", name=op.f("pk_surplus")),
        schema="inspection",
        comment="By how much a body was over: for who sees the highest class of the rooms in it",
    )
    op.create_index(
        op.f("ix_surplus_rights_cell"),
        "surplus",
        ["rights_cell"],
        unique=False,
        schema="inspection",
    )
    op.execute(SEED)
