"""What people entered is in no line of the database's own log, whatever goes wrong with it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from gis.cluster import Cluster
from gis.db import Database, Role

MARKER = "王小明二〇二六"
TABLE = "public.marked"
WRONG = {
    "a row given twice": f"INSERT INTO {TABLE} VALUES ('{MARKER}', 1)",
    "a row that a rule refuses": f"INSERT INTO {TABLE} VALUES ('{MARKER} two', -1)",
    "a value of another kind": f"SELECT '{MARKER}'::integer",
    "a function's own words": f"DO $$BEGIN RAISE EXCEPTION '%', '{MARKER}'; END$$",
    "a statement that is none": f"SELEC '{MARKER}'",
}


@pytest.fixture(scope="module")
def marked(database: Database) -> Iterator[Database]:
    with database.admin().begin() as conn:
        conn.execute(
            text(f"CREATE TABLE {TABLE} (name text UNIQUE, area integer CHECK (area > 0))")
        )
        conn.execute(text(f"GRANT ALL ON {TABLE} TO PUBLIC"))
        conn.execute(text(f"INSERT INTO {TABLE} VALUES ('{MARKER}', 1)"))
    yield database
    with database.admin().begin() as conn:
        conn.execute(text(f"DROP TABLE {TABLE}"))


def _try(engine: Engine, statement: str) -> None:
    with pytest.raises(DBAPIError) as caught, engine.begin() as conn:
        conn.exec_driver_sql(statement, execution_options={"no_parameters": True})
    # Who asked is told.
    assert MARKER in str(caught.value.orig)


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("role", list(Role))
def test_nothing_of_a_failed_statement_is_logged(
    cluster: Cluster, marked: Database, role: Role, wrong: str
) -> None:
    _try(marked.engine(role), WRONG[wrong])
    assert MARKER not in cluster.log_path.read_text()


@pytest.mark.parametrize("wrong", ["a row given twice", "a row that a rule refuses"])
def test_a_superusers_errors_are_logged_without_the_row(
    cluster: Cluster, marked: Database, wrong: str
) -> None:
    before = cluster.log_path.read_text()
    _try(marked.admin(), WRONG[wrong])
    said = cluster.log_path.read_text().removeprefix(before)
    assert "ERROR:  " in said
    assert MARKER not in said
