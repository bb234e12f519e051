"""The one reader of the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """What a running onemap needs to know, read once at the edge and passed down."""

    state_dir: Path
    """Where the private database cluster, keys, logs and caches live."""

    database_url: str | None
    """A database of the operator's own; null means the private cluster."""

    language: str
    """`zh` or `en`: the language of the command line; the web has its own switch."""

    test_cluster: bool = False
    """Whether the private cluster is the one tests use, apart from the operator's data."""


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
    language = env.get("ONEMAP_LANGUAGE") or ("en" if env.get("LANG", "").startswith("en") else "zh")
    return Settings(
        state_dir=default_state_dir(env, is_root=os.geteuid() == 0),
        database_url=env.get("ONEMAP_DATABASE_URL") or None,
        language="en" if language.startswith("en") else "zh",
    )
