"""Opens the database the settings name: the private cluster, or a server of the operator's own."""

from sqlalchemy import URL, make_url

from gis.cluster import DATABASE, cluster_of
from gis.db import Database, Role
from gis.settings import Settings


def open_database(settings: Settings) -> Database:
    """The database of the settings, running; it may still be bare.

    Raises:
        ConfigError: The private cluster cannot run, with what to do about it.
    """
    if settings.database_url:
        stated = make_url(settings.database_url)
        return Database(lambda _role: stated, assume_role=True)
    cluster = cluster_of(settings)
    cluster.ensure_running()
    cluster.create_database()

    def url_of(role: Role | None) -> URL:
        return cluster.url(role.value, DATABASE) if role else cluster.url(database=DATABASE)

    return Database(url_of)
