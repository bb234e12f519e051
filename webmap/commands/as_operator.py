"""A transaction in the name of whoever runs the server, for commands that ask and write."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from gis.db import Role, transaction
from webmap.console import Console
from webmap.database import open_operator_session, prepared_database


@contextmanager
def as_operator(console: Console) -> Iterator[Connection]:
    """Through the same policies and questions as anybody."""
    database = prepared_database(console)
    token = open_operator_session(database)
    with transaction(database.engine(Role.OPERATOR), token) as conn:
        yield conn
