"""Opens the database the settings name: the private cluster, or a server of the operator's own."""

from collections.abc import Callable

from sqlalchemy import URL, make_url

from gis.cluster import DATABASE, Cluster, cluster_of
from gis.db import Database, Role
from gis.patience import Patience
from gis.settings import Settings


def open_database(
    settings: Settings, *, on_step: Callable[[str], None] = lambda _key: None
) -> Database:
    """The database of the settings, running; it may still be bare.

    Args:
        settings: Name the database.
        on_step: Called with a message key before each step that may take over a second.

    Raises:
        ConfigError: The private cluster cannot run, with what to do about it.
    """
    if settings.database_url:
        stated = make_url(settings.database_url)
        return Database(lambda _role: stated, assume_role=True, patience=settings.patience)
    cluster = cluster_of(settings, on_step=on_step)
    cluster.ensure_running()
    cluster.create_database()
    return private_database(cluster, patience=settings.patience)


def private_database(
    cluster: Cluster,
    name: str = DATABASE,
    *,
    patience: Patience = Patience(),  # noqa: B008 -- frozen
) -> Database:
    """A database of the private cluster, by name."""

    def url_of(role: Role | None) -> URL:
        return cluster.url(role.value, name) if role else cluster.url(database=name)

    return Database(url_of, patience=patience)
