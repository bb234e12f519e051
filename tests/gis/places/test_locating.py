"""A place without location is put on the map by a person, with a reason, and taken off again."""

from collections.abc import Callable, Iterator

import pytest
from handed_in import open_account
from makers import make_place
from small_city import City, build
from sqlalchemy import Connection, text

from gis.clock import today
from gis.db import Database, Role, transaction
from gis.errors import Conflict, Forbidden, InputError, NotFound
from gis.places.candidates import candidates, exact
from gis.places.locating import (
    last_step,
    locate,
    locate_exactly,
    take_off,
    take_step_off,
)
from gis.rights.actions import Grant

HERE = (119.75, 31.65)
"""In the first district."""


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    built = build(make_database("onemap_locating"))
    with transaction(built.database.engine(Role.OWNER), None) as conn:
        make_place(
            conn, "U1", "building", name="无位置楼", parent=(built.ids["site 3"], "site"),
            steward_id=built.ids["agency 3"],
        )  # fmt: skip
        for number, lon in ((10, 119.71), (20, 119.714)):
            make_place(conn, f"N{number}", address=f"长路{number}号", name=f"{number}号院",
                       anchor=(lon, 31.61), admin_area_code="320401")  # fmt: skip
    return built


@pytest.fixture
def asking(city: City) -> Iterator[Connection]:
    """A transaction of the web role for who may do everything, rolled back."""
    with city.database.engine(Role.WEB).connect() as conn:
        opened = conn.begin()
        conn.execute(text("SELECT set_config('onemap.session', :t, true)"), {"t": city.everything})
        yield conn
        opened.rollback()


def _state(conn: Connection, place_id: int) -> tuple[object, ...]:
    return tuple(
        conn.execute(
            text(
                "SELECT ST_X(anchor), ST_Y(anchor), located_by, admin_area_code, geom_source,"
                " geom_accuracy_m::float8, rights_cell FROM place.place WHERE place_id = :id"
            ),
            {"id": place_id},
        ).one()
    )


def _part(conn: Connection) -> int:
    found: int = conn.execute(
        text("SELECT place_id FROM place.place WHERE code = 'U1'")
    ).scalar_one()
    return found


def test_a_place_its_parts_and_its_rights_move_to_where_it_is_put(
    city: City, asking: Connection
) -> None:
    site = city.ids["site 3"]
    before = _state(asking, site)
    placed = locate(asking, site, HERE, accuracy_m=30, reason="现场核对")
    assert placed.admin_area_code == "320401"
    lon, lat, by, area, source, accuracy, cell = _state(asking, site)
    assert (lon, lat, by, area, source, accuracy) == (
        *HERE, "coordinates", "320401", "placement", 30.0,
    )  # fmt: skip
    assert cell != before[-1]
    part = _state(asking, _part(asking))
    assert part[:4] == (*HERE, "ancestor", "320401")
    assert set(placed.place_ids) == {site, _part(asking)}
    reason, account = asking.execute(
        text(
            "SELECT made.reason, h.history_account_id IS NOT NULL FROM place.placement AS made"
            " JOIN history.place_place AS h USING (place_id)"
            " WHERE place_id = :id AND h.history_operation = 'U'"
        ),
        {"id": site},
    ).one()
    assert (reason, account) == ("现场核对", True)


def test_taking_it_off_leaves_it_as_it_was(city: City, asking: Connection) -> None:
    site = city.ids["site 3"]
    before = (_state(asking, site), _state(asking, _part(asking)))
    locate(asking, site, HERE)
    take_off(asking, site)
    assert (_state(asking, site), _state(asking, _part(asking))) == before
    assert not asking.execute(text("SELECT count(*) FROM place.placement")).scalar_one()
    with pytest.raises(Conflict) as refused:
        take_off(asking, site)
    assert refused.value.key == "place.not_placed_by_hand"


def _stated(conn: Connection, place_id: int) -> object:
    """The day for which somebody says where the place lies."""
    query = "SELECT days ->> 'geom' FROM place.stated_days WHERE place_id = :id"
    return conn.execute(text(query), {"id": place_id}).scalar_one_or_none()


def test_a_click_stands_for_its_day_and_a_guess_by_address_for_none(
    city: City, asking: Connection
) -> None:
    site = city.ids["site 3"]
    locate(asking, site, HERE)
    assert _stated(asking, site) == today().isoformat()
    take_off(asking, site)
    assert _stated(asking, site) is None
    locate(asking, site, HERE, method="same_address")
    assert _stated(asking, site) is None


