"""Who is asking, as the database sees it."""

from sqlalchemy import Connection, text


def current_scope_id(conn: Connection) -> int | None:
    """The scope of the transaction's session; null means nobody: no, unknown or ended session."""
    scope_id: int | None = conn.execute(text("SELECT rights.current_scope_id()")).scalar()
    return scope_id
