"""Announced changes of districts, carried out by the worker on their day."""

from datetime import timedelta
from typing import Final

from sqlalchemy import text

from assets.estate.actions import settle_projects
from gis.db import Database, Role, transaction
from gis.places.districts import are_districts_due, settle_districts
from webmap.database import open_operator_session

_SESSION: Final = timedelta(minutes=10)


def settle_due_districts(database: Database) -> bool:
    """Do what loading the table again on the day would: places, bodies, projects, rights follow.

    Returns:
        Whether a day had come; where none has, no place is looked at.
    """
    with transaction(database.engine(Role.LOADER), None) as conn:
        if not are_districts_due(conn):
            return False
    token = open_operator_session(database, lifetime=_SESSION)
    with transaction(database.engine(Role.LOADER), token) as conn:
        settle_districts(conn)
        settle_projects(conn)
        conn.execute(text("SELECT rights.close_session()"))
    return True
