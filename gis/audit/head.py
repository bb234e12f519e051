"""The newest seal, as reports print it."""

from sqlalchemy import Connection, text

from gis.audit.keys import Head


def sealed_head(conn: Connection) -> str | None:
    """Number and digest of the newest seal; null before the first. Any account may ask."""
    row = conn.execute(
        text("SELECT seal_id, encode(mac, 'hex') AS mac FROM history.sealed_head()")
    ).one()
    return None if row.seal_id is None else Head(row.seal_id, row.mac).printed
