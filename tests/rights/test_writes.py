"""Attempts to change what is not one's own: refused with a sentence that tells nothing."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from tests.rights.answers import Probe, ask, told_by
from tests.rights.askers import NOBODIES, Asker
from tests.rights.conftest import World
from tests.rights.matrix import difference
from tests.rights.writes import TARGETS, attempted

REFUSED = {403, 404, 409}
NOTHING_DONE = ('{"decided": 0}',)
"""Answers of what is done to all that one has, when that is none."""
NO_PLACE_FOR_IT = "urn:onemap:problem:workflow.own_page"
"""Such steps are taken elsewhere, whoever asks and of whatever case."""
_QUIET = ("rights.session", "rights.event", "history.access", "rights.sign_in_failure")
"""Who was there and who was refused is noted; nothing else may change."""
_TABLES = """
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema|public)' ORDER BY 1"""
ALL = {"place", "other", "all", "office"}
OFFICES = ("system_admin", "security_admin", "audit_admin")


def _state(conn: Connection) -> dict[str, tuple[int, int]]:
    """Rows and a digest of every table."""
    names = [one for one in conn.execute(text(_TABLES)).scalars() if one not in _QUIET]
    query = " UNION ALL ".join(
        f"SELECT '{name}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)"
        f" FROM {name} AS t"
        for name in names
    )
    return {row[0]: (row[1], row[2]) for row in conn.execute(text(query))}


def _attempts(world: World, asker: Asker) -> Iterator[Probe]:
    if asker.name == "everything":
        return
    # What each office may not of the others' is asked in tests/gis/test_offices.py.
    needs = ALL - {"office"} if asker.name in OFFICES else ALL
    for name in TARGETS:
        if name not in asker.spots:
            yield from attempted(world.app, world.city, world.city.spots[name], needs & {"place"})
    if not asker.can_write and asker.spots:
        spot = world.city.spots[sorted(asker.spots)[-1]]
        yield from attempted(world.app, world.city, spot, needs & {"place"})
    yield from attempted(world.app, world.city, world.city.spots["other_body"], needs - {"place"})


def test_nobody_changes_what_is_not_theirs_and_hears_nothing_of_it(world: World) -> None:
    wrong = []
    with world.database.admin().connect() as conn:
        before = _state(conn)
    for asker in world.askers.values():
        hidden = [spot for spot in world.city.spots.values() if spot.name not in asker.spots]
        browser = world.app.test_client()
        for probe in _attempts(world, asker):
            answer = ask(browser, asker, probe)
            expected = {401} if asker.name in NOBODIES else REFUSED
            if answer.text in NOTHING_DONE or NO_PLACE_FOR_IT in answer.text:
                continue
            if answer.status not in expected or "detail" not in answer.text:
                wrong.append(f"{asker.name} {probe}: {answer.status} {answer.text[:150]}")
            if told := told_by(answer, probe, hidden):
                wrong.append(f"{asker.name} {probe}: tells {sorted(told)}")
    with world.database.admin().connect() as conn:
        after = _state(conn)
    assert (wrong, {name for name in after if after[name] != before.get(name)}) == ([], set())


@pytest.mark.parametrize("name", ["clerk", "clerk_sensitive", "officer_of_body", "viewer_of_city"])
def test_what_is_hidden_is_refused_as_what_is_not_there(world: World, name: str) -> None:
    asker = world.askers[name]
    browser, elsewhere = world.app.test_client(), world.twin(asker).test_client()
    asked = [
        probe
        for target in TARGETS
        if target not in asker.spots
        for probe in attempted(world.app, world.city, world.city.spots[target], {"place", "other"})
    ]
    assert len(asked) > 30
    otherwise = []
    for probe in asked:
        here, there = ask(browser, asker, probe), ask(elsewhere, asker, probe)
        if here != there:
            otherwise.append(f"{probe}: {difference(here, there)}")
    assert otherwise == []


def test_who_may_does(world: World) -> None:
    """So that nothing is refused only because it was asked wrongly."""
    spot, asker = world.city.spots["internal"], world.askers["clerk_sensitive"]
    browser = world.fresh("writing").test_client()
    reasons = {
        probe.endpoint: ask(browser, asker, probe)
        for probe in attempted(world.app, world.city, spot, {"place"})
        if probe.endpoint in ("unlocated.put_place", "rules.add_protected", "photos.describe_photo")
    }
    assert {endpoint: one.status for endpoint, one in reasons.items()} == {
        "unlocated.put_place": 200, "rules.add_protected": 200, "photos.describe_photo": 200,
    }  # fmt: skip
