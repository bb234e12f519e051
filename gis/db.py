"""Connections: one engine per database role, transactions that carry who is asking.

Everything reads and writes through `transaction`; it sets the opaque session token that row-level
security turns into an account. Without a token the database shows and accepts nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from importlib import resources
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from gis.crs import STORAGE_SRID, WEB_MERCATOR_SRID
from gis.errors import Forbidden, OneMapError
from gis.patience import Patience
from gis.tables import conflict_of

_ROW_REFUSED: Final = ("42501", "ExecWithCheckOptions")


class Role(StrEnum):
    """The database roles. A role is what a program may do; an account is who asks."""

    OWNER = "onemap_owner"
    """Owns the tables: migrations only."""
    WEB = "onemap_web"
    """The web server; owns nothing, sees what the session's account may see."""
    LOADER = "onemap_loader"
    """Bulk loads; bypasses row security after its own set-based check of the account's rights."""
    OPERATOR = "onemap_operator"
    """The command line, under a named account and the same policies as the web."""


def role_engine(
    url: URL,
    role: Role,
    *,
    assume_role: bool = False,
    pool_size: int = 5,
    patience: Patience | None = None,
) -> Engine:
    """An engine that acts as one role.

    Args:
        url: Where to connect; its user is the role itself on the private cluster.
        role: The role the engine acts as.
        assume_role: The URL's user is another (a server of the operator's own): `SET ROLE` first.
        pool_size: Connections kept open.
        patience: How long the web waits; null means as is usual. Other roles wait for ever.

    Returns:
        An engine whose connections run without parallel workers: each parallel worker would start
        PROJ anew, which costs more than a tile, and random pages cost little on today's disks.
    """
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        # Who waits longer is told so, instead of watching a page that does not come.
        pool_timeout=10,
        # An error goes to the log, where no person's data belongs.
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _prepare(dbapi_connection: Any, _record: Any) -> None:
        with dbapi_connection.cursor() as cursor:
            if assume_role:
                cursor.execute(f"SET ROLE {role.value}")
            cursor.execute("SET timezone = 'Asia/Shanghai'")
            if role is Role.WEB:
                cursor.execute("SET max_parallel_workers_per_gather = 0")
                cursor.execute("SET random_page_cost = 1.1")
                for name, most_ms in (patience or Patience()).settings().items():
                    cursor.execute(f"SET {name} = {most_ms}")
                # The first ST_Transform of a connection costs 70-180 ms; pay it before a request.
                cursor.execute(
                    "SELECT public.st_transform(public.st_point(120, 31, %s), %s)",
                    (STORAGE_SRID, WEB_MERCATOR_SRID),
                )
        dbapi_connection.commit()

    return engine


class Database:
    """One database, an engine per role, each made on first use.

    Args:
        url_of: Where to connect as a role; `None` asks for the superuser.
        assume_role: The addresses carry another user (a server of the operator's own).
        patience: How long the web waits.
    """

    def __init__(
        self,
        url_of: Callable[[Role | None], URL],
        *,
        assume_role: bool = False,
        patience: Patience = Patience(),  # noqa: B008 -- frozen
    ) -> None:
        self._url_of = url_of
        self.patience = patience
        self._assume_role = assume_role
        self._engines: dict[Role | None, Engine] = {}

    def engine(self, role: Role) -> Engine:
        """The engine that acts as a role."""
        if role not in self._engines:
            self._engines[role] = role_engine(
                self._url_of(role),
                role,
                assume_role=self._assume_role,
                patience=self.patience,
            )
        return self._engines[role]

    def admin(self) -> Engine:
        """The superuser's engine: roles, extensions, new databases. Nothing else uses it."""
        if None not in self._engines:
            self._engines[None] = create_engine(self._url_of(None), pool_pre_ping=True)
        return self._engines[None]

    def url(self, role: Role) -> URL:
        """Where a role connects, for programs that bring their own driver."""
        return self._url_of(role)

    def dispose(self) -> None:
        """Closes every connection."""
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()


@contextmanager
def transaction(
    engine: Engine,
    session_token: str | None,
    *,
    load_id: int | None = None,
    is_one_moment: bool = False,
) -> Iterator[Connection]:
    """A transaction in the name of whoever holds the session token.

    Args:
        engine: Which role acts.
        session_token: The opaque token of `gis.rights`; null means nobody.
        load_id: The load whose history lines the changes belong to.
        is_one_moment: All its statements read what stood when it began; for reading only, since a
            row that somebody changed meanwhile cannot be written.

    Yields:
        A connection; commits when the block ends well, rolls back when it raises.

    Raises:
        Conflict: Something in it, or its end, breaks a rule of the register that a table has a
            sentence for.
        Forbidden: A row in it is not the asker's to write, and nobody had a nearer sentence.
    """
    if is_one_moment:
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    try:
        with engine.begin() as conn:
            conn.execute(
                text("SELECT set_config('onemap.session', :token, true)"),
                {"token": session_token or ""},
            )
            if load_id is not None:
                conn.execute(
                    text("SELECT set_config('onemap.load_id', :load_id, true)"),
                    {"load_id": str(load_id)},
                )
            yield conn
    except DBAPIError as error:
        if (refusal := _refusal_of(error)) is not None:
            raise refusal from error
        raise


def _refusal_of(error: DBAPIError) -> OneMapError | None:
    if isinstance(error, IntegrityError):
        return conflict_of(error)
    # A row policy says no to a person. The same code for a table or a function is a fault of ours;
    # the place in the server tells them apart in every language.
    said = getattr(error.orig, "diag", None)
    if said is not None and (said.sqlstate, said.source_function) == _ROW_REFUSED:
        return Forbidden("account.may_not_write")
    return None


def sql_resource(package: str, name: str) -> str:
    """The text of a `.sql` file that ships with a package, such as `("gis", "sql/rights.sql")`."""
    return resources.files(package).joinpath(name).read_text(encoding="utf-8")


def run_script(conn: Connection, script: str) -> None:
    """Runs SQL text of any number of statements as it stands: no parameters, no escaping."""
    conn.exec_driver_sql(script, execution_options={"no_parameters": True})


def compress_quickly(conn: Connection) -> None:
    """Long values written in this transaction are compressed by lz4 where the server has it.

    Lists of places and large shapes take half the time that the server's own way takes, and half
    as much room again.
    """
    run_script(
        conn,
        "SELECT set_config('default_toast_compression', 'lz4', true) FROM pg_settings"
        " WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)",
    )
