"""Rows and issues that a load leaves in staging; register numbers; premises of public bodies"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SEED = """
INSERT INTO place.kind (kind, is_estate) VALUES ('premises', false);
INSERT INTO place.allowed_parent (kind, parent_kind) VALUES ('metering_point', 'premises');
"""


def upgrade() -> None:
    op.add_column(
        "organization_register",
        sa.Column("number", sa.Text(), comment="The body's number in that register"),
        schema="organization",
    )
    op.create_index(
        "ix_organization_register_number",
        "organization_register",
        ["number"],
        schema="organization",
    )
    op.add_column(
        "organization_organization_register", sa.Column("number", sa.Text()), schema="history"
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
            "cells", postgresql.JSONB(), nullable=False, comment="Header to original cell, as text"
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
        sa.Column("sheet", sa.Text(), comment="Null for a csv file"),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("column_header", sa.Text(), comment="Null when the whole row is meant"),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("suggestion", sa.Text(), comment="What was taken or is proposed instead"),
        sa.Column("original", sa.Text(), comment="The cell as it stood in the file"),
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
    op.execute(SEED)
