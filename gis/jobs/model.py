"""Tables of long work: files handed in over the web, jobs on them, and how headers were read.

A job row is the truth about a piece of work; the queue (schema `queue`, made by its library) only
carries the number of the job to a worker and may be made anew at any time.
"""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gis.columns import account_column, made_at_column
from gis.tables import metadata, one_of


class JobKind(StrEnum):
    """What a worker can be asked to do."""

    CHECK = "check"
    """Read a file, propose how its headers are meant, and try the load without keeping it."""
    LOAD = "load"
    UNDO = "undo"
    MARK = "mark"
    """Write the filer's workbook anew with the issues of one of its loads on their cells."""
    PLAN = "plan"
    """Read a floor plan, place it and compare it with the register; nothing is loaded."""
    PLAN_LOAD = "plan_load"
    PLAN_DROP = "plan_drop"
    """Keep nothing of a floor plan."""


class JobState(StrEnum):
    """Where a job stands; the last four are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    """The file or the asker's rights did not allow it; the message says why."""
    FAILED = "failed"
    """A fault of ours or of the machine."""
    CANCELLED = "cancelled"


OPEN_STATES = (JobState.QUEUED, JobState.RUNNING)

upload = Table(
    "upload",
    metadata,
    Column("upload_id", BigInteger, Identity(always=True), primary_key=True),
    account_column(nullable=False),
    Column("file_name", Text, nullable=False, comment="As the person named it; never a path"),
    Column("file_sha256", LargeBinary, nullable=False, comment="Names the kept file"),
    Column("size_bytes", BigInteger, nullable=False),
    made_at_column("uploaded_at"),
    Column(
        "is_kept",
        Boolean,
        nullable=False,
        server_default=text("true"),
        comment="False once the file was removed for its age; what became of it stays known",
    ),
    CheckConstraint("size_bytes >= 0", name="size"),
    schema="staging",
    info={"history": False},
    comment="A file handed in over the web",
)

job = Table(
    "job",
    metadata,
    Column("job_id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    account_column(nullable=False),
    Column("upload_id", BigInteger, ForeignKey("staging.upload.upload_id")),
    Column(
        "target_load_id",
        BigInteger,
        ForeignKey("staging.load.load_id"),
        comment="The load to take back; null for other work",
    ),
    Column("options", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("state", Text, nullable=False, server_default=text("'queued'")),
    Column("step", Text, comment="What is being done, a message key below `job.step`"),
    Column("step_of", Text, comment="Which sheet or file the step is about"),
    Column("step_number", SmallInteger, nullable=False, server_default=text("0")),
    Column("step_count", SmallInteger, nullable=False, server_default=text("0")),
    Column("percent", SmallInteger, nullable=False, server_default=text("0")),
    Column("message_key", Text, comment="Why it was refused, failed or cancelled"),
    Column("message_params", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("result", JSONB, comment="What came of it; null until done"),
    Column("attempt_count", SmallInteger, nullable=False, server_default=text("0")),
    made_at_column("asked_at"),
    Column("started_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("cancel_asked_at", DateTime(timezone=True)),
    CheckConstraint(one_of("kind", JobKind), name="kind"),
    CheckConstraint(one_of("state", JobState), name="state"),
    CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
    CheckConstraint("(kind = 'undo') = (target_load_id IS NOT NULL)", name="undo_has_a_load"),
    CheckConstraint("(kind = 'undo') = (upload_id IS NULL)", name="others_have_a_file"),
    # The page lists the jobs of a file, newest first.
    Index("ix_job_upload_id", "upload_id"),
    schema="staging",
    info={"history": False},
    comment="One piece of long work: who asked, how far it is, what came of it",
)

profile = Table(
    "profile",
    metadata,
    Column("profile_id", BigInteger, Identity(always=True), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    account_column(nullable=False),
    Column(
        "sheets",
        JSONB,
        nullable=False,
        comment="A list: fingerprint of the headers, contract (null: leave the sheet out), and"
        " header to field (null: leave the column out)",
    ),
    made_at_column(),
    CheckConstraint("length(name) BETWEEN 1 AND 80", name="name"),
    schema="staging",
    info={"history": False},
    comment="How the headers of a certain file are meant, as a person corrected it",
)
