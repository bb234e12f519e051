"""The one reader of the environment."""

import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final

from gis.errors import ConfigError
from gis.patience import Patience
from gis.retention import Retention

_POSTGRESQL_SCHEMES: Final = ("postgres", "postgresql", "postgresql+psycopg2")
_HOST_BREAK: Final = re.compile(r"[,，;；]")
COUNTS_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Read by Prometheus' library too, once, when it is imported."""
_IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108 -- mkdtemp makes a folder of our own there
_ROOM_FOR_COUNTS: Final = 32 * 1024 * 1024
LOOPBACK_HOSTS: Final = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Settings:
    """What a running onemap needs to know, read once at the edge and passed down."""

    state_dir: Path
    """Where the private database cluster, keys, logs and caches live."""

    database_url: str | None = field(repr=False)
    """A database of the operator's own; null means the private cluster."""

    language: str
    """`zh` or `en`: the language of the command line; the web has its own switch."""

    vendor_dir: Path | None = None
    """Folder of the browser libraries; null means the package's own, or one under `state_dir`."""

    allowed_hosts: tuple[str, ...] = LOOPBACK_HOSTS
    """Names a browser may call the server by, lower case, without port."""

    public_url: str | None = None
    """Where clients reach the server, if a proxy in front of it changes host or path."""

    upload_mb: int = 512
    """Largest file that may be handed in over the web, in megabytes."""

    upload_days: int = 30
    """Days an uploaded file is kept; what was loaded from it stays."""

    file_rows: int = 5_000_000
    """Most data rows of one sheet or layer of a file that is taken in."""

    file_columns: int = 256
    """Most columns; wider sheets are a format mistake, not a census."""

    file_mb: int = 2048
    """Largest file that is taken in on the command line; unpacked it may be twice that."""

    file_memory_mb: int = 6144
    """Most memory of the process that opens a file."""

    file_seconds: int = 900
    """Longest time a file may take to open."""

    attachment_mb: int = 30
    """Largest file that may be attached to a case, in megabytes."""

    attachment_types: tuple[str, ...] = ()
    """Types of files that may be attached, such as `pdf`; none stated: the usual ones."""

    scan_command: tuple[str, ...] = ()
    """Program and arguments that look for malware in a file; none: nothing does."""

    scan_seconds: int = 60
    """Longest time that may take."""

    idle_minutes: int = 30
    """A browser that signed in with a password is signed out after so long without use."""

    oidc_issuer: str | None = None
    """Address of the provider (OpenID Connect) that people may sign in at; null: none."""

    oidc_client_id: str | None = None
    """What the provider knows this server as."""

    oidc_secret_file: Path | None = field(default=None, repr=False)
    """File with the secret that goes with it; null: a public client."""

    oidc_claim: str = "sub"
    """The claim that accounts are linked by."""

    oidc_title: str | None = None
    """What the provider is called on the sign-in page; null: the provider."""

    behind_proxy: bool = False
    """One proxy stands before the web server and says who asks and whether over https."""

    map_review_number: str | None = None
    """审图号 of the map as this server shows it, printed on every sheet; null: none."""

    certificate_name: str | None = None
    """What a use certificate is called here; null: 使用凭证."""

    basemaps: Path | None = None
    """TOML file that lists base maps; null: the map has none."""

    basemap_cache_mb: int = 2048
    """Most that tiles of base maps may take up here; beyond it those fetched longest ago go."""

    backup_dir: Path | None = None
    """Folder of the nightly backups; null means `backups` under `state_dir`."""

    retention: Retention = field(default_factory=Retention)
    """Which nightly backups are kept."""

    patience: Patience = field(default_factory=Patience)
    """How long the web waits for the database."""

    metrics_from: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks that may read `/metrics`, beside this machine."""

    counts_dir: Path | None = None
    """Folder in which the web's processes share their counts; null: each counts for itself."""

    files_per_minute: int | None = None
    """Exports and reports that an account may take in a minute; null: any number."""

    entries_per_minute: int | None = None
    """Attempts to sign in from one address in a minute; null: any number."""

    body_seconds: int = 20
    """How long who sends a body may stay silent in the middle of it."""

    body_kb_per_second: int = 4
    """How fast one comes at the least, in thousands of bytes."""

    request_log: str = "off"
    """Where a line for each request goes: `file` (beside the log of faults), `stdout`, `off`."""

    has_screen: bool = False
    """Whether a browser window could be opened here."""

    shown_paths: tuple[tuple[str, str], ...] = ()
    """Pairs of a path the launcher put in place of an argument, and the path as it was given."""

    @property
    def log_path(self) -> Path:
        """The file that faults go to."""
        return self.state_dir / "logs/onemap.log"


