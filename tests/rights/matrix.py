"""Askers by questions: what each is answered, and whether that is what it should be."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from tests.rights.answers import Answer, Probe, ask, told_by
from tests.rights.askers import Asker
from tests.rights.conftest import World
from tests.rights.reads import probes

_FEW = (0, 1, 3)
"""Of the questions of a route: about a spot that is seen, and about two that mostly are not."""


def questions(world: World, *, heavy: bool = False) -> list[Probe]:
    """Every question that is asked of the routes that read."""
    return list(probes(world.app, world.city, heavy=heavy))


def few(asked: Iterable[Probe]) -> Iterator[Probe]:
    """Some of each route."""
    by_route = defaultdict(list)
    for probe in asked:
        by_route[probe.endpoint].append(probe)
    for listed in by_route.values():
        yield from (listed[at] for at in _FEW if at < len(listed))


def leaks(world: World, asker: Asker, asked: Iterable[Probe]) -> list[str]:
    """Answers that tell of what the asker may not see, or that are otherwise for its being there.

    Each is compared, byte for byte once decoded, with what the same asker is answered by a register
    that never had the rows it may not see; so counts, sums, extents, order and error texts are
    covered, whatever a later route says. Beside it no answer holds a mark of a hidden spot.
    """
    hidden = [spot for spot in world.city.spots.values() if spot.name not in asker.spots]
    browser, elsewhere = world.app.test_client(), world.twin(asker).test_client()
    found = []
    for probe in asked:
        here, there = ask(browser, asker, probe), ask(elsewhere, asker, probe)
        if here.status >= 500:
            found.append(f"{probe}: {here.status}")
        if told := told_by(here, probe, hidden):
            found.append(f"{probe}: tells {sorted(told)}")
        if probe.is_compared and here != there:
            found.append(f"{probe}: {difference(here, there)}")
    return found


def difference(here: Answer, there: Answer) -> str:
    """Where two answers part."""
    if here.status != there.status:
        return f"{here.status}, not {there.status}: {here.text[:200]}"
    pairs = zip(here.text, there.text, strict=False)
    at = next(
        (at for at, (one, other) in enumerate(pairs) if one != other),
        min(len(here.text), len(there.text)),
    )
    shown = slice(max(0, at - 60), at + 60)
    return f"...{here.text[shown]}... and not ...{there.text[shown]}..."
