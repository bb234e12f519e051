"""The queue's own tables, made from the text that its library ships.

The queue holds nothing that lasts: it carries the numbers of open jobs to workers. So it is made
anew whenever the library's text is another, and the open jobs of `staging.job` are queued again.
It stands in a schema of its own, outside the metadata and the revisions.
"""

import hashlib
from importlib import resources
from typing import Final

from sqlalchemy import Connection, text

from gis.db import Role, run_script, sql_resource

SCHEMA: Final = "queue"
QUEUE: Final = "work"
TASK: Final = "run_job"

_PIN_FUNCTIONS: Final = """
DO $do$
DECLARE found regprocedure;
BEGIN
  FOR found IN SELECT oid FROM pg_proc WHERE pronamespace = 'queue'::regnamespace LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = queue, pg_catalog', found);
  END LOOP;
END $do$
"""
"""The library names its tables without a schema; nobody's search path decides which are meant."""

_QUEUE_OPEN_JOBS: Final = """
SELECT queue.procrastinate_defer_jobs_v1(array_agg(ROW(
  'work', 'run_job', 0, NULL, NULL, jsonb_build_object('job_id', job_id), NULL
)::queue.procrastinate_job_to_defer_v1 ORDER BY job_id))
FROM staging.job WHERE state IN ('queued', 'running') HAVING count(*) > 0
"""


def library_text() -> str:
    """The library's own schema."""
    return (resources.files("procrastinate") / "sql" / "schema.sql").read_text(encoding="utf-8")


def library_digest() -> str:
    """Tells one version of the library's schema from another."""
    return hashlib.sha256(library_text().encode()).hexdigest()


def rebuild_queue(conn: Connection) -> None:
    """Make the queue of the installed library, unless it is there; as the owner."""
    if _noted_digest(conn) != library_digest():
        run_script(conn, "DROP SCHEMA IF EXISTS queue CASCADE; CREATE SCHEMA queue")
        run_script(conn, "SET LOCAL search_path = queue, public")
        run_script(conn, library_text())
        run_script(conn, "SET LOCAL search_path = public")
        run_script(conn, _PIN_FUNCTIONS)
        run_script(conn, _QUEUE_OPEN_JOBS)
        run_script(conn, f"COMMENT ON SCHEMA queue IS '{library_digest()}'")
    run_script(
        conn,
        f"GRANT USAGE ON SCHEMA queue TO {Role.LOADER};"
        f" GRANT ALL ON ALL TABLES IN SCHEMA queue TO {Role.LOADER};"
        f" GRANT ALL ON ALL SEQUENCES IN SCHEMA queue TO {Role.LOADER}",
    )
    run_script(conn, sql_resource("gis", "sql/jobs.sql"))


def _noted_digest(conn: Connection) -> str | None:
    noted: str | None = conn.execute(
        text("SELECT obj_description(to_regnamespace('queue'), 'pg_namespace')")
    ).scalar_one()
    return noted