def default_state_dir(environ: Mapping[str, str], *, is_root: bool) -> Path:
    """`$ONEMAP_STATE_DIR`, else /var/lib/onemap for root's service, else the XDG state folder."""
    if stated := environ.get("ONEMAP_STATE_DIR"):
        return Path(stated)
    if is_root:
        return Path("/var/lib/onemap")
    if xdg := environ.get("XDG_STATE_HOME"):
        return Path(xdg) / "onemap"
    return Path(environ.get("HOME", "/tmp")) / ".local/state/onemap"  # noqa: S108 -- no home at all


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment; see `docs/architecture.md` for every variable."""
    env = os.environ if environ is None else environ  # noqa: TID251 -- the one reader
    language = env.get("ONEMAP_LANGUAGE") or (
        "en" if env.get("LANG", "").startswith("en") else "zh"
    )
    stated_url = env.get("ONEMAP_DATABASE_URL")
    hosts = env.get("ONEMAP_ALLOWED_HOSTS", "")
    return Settings(
        state_dir=default_state_dir(env, is_root=os.geteuid() == 0),
        database_url=normalised_database_url(stated_url) if stated_url else None,
        language="en" if language.startswith("en") else "zh",
        vendor_dir=Path(vendor) if (vendor := env.get("ONEMAP_VENDOR_DIR")) else None,
        allowed_hosts=(*LOOPBACK_HOSTS, *_HOST_BREAK.sub(" ", hosts.lower()).split()),
        public_url=_public_url(env.get("ONEMAP_PUBLIC_URL", "").strip()),
        upload_mb=_whole_number(env, "ONEMAP_UPLOAD_MB", 512),
        upload_days=_whole_number(env, "ONEMAP_UPLOAD_DAYS", 30),
        file_rows=_whole_number(env, "ONEMAP_FILE_ROWS", 5_000_000),
        file_columns=_whole_number(env, "ONEMAP_FILE_COLUMNS", 256),
        file_mb=_whole_number(env, "ONEMAP_FILE_MB", 2048),
        file_memory_mb=_whole_number(env, "ONEMAP_FILE_MEMORY_MB", 6144),
        file_seconds=_whole_number(env, "ONEMAP_FILE_SECONDS", 900),
        attachment_mb=_whole_number(env, "ONEMAP_ATTACHMENT_MB", 30),
        attachment_types=tuple(
            _HOST_BREAK.sub(" ", env.get("ONEMAP_ATTACHMENT_TYPES", "").lower()).split()
        ),
        scan_command=_command(env, "ONEMAP_SCAN_COMMAND"),
        scan_seconds=_whole_number(env, "ONEMAP_SCAN_SECONDS", 60),
        idle_minutes=_whole_number(env, "ONEMAP_IDLE_MINUTES", 30),
        oidc_issuer=env.get("ONEMAP_OIDC_ISSUER", "").strip() or None,
        oidc_client_id=env.get("ONEMAP_OIDC_CLIENT_ID", "").strip() or None,
        oidc_secret_file=Path(kept) if (kept := env.get("ONEMAP_OIDC_SECRET_FILE")) else None,
        oidc_claim=env.get("ONEMAP_OIDC_CLAIM", "").strip() or "sub",
        **_titles(env),
        behind_proxy=env.get("ONEMAP_BEHIND_PROXY", "") == "1",
        basemaps=Path(listed) if (listed := env.get("ONEMAP_BASEMAPS")) else None,
        basemap_cache_mb=_whole_number(env, "ONEMAP_BASEMAP_CACHE_MB", 2048),
        backup_dir=Path(folder) if (folder := env.get("ONEMAP_BACKUP_DIR")) else None,
        retention=Retention(
            days=_whole_number(env, "ONEMAP_BACKUP_DAYS", 7),
            weeks=_whole_number(env, "ONEMAP_BACKUP_WEEKS", 4),
            months=_whole_number(env, "ONEMAP_BACKUP_MONTHS", 12),
        ),
        patience=_patience(env),
        metrics_from=_networks(env, "ONEMAP_METRICS_FROM"),
        counts_dir=Path(folder) if (folder := env.get(COUNTS_VARIABLE)) else None,
        files_per_minute=_whole_number(env, "ONEMAP_FILES_PER_MINUTE", 120),
        entries_per_minute=_whole_number(env, "ONEMAP_ENTRIES_PER_MINUTE", 240),
        body_seconds=_whole_number(env, "ONEMAP_BODY_SECONDS", 20),
        body_kb_per_second=_whole_number(env, "ONEMAP_BODY_KB_PER_SECOND", 4),
        request_log=_one_of(env, "ONEMAP_REQUEST_LOG", ("file", "stdout", "off")),
        has_screen=bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY")),
        shown_paths=_path_pairs(env.get("ONEMAP_SHOWN_PATHS", "")),
    )


def _whole_number(env: Mapping[str, str], name: str, default: int) -> int:
    stated = env.get(name) or str(default)
    if not stated.isascii() or not stated.isdigit() or int(stated) == 0:
        raise ConfigError("settings.not_a_number", name=name, value=stated)
    return int(stated)


def _patience(env: Mapping[str, str]) -> Patience:
    return Patience(
        statement_s=_whole_number(env, "ONEMAP_STATEMENT_SECONDS", 120),
        long_s=_whole_number(env, "ONEMAP_LONG_STATEMENT_SECONDS", 900),
        lock_s=_whole_number(env, "ONEMAP_LOCK_SECONDS", 30),
    )


def _one_of(env: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    """One of the known words, of which the first counts where none is stated."""
    stated = env.get(name, "").strip().lower() or known[0]
    if stated not in known:
        raise ConfigError(
            "settings.not_one_of", name=name, value=stated[:40], known=", ".join(known)
        )
    return stated


def _networks(env: Mapping[str, str], name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    stated = _HOST_BREAK.sub(" ", env.get(name, "")).split()
    try:
        return tuple(ip_network(each) for each in stated)
    except ValueError as error:
        raise ConfigError("settings.not_networks", name=name, reason=str(error)) from error


def share_counts() -> Path | None:
    """Let programs started from here count requests together, beginning at nothing.

    They write into memory that files stand for: on a disk that fills up meanwhile, the system would
    kill them for it.

    Returns:
        A folder to be removed when all have ended; null where there is no room in memory, and
        each counts for itself.
    """
    try:
        if shutil.disk_usage(_IN_MEMORY).free < _ROOM_FOR_COUNTS:
            return None
        folder = Path(tempfile.mkdtemp(prefix="onemap-counts-", dir=_IN_MEMORY))
    except OSError:
        return None
    os.environ[COUNTS_VARIABLE] = str(folder)  # noqa: TID251 -- the one reader
    return folder


def _command(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    """A program and its arguments, quoted as in a shell; no shell reads them."""
    try:
        return tuple(shlex.split(env.get(name, "")))
    except ValueError as error:
        raise ConfigError("settings.not_a_command", name=name) from error


def _public_url(stated: str) -> str | None:
    """An address without a slash at its end; null where none is stated."""
    if stated and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", stated):
        raise ConfigError("settings.public_url", value=stated[:100])
    return stated.rstrip("/") or None


def child_environment(**changes: str) -> dict[str, str]:
    """The environment for a program we start, with some variables set anew."""
    return {**os.environ, **changes}  # noqa: TID251 -- the one reader


def _titles(env: Mapping[str, str]) -> dict[str, str | None]:
    """What things are called or numbered here, as pages and papers say it; null: as usual."""
    return {
        "oidc_title": env.get("ONEMAP_OIDC_TITLE", "").strip()[:60] or None,
        "map_review_number": env.get("ONEMAP_MAP_REVIEW_NUMBER", "").strip()[:60] or None,
        "certificate_name": env.get("ONEMAP_CERTIFICATE_NAME", "").strip()[:40] or None,
    }


def _path_pairs(stated: str) -> tuple[tuple[str, str], ...]:
    lines = (line.partition("\t") for line in stated.splitlines())
    return tuple((staged, given) for staged, separator, given in lines if separator)


def normalised_database_url(stated: str) -> str:
    """The address of a database as SQLAlchemy wants it, for the one driver onemap uses.

    Raises:
        ConfigError: It is not the address of a PostgreSQL database.
    """
    scheme, separator, rest = stated.partition("://")
    if not separator or scheme not in _POSTGRESQL_SCHEMES:
        raise ConfigError("settings.database_url")  # the text may hold a password: not shown
    return f"postgresql+psycopg2://{rest}"