def test_what_a_file_located_is_not_moved_and_what_a_person_put_only_on_purpose(
    city: City, asking: Connection
) -> None:
    with pytest.raises(Conflict):
        locate(asking, city.ids["site 0"], HERE, moves=True)
    locate(asking, city.ids["site 3"], HERE)
    with pytest.raises(Conflict) as refused:
        locate(asking, city.ids["site 3"], (119.76, 31.66))
    assert refused.value.key == "place.already_located"
    locate(asking, city.ids["site 3"], (119.86, 31.66), moves=True)
    assert _state(asking, city.ids["site 3"])[3] == "320402"
    take_off(asking, city.ids["site 3"])
    assert _state(asking, city.ids["site 3"])[3] is None


@pytest.mark.parametrize("point", [(181.0, 31.0), (119.75, 91.0), (100.0, 31.0)])
def test_a_point_that_is_nowhere_is_refused(
    city: City, asking: Connection, point: tuple[float, float]
) -> None:
    with pytest.raises(InputError):
        locate(asking, city.ids["site 3"], point)


def test_rights_decide_who_may_put_a_place_and_where(city: City) -> None:
    site = city.ids["site 3"]
    accounts = {
        "sees": [Grant("viewer", organization_id=city.ids["agency 3"])],
        "writes in the second district": [
            Grant("viewer", organization_id=city.ids["agency 3"]),
            Grant("clerk", admin_area_code="320402"),
        ],
        "writes of another agency": [Grant("clerk", organization_id=city.ids["agency 0"])],
    }
    errors: dict[str, type[Exception]] = {
        "sees": Forbidden, "writes in the second district": Forbidden,
        "writes of another agency": NotFound,
    }  # fmt: skip
    for name, grants in accounts.items():
        token = open_account(city.database, name, *grants)
        with (
            pytest.raises(errors[name]),
            transaction(city.database.engine(Role.WEB), token) as conn,
        ):
            locate(conn, site, HERE)
    token = open_account(city.database, "写", Grant("clerk", organization_id=city.ids["agency 3"]))
    with transaction(city.database.engine(Role.WEB), token) as conn:
        locate(conn, site, HERE)
        take_off(conn, site)


def test_nobody_puts_anything(city: City) -> None:
    with (
        pytest.raises(NotFound),
        transaction(city.database.engine(Role.WEB), None) as conn,
    ):
        locate(conn, city.ids["site 3"], HERE)


def _found(city: City, asking: Connection, **texts: str) -> list[tuple[str, float, float]]:
    """Where a site that the owner has just entered may lie: method, longitude, latitude."""
    with city.database.engine(Role.OWNER).begin() as owner:
        place_id = make_place(owner, f"W{texts['name']}", **texts)
    return [
        (one.method, round(one.lon, 5), round(one.lat, 5)) for one in candidates(asking, place_id)
    ]


def test_an_address_is_found_exactly_folded_or_between_its_neighbours(
    city: City, asking: Connection
) -> None:
    site = asking.execute(
        text("SELECT ST_X(anchor), ST_Y(anchor) FROM place.place WHERE place_id = :id"),
        {"id": city.ids["site 0"]},
    ).one()
    spot = (round(site[0], 5), round(site[1], 5))
    assert _found(city, asking, address="示例路０号 ", name="x1")[0] == ("same_address", *spot)
    assert _found(city, asking, address="示例路0号东楼", name="x2")[0] == ("same_number", *spot)
    assert _found(city, asking, address="长路14号", name="x3")[0] == (
        "between_numbers", 119.7116, 31.61,
    )  # fmt: skip


def test_beyond_the_last_number_only_the_neighbour_itself_is_offered(
    city: City, asking: Connection
) -> None:
    found = _found(city, asking, address="长路22号", name="x4")
    assert found[0] == ("next_number", 119.714, 31.61)
    assert not any(method == "between_numbers" for method, *_ in found)


def test_another_number_is_never_a_similar_address(city: City, asking: Connection) -> None:
    found = _found(city, asking, address="很长的路名叫做长路一二三13号", name="x5")
    assert found == []


def test_parts_that_lie_somewhere_tell_where_the_whole_is(city: City) -> None:
    with city.database.engine(Role.OWNER).connect() as conn:
        opened = conn.begin()
        whole = make_place(conn, "V1", name="总")
        for code, lon in (("V2", 119.72), ("V3", 119.73)):
            make_place(conn, code, "building", parent=(whole, "site"), anchor=(lon, 31.62))
        best = candidates(conn, whole)[0]
        opened.rollback()
    assert (best.method, best.params["count"]) == ("parts", 2)
    assert (best.lon, best.lat) == pytest.approx((119.725, 31.62))


