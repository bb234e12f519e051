"""How many of the mistakes in census files the loader finds, and how much of what it says is so."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from bench.database import bench_cluster, own_database
from bench.quality.kinds import CLASSES, KINDS
from bench.quality.run import clerks, sample_city
from bench.quality.score import Tally
from bench.result import Context, Figures
from etl.admin_areas import packaged_city, save_areas
from gis.backup import drop_database
from gis.cluster import Cluster
from gis.database import private_database
from gis.db import Database, Role, transaction
from gis.rights import actions as rights_actions

SEEDS: Final = tuple(range(2061, 2071))
"""Cities nobody looked at while the loader was made: other seeds served for that."""
_SCALE: Final = 0.05
_LARGE_SCALE: Final = 0.3
_SIZE: Final = 80
_CITY: Final = "320400"
_TEMPLATE: Final = "onemap_bench_quality"


def run(context: Context) -> Figures:
    """The figures of `bench etl-quality`."""
    scale = _LARGE_SCALE if context.is_large else _SCALE
    found = {"sample": Tally(), "clerks": Tally()}
    with (
        tempfile.TemporaryDirectory() as folder,
        bench_cluster(context.state_dir).running() as cluster,
        own_database(cluster, _TEMPLATE) as template,
    ):
        with transaction(template.engine(Role.OWNER), None) as conn:
            save_areas(conn, packaged_city(_CITY))
        template.dispose()
        steps = [(name, seed) for seed in SEEDS for name in found]
        for step, (name, seed) in enumerate(steps, start=1):
            own = Path(folder) / f"{name}-{seed}"

            def say(file: str, step: int = step, name: str = name) -> None:
                context.say("bench.quality", number=step, count=len(steps), source=name, file=file)

            with _copied(cluster) as database:
                token = _operator(database)
                found[name].add(
                    sample_city(database, token, own, seed=seed, scale=scale, say=say)
                    if name == "sample"
                    else clerks(database, token, own, seed=seed, size=_SIZE, say=say)
                )
    return figures(found)


@contextmanager
def _copied(cluster: Cluster) -> Iterator[Database]:
    """A copy of the template, dropped at the end."""
    name = f"{_TEMPLATE}_copy"
    drop_database(cluster, name)
    cluster.create_database(name, template=_TEMPLATE)
    database = private_database(cluster, name)
    try:
        yield database
    finally:
        database.dispose()
        drop_database(cluster, name)


def _operator(database: Database) -> str:
    with transaction(database.engine(Role.OWNER), None) as conn:
        account_id = rights_actions.ensure_account(conn, "bench", [rights_actions.EVERYTHING])
        return rights_actions.open_session(conn, account_id, lifetime=timedelta(hours=6))


def figures(found: dict[str, Tally]) -> Figures:
    """Figures of both generators: over all, and the worst class of either."""
    both = Tally()
    values: dict[str, float] = {}
    beside: dict[str, str] = {}
    shares: list[float] = []
    for source, tally in found.items():
        both.add(tally)
        for number, name in CLASSES.items():
            kinds = [kind for kind in KINDS if kind.error_class == number]
            for what, share in (
                ("recall", tally.recall(kinds)), ("precision", tally.precision(kinds)),
            ):  # fmt: skip
                if share is not None:
                    values[f"{source}_{name}_{what}"] = round(share, 3)
                    shares.append(share)
        beside |= _kinds(source, tally)
    return Figures(
        {
            "precision": round(both.precision(KINDS) or 0.0, 3),
            "recall": round(both.recall(KINDS) or 0.0, 3),
            "worst_class": round(min(shares, default=0.0), 3),
            **values,
        },
        beside,
    )


def _kinds(source: str, tally: Tally) -> dict[str, str]:
    """Beside the figures: each kind's counts, and the first that were missed or said in vain."""
    lines = {
        f"{source} {kind.error_class} {kind.name}": (
            f"{tally.reported[kind.name]}/{tally.planted[kind.name]} + {tally.wrong[kind.name]}"
        )
        for kind in KINDS
        if tally.planted[kind.name] or tally.wrong[kind.name]
    }
    for what, some in (("missed", tally.missed), ("false", tally.false)):
        lines |= {f"{source} {what} {number}": str(one) for number, one in enumerate(some[:20])}
    return lines
