"""Who is asking, as the database sees it."""

from sqlalchemy import Connection

from gis.versions import Versions

_READ = "SELECT data_version, rights_version, rights.current_scope_id() FROM rights.version"


def read_versions_and_scope(conn: Connection) -> tuple[Versions, int | None]:
    """The counters caches are keyed by, and the scope of the transaction's session.

    A null scope means nobody: no, unknown or ended session.
    """
    data, rights, scope_id = conn.exec_driver_sql(_READ).one()
    return Versions(data, rights), scope_id