def _sites(city: City, *addresses: tuple[str, str]) -> dict[str, int]:
    """Sites that wait, by code, at the second agency."""
    with city.database.engine(Role.OWNER).begin() as owner:
        return {
            code: make_place(owner, code, name=f"{code}院", address=address,
                             steward_id=city.ids["agency 1"])
            for code, address in addresses
        }  # fmt: skip


def test_only_a_whole_address_with_its_number_that_one_spot_has_is_exact(
    city: City, asking: Connection
) -> None:
    made = _sites(
        city, ("E1", "长路10号"), ("E2", "长路 １０号"), ("E3", "长路10号东楼"), ("E4", "长路"),
        ("E5", "长路15号"), ("E6", "双路1号"),
    )  # fmt: skip
    with city.database.engine(Role.OWNER).begin() as owner:
        for number, lon in ((1, 119.72), (2, 119.73)):
            made[f"T{number}"] = make_place(owner, f"T{number}", address="双路1号", name="双",
                                            anchor=(lon, 31.62))  # fmt: skip
        made["T3"] = make_place(owner, "T3", address="长路", name="路口", anchor=(119.72, 31.61))
    found = {one.place_id: one for one in exact(asking, list(made.values()))}
    assert set(found) == {made["E1"], made["E2"]}
    assert (found[made["E1"]].shown, found[made["E1"]].lon) == ("10号院", 119.71)


def test_many_are_put_in_one_step_and_taken_back_in_one_as_far_as_they_still_stand(
    city: City, asking: Connection
) -> None:
    made = _sites(city, *((f"M{number}", "长路20号") for number in range(4)))
    before = {code: _state(asking, place_id) for code, place_id in made.items()}
    put = locate_exactly(asking, exact(asking, list(made.values())), lambda one: one.shown)
    assert (put.count, put.refused) == (4, 0)
    assert _state(asking, made["M0"])[:6] == (
        119.714, 31.61, "address", "320401", "placement", 50.0,
    )  # fmt: skip
    step = last_step(asking)
    assert step is not None
    assert step.count == 4
    reasons = asking.execute(text("SELECT DISTINCT method, reason FROM place.placement")).all()
    assert [tuple(row) for row in reasons] == [("same_address", "20号院")]

    # One is taken off, one moved and one located by a file since: these the step has no more.
    take_off(asking, made["M1"])
    locate(asking, made["M2"], HERE, moves=True)
    asking.execute(
        text("UPDATE place.place SET geom_source = 'load' WHERE place_id = :id"), {"id": made["M3"]}
    )
    assert take_step_off(asking, step.step_id).count == 1
    assert _state(asking, made["M0"]) == before["M0"]
    assert _state(asking, made["M2"])[:2] == HERE
    assert _state(asking, made["M3"])[:2] == (119.714, 31.61)
    with pytest.raises(NotFound) as refused:
        take_step_off(asking, step.step_id)
    assert refused.value.key == "place.no_such_step"
    with pytest.raises(Conflict):
        take_off(asking, made["M3"])


def test_of_many_those_that_may_not_be_written_stay_and_are_counted(city: City) -> None:
    made = _sites(city, ("R1", "长路20号"), ("R2", "长路20号"))
    with city.database.engine(Role.OWNER).begin() as owner:
        make_place(owner, "R1B", "building", name="他人楼", parent=(made["R1"], "site"),
                   steward_id=city.ids["agency 0"])  # fmt: skip
    token = open_account(
        city.database, "填报", Grant("clerk", organization_id=city.ids["agency 1"]),
        Grant("viewer"),
    )  # fmt: skip
    with transaction(city.database.engine(Role.WEB), token) as conn:
        found = exact(conn, list(made.values()))
        put = locate_exactly(conn, found, lambda one: one.shown)
        assert (len(found), put.count, put.refused) == (2, 1, 1)
        assert _state(conn, made["R1"])[0] is None
        assert _state(conn, made["R2"])[0] == 119.714
    other = open_account(
        city.database, "别人", Grant("clerk", organization_id=city.ids["agency 1"])
    )
    with transaction(city.database.engine(Role.WEB), other) as conn:
        assert last_step(conn) is None
