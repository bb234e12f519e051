"""Every role, office, program and nobody; and that who sees everything finds everything."""

from collections import defaultdict

import pytest

from tests.rights.answers import ask, found_in
from tests.rights.askers import NOBODIES
from tests.rights.conftest import World
from tests.rights.matrix import few, leaks, questions
from tests.rights.reads import claims


def test_who_sees_everything_finds_every_spot_on_every_channel_that_shows_it(world: World) -> None:
    """So that nothing is proved by a way out that says nothing at all."""
    everything, browser = world.askers["everything"], world.app.test_client()
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    failed = []
    for probe in [*questions(world), *questions(world, heavy=True)]:
        answer = ask(browser, everything, probe)
        failed += [f"{probe}: {answer.text[:200]}"] if answer.status >= 500 else []
        for spot in world.city.spots.values():
            for mark in found_in(answer.text, spot):
                found[probe.endpoint, mark].add(spot.name)
    shown = set(world.city.spots) - {"stub"}
    short = {
        f"{endpoint} {mark}": sorted(shown - found[endpoint, mark])
        for endpoint, claim in claims(world.city).items()
        for mark in claim.shows.split()
        if shown - found[endpoint, mark]
    }
    assert (failed, short) == ([], {})
    told = {endpoint for (endpoint, mark), spots in found.items()
            if mark in ("text", "place") and "stub" in spots}  # fmt: skip
    assert told == set(), "what is left of a state secret says where or what it was"


def test_there_is_an_asker_of_every_role(world: World) -> None:
    with world.database.admin().connect() as conn:
        roles = set(conn.exec_driver_sql("SELECT role FROM rights.role").scalars())
    assert roles - {"operator"} <= set(world.askers)
    assert {len(asker.spots) for asker in world.askers.values()} >= {0, 2, 4, 5, 6, 9}


def test_every_role_is_answered_as_if_nothing_else_were_there(world: World) -> None:
    asked = list(few(questions(world)))
    wrong = {
        name: found
        for name, asker in world.askers.items()
        if name not in ("everything", *NOBODIES)
        if (found := leaks(world, asker, asked))
    }
    assert wrong == {}


@pytest.mark.parametrize("name", NOBODIES)
def test_nobody_is_answered_nothing(world: World, name: str) -> None:
    browser, asker = world.app.test_client(), world.askers[name]
    answers = {
        str(probe): ask(browser, asker, probe).status
        for probe in few([*questions(world), *questions(world, heavy=True)])
    }
    open_to_all = {"GET /api/reports"}
    assert {asked for asked, status in answers.items() if status != 401} <= open_to_all
