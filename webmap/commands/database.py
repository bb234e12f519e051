"""`onemap db`: the database server, its backups and its shape."""

import dataclasses
from pathlib import Path
from typing import Final

import click
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from assets.migrate import knows_revision
from assets.registry import METADATA
from gis import backup
from gis.audit.keys import SealFiles
from gis.audit.sealing import seal_history
from gis.cluster import DATABASE, Cluster, cluster_of
from gis.database import open_database, private_database
from gis.db import Role, transaction
from gis.errors import ConfigError, InputError
from gis.settings import Settings
from gis.versions import Versions, read_versions
from webmap.console import Console, json_option, pass_console
from webmap.database import migrate_database, prepared_database
from webmap.nightly import back_up_nightly, clear_trial
from webmap.version import onemap_version

_CHANGES_MEANWHILE: Final = 1_000_000
"""More than a register in use is changed between a restore's reading of it and its end."""


@click.group("db", help="help.db")
def command() -> None:
    """The group itself does nothing."""


@command.command(help="help.db.start")
@pass_console
def start(console: Console) -> None:
    cluster = own_cluster(console)
    prepared_database(console)
    clear_trial(cluster, console.settings)
    cluster.keep_running()
    console.say("db.started", path=cluster.socket_dir)


@command.command(help="help.db.stop")
@pass_console
def stop(console: Console) -> None:
    was_running = own_cluster(console).stop()
    console.say("db.stopped" if was_running else "db.was_not_running")


@command.command(help="help.db.status")
@json_option
@pass_console
def status(console: Console, *, as_json: bool) -> None:
    now = own_cluster(console).status()
    lines = [
        console.text("db.status.running" if now.is_running else "db.status.stopped", pid=now.pid),
        console.text("db.status.place", path=now.directory, size_mb=now.size_bytes // 1024**2),
    ]
    console.answer(dataclasses.asdict(now), as_json=as_json, lines=lines)


@command.command("migrate", help="help.db.migrate")
@pass_console
def migrate_(console: Console) -> None:
    migrate_database(prepared_database(console))
    console.say("db.migrated")


@command.command("backup", help="help.db.backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--nightly", is_flag=True, help="help.db.nightly")
@json_option
@pass_console
def backup_(console: Console, file: Path | None, *, nightly: bool, as_json: bool) -> None:
    if nightly == (file is not None):
        raise InputError("db.file_or_nightly")
    cluster = own_cluster(console)
    prepared_database(console).dispose()
    if file is None:
        night = back_up_nightly(cluster, console.settings, on_step=console.say)
        file, size_bytes = Path(night.file), night.size_bytes
    else:
        console.say("db.backing_up")
        backup.write_backup(cluster, file, version=onemap_version())
        size_bytes = file.stat().st_size
    console.answer(
        {"file": str(file), "size_bytes": size_bytes},
        as_json=as_json,
        lines=[console.text("db.backed_up", path=file, size_mb=f"{size_bytes / 1024**2:.1f}")],
    )


@command.command(help="help.db.restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@pass_console
def restore(console: Console, file: Path) -> None:
    cluster = own_cluster(console)
    # Of whatever shape: a register that this version cannot use is a reason to restore.
    open_database(console.settings, on_step=console.say).dispose()
    manifest = backup.check_backup(cluster, file, version=onemap_version(), knows=knows_revision)
    console.say("db.restoring")
    backup.fill_beside(cluster, file, manifest)
    make_ready(cluster, backup.INCOMING)
    backup.put_aside(cluster, then=backup.INCOMING)
    console.say("db.sessions_ended")
    _go_on_sealing(console, file)
    console.say("db.restored", path=file, previous=backup.PREVIOUS)


def _go_on_sealing(console: Console, file: Path) -> None:
    """The restored chain goes on at once, and what the backup lacks is said to be its lack."""
    database = prepared_database(console)
    files = SealFiles(console.settings.state_dir)
    earlier = len(files.cuts())
    seal_history(database.engine(Role.OWNER), METADATA, files)
    files.explain_cuts(console.text("audit.restored", file=file.name), after=earlier)
    database.dispose()


def make_ready(cluster: Cluster, name: str, *, instead_of: str = DATABASE) -> None:
    """Make a restored or new database fit to take a register's place; it goes where that fails.

    It gets this version's shape, lets nobody in by what they held, and counts on from above the
    versions of the one in use, for servers and browsers kept tiles under those.

    Args:
        cluster: Running.
        name: The restored or new database.
        instead_of: The one in use, of whatever shape.
    """
    incoming = private_database(cluster, name)
    try:
        migrate_database(incoming)
        in_use = _versions_in_use(cluster, instead_of)
        with transaction(incoming.engine(Role.OWNER), None) as conn:
            # Who was shut out since the backup would be let in again by what they hold.
            conn.execute(text("DELETE FROM rights.session"))
        with incoming.admin().begin() as conn:
            conn.execute(
                text(
                    "UPDATE rights.version"
                    " SET data_version = greatest(data_version, :data) + :room,"
                    " rights_version = greatest(rights_version, :rights) + :room"
                ),
                {"data": in_use.data, "rights": in_use.rights, "room": _CHANGES_MEANWHILE},
            )
    except BaseException:
        incoming.dispose()
        backup.drop_database(cluster, name)
        raise
    incoming.dispose()


def _versions_in_use(cluster: Cluster, name: str) -> Versions:
    running = private_database(cluster, name)
    try:
        with running.admin().connect() as conn:
            return read_versions(conn)
    except SQLAlchemyError:
        # No register yet, or one past reading: a reason to restore.
        return Versions(0, 0)
    finally:
        running.dispose()


def own_cluster(console: Console) -> Cluster:
    """The private cluster.

    Raises:
        ConfigError: The settings name a server of the operator's own, which onemap leaves alone.
    """
    _refuse_foreign(console.settings)
    return cluster_of(console.settings, on_step=console.say)


def _refuse_foreign(settings: Settings) -> None:
    if settings.database_url:
        raise ConfigError("db.foreign")
