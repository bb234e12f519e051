"""What was filed, frozen, told and drawn of a place before it was classified is hidden with it."""

from collections.abc import Sequence

import pytest
from sqlalchemy import text

from assets.estate.actions import mark_secret, refresh_derived
from gis.db import Role, transaction
from gis.places.actions import touch
from tests.rights.answers import Answer, Probe, ask, found_in
from tests.rights.conftest import World
from tests.rights.matrix import questions
from tests.rights.spots import Spot

_OF_THE_BODY = (
    "项", "项址", "岗", "员", "级", "文号", "件", "附", "催", "申", "事由", "预", "据",
    "案", "案由", "案文",
)  # fmt: skip
"""Words of a spot that are no place's: they stay what they were."""
_OF_THE_CARD = ("散卡", "卡名", "卡址", "部门")
"""Words of a card that is of no place: they stay unless they tell of one that is a secret."""
_RAISED = """
UPDATE place.place SET security_class = :class,
  rights_cell = rights.cell_for(steward_id, admin_area_code, CAST(:class AS smallint))
WHERE place_id = ANY (:ids)"""


def _told(
    answer: Answer, probe: Probe, spot: Spot, words: Sequence[str] = (*_OF_THE_BODY, *_OF_THE_CARD)
) -> set[str]:
    """What an answer tells of the places of a spot, beside what was asked and words of others."""
    said = answer.text
    for own in (*(spot.text(word) for word in words), f"{spot.code}-P", f"{spot.code}-L",
                f"{spot.area_m2('222.22'):.2f}", str(spot.rows["post_id"])):  # fmt: skip
        said = said.replace(own, "")
    for place in spot.places.values():
        if str(place) in f"{probe.path} {probe.body}":
            said = said.replace(str(place), "")
    return found_in(said, spot) - ({"text"} if spot.mark in f"{probe.path} {probe.body}" else set())


def _leaks(
    world: World, copy: str, who: str, spot: Spot, *, heavy: bool = False,
    words: Sequence[str] = (*_OF_THE_BODY, *_OF_THE_CARD),
) -> list[str]:  # fmt: skip
    browser, asker = world.fresh(copy).test_client(), world.askers[who]
    found = []
    for probe in [*questions(world), *(questions(world, heavy=True) if heavy else ())]:
        answer = ask(browser, asker, probe)
        if answer.status >= 500:
            found.append(f"{probe}: {answer.status}")
        if told := _told(answer, probe, spot, words):
            found.append(f"{probe}: tells {sorted(told)}")
    return found


def test_a_place_that_is_classified_is_gone_from_every_way_out(world: World) -> None:
    spot = world.city.spots["seen"]
    before = _leaks(world, "classified", "viewer", spot)
    assert len(before) > 100
    database = world.fresh_database("classified")
    with transaction(database.engine(Role.OWNER), None) as conn:
        places = list(spot.places.values())
        conn.execute(text(_RAISED), {"ids": places, "class": 1})
        touch(conn, places)
        refresh_derived(conn)
    after = _leaks(world, "classified", "viewer", spot)
    assert after == [], "\n".join(after)
    assert len(_leaks(world, "classified", "viewer_internal", spot)) > 100


def test_a_place_that_becomes_a_state_secret_is_told_to_nobody(world: World) -> None:
    """After it was filed and frozen: only its one line is left, also to who sees everything."""
    spot = world.city.spots["internal"]
    database = world.fresh_database("secret")
    tops = [spot.places[kind] for kind in ("site", "unlocated", "zone", "premises")]
    with transaction(database.engine(Role.OWNER), None) as conn:
        # A card of no place gives its address, which is long enough to know a place by.
        values = {"said": spot.text("听风暗巷七十七号"), "site": spot.places["site"],
                  "code": f"{spot.code}-L"}  # fmt: skip
        for query in (
            "UPDATE place.place SET address = :said WHERE place_id = :site",
            "UPDATE estate.asset_card SET address = address || :said WHERE code = :code",
        ):
            assert conn.execute(text(query), values).rowcount == 1
    with transaction(database.engine(Role.LOADER), world.askers["everything"].token) as conn:
        mark_secret(conn, tops, None)
    told = _leaks(world, "secret", "everything", spot, heavy=True, words=_OF_THE_BODY)
    assert [one for one in told if "'text'" in one or "'place'" in one or "500" in one] == []


@pytest.mark.parametrize("name", ["viewer", "clerk_sensitive"])
def test_what_changed_since_a_report_was_frozen_is_told_to_who_sees_it(
    world: World, name: str
) -> None:
    """The comparison of a frozen report names no place that was hidden meanwhile."""
    spot, asker = world.city.spots["internal"], world.askers[name]
    database = world.fresh_database(f"since_{name}")
    with transaction(database.engine(Role.OWNER), None) as conn:
        renamed = "UPDATE place.place SET address = :words WHERE place_id = ANY (:ids)"
        conn.execute(text(renamed), {"words": spot.text("新"), "ids": list(spot.places.values())})
        conn.execute(text(_RAISED), {"ids": list(spot.places.values()), "class": 2})
        # What hung in a hidden place for a day, in a property that is seen and changed as well.
        seen, other = world.city.spots["seen"].places, world.city.spots["other_body"].places
        conn.execute(text("UPDATE place.place SET address = '新' WHERE place_id = :id"),
                     {"id": seen["site"]})  # fmt: skip
        moved = text("UPDATE place.place SET parent_id = :site WHERE place_id = :id")
        for site in (other["site"], seen["site"]):
            conn.execute(moved, {"site": site, "id": seen["building"]})
    browser = world.fresh(f"since_{name}").test_client()
    closed = world.city.campaigns[1]
    found, told = set(), set()
    for ending in ("report", "report.xlsx", "changes.xlsx"):
        answer = ask(browser, asker, Probe("", "report", "GET", f"/campaigns/{closed}/{ending}"))
        assert answer.status == 200
        found |= found_in(answer.text, spot)
        if ending != "report.xlsx":  # what was handed in
            told |= found_in(answer.text, world.city.spots["other_body"])
    assert (found == set()) is (name == "viewer")
    assert told == set()
