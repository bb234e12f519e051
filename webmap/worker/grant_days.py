"""Dated grants, which begin and end at midnight."""

from sqlalchemy import text

from gis.db import Database, Role, transaction


def settle_due_grants(database: Database) -> bool:
    """Let accounts reach what the grants of today give.

    Returns:
        Whether a day had come on which one begins or ends; else nothing is computed.
    """
    with transaction(database.engine(Role.LOADER), None) as conn:
        return bool(conn.execute(text("SELECT rights.settle_grants()")).scalar_one())
