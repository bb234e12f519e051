"""Sums follow loads, undos, grants, secrecy and new cells, and never tell of a hidden place."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import open_operator
from handed_in import hand_in, register_state
from makers import make_area, make_place
from sqlalchemy import Connection, text
from summed_town import TODAY, Town, compare, found_town, scatter

from assets.estate.actions import mark_secret, refresh_derived
from assets.estate.area_lists import NEWEST_HEADCOUNTS
from assets.estate.area_reading import read_bodies
from etl.undo import undo_load
from gis.db import Database, Role, transaction
from gis.places.actions import touch
from gis.questions import asked_area, collect_places, parse_question
from gis.rights import actions as rights_actions
from gis.rights.actions import EVERYTHING, Grant
from gis.squares import FINEST, SIZES

SUMS = ("estate.place_sum", "estate.counted_sum", "estate.counted_change", "estate.built_sum",
        "estate.square_holder", "estate.title_elsewhere", "space.room_sum")  # fmt: skip
CENSUS = "房产编号,名称,地址坐落,行政区划,使用单位,总建筑面积（m²）,经度,纬度\n"


@pytest.fixture(scope="module")
def town(make_database: Callable[[str], Database]) -> Town:
    town = found_town(make_database("onemap_sums_and_rights"))
    agencies = [town.city.ids[f"agency {at}"] for at in range(4)]
    with transaction(town.database.engine(Role.OWNER), None) as conn:
        make_area(conn, "320409", name="示例新区", parent_code="320400")
        _open(
            conn, town, "four bodies", *(Grant("viewer", organization_id=one) for one in agencies)
        )
        _open(conn, town, "two bodies open", *(
            Grant("viewer", organization_id=one, max_security_class=0) for one in agencies[:2]
        ))  # fmt: skip
        _open(conn, town, "leader", Grant("leader", max_security_class=3))  # figures, no rows
        _open(conn, town, "changing", Grant("viewer", organization_id=agencies[1]))
        for at, steward in enumerate(agencies[:2]):
            _new_place(conn, f"N{at}", steward)
    return town


def _open(conn: Connection, town: Town, name: str, *grants: Grant) -> None:
    account_id = rights_actions.ensure_account(conn, name, grants)
    town.tokens[name] = rights_actions.open_session(
        conn, account_id, kind="web", lifetime=timedelta(hours=1)
    )


def _new_place(conn: Connection, code: str, steward: int | None, **values: object) -> int:
    place_id = make_place(
        conn, code, "building", anchor=(119.75, 31.66), areas={"gross": 17}, steward_id=steward,
        admin_area_code="320409", **values,
    )  # fmt: skip
    touch(conn, [place_id])
    refresh_derived(conn)
    return place_id


def _whole_groups(town: Town, name: str) -> set[tuple[str, int]]:
    with transaction(town.database.engine(Role.WEB), town.tokens[name]) as conn:
        found = conn.execute(
            text("SELECT admin_area_code, security_class FROM rights.my_groups WHERE is_whole")
        )
        return {(code, security_class) for code, security_class in found}


def _compare_around_refresh(town: Town) -> None:
    compare(town, 2)
    _refuse_hidden(town)
    assert town.refresh() > 0
    assert compare(town, 2) > 0
    _refuse_hidden(town)


def _refuse_hidden(town: Town) -> None:
    """What an account can read of the sums themselves is of cells and groups that it reaches."""
    for name, token in town.tokens.items():
        with transaction(town.database.engine(Role.WEB), token) as conn:
            for table in SUMS:
                hidden = conn.execute(
                    text(
                        f"SELECT count(*) FROM {table} WHERE CASE WHEN is_whole"
                        " THEN EXISTS (SELECT FROM rights.cell AS c"
                        "   WHERE c.admin_area_code IS NOT DISTINCT FROM {0}.admin_area_code"
                        "     AND c.security_class = {0}.security_class"
                        "     AND c.cell NOT IN (SELECT cell FROM rights.my_cells))"
                        " ELSE rights_cell NOT IN (SELECT cell FROM rights.my_cells) END".format(
                            table
                        )
                    )
                ).scalar_one()
                assert hidden == 0, (name, table)


def test_whole_sums_say_what_the_account_sees_place_by_place(town: Town) -> None:
    town.refresh()
    counts = {}
    for name, token in town.tokens.items():
        with transaction(town.database.engine(Role.WEB), token) as conn:
            counts[name], singly = conn.execute(
                text(
                    "SELECT (SELECT coalesce(sum(place_count), 0) FROM estate.place_sum"
                    " WHERE per_degree = :finest AND is_whole AND day = 'infinity'),"
                    " (SELECT count(*) FROM place.place"
                    " WHERE anchor IS NOT NULL AND (valid_from IS NULL OR valid_from <= :day)"
                    " AND (valid_to IS NULL OR valid_to > :day)"
                    " AND (coalesce(admin_area_code, ''), security_class) IN (SELECT"
                    "   admin_area_code, security_class FROM rights.my_groups WHERE is_whole))"
                ),
                {"finest": FINEST, "day": TODAY},
            ).one()
        assert counts[name] == singly, name
    assert counts["nobody"] == counts["body"] == counts["leader"] == 0
    assert 0 < counts["open only"] < counts["everything"]
    assert 0 < counts["district"] < counts["city"] <= counts["everything"]
    assert counts["four bodies"] > 0
    assert _whole_groups(town, "body") == set()
    _refuse_hidden(town)


def test_a_new_cell_takes_the_sums_over_all_bodies_from_who_does_not_reach_it(town: Town) -> None:
    town.refresh()
    assert ("320409", 0) in _whole_groups(town, "four bodies")
    with transaction(town.database.engine(Role.OWNER), None) as conn:
        hidden = _new_place(conn, "N9", None)
        # At once: nobody sees the place's cell before the sums are out of reach.
        assert conn.execute(
            text(
                "SELECT bool_or(g.is_whole) FROM rights.scope_group AS g"
                " JOIN rights.account AS a USING (scope_id)"
                " WHERE a.name = 'four bodies' AND g.admin_area_code = '320409'"
            )
        ).scalar_one() is False  # fmt: skip
    assert ("320409", 0) not in _whole_groups(town, "four bodies")
    assert ("320409", 0) in _whole_groups(town, "everything")
    _compare_around_refresh(town)
    with transaction(town.database.engine(Role.OWNER), None) as conn:
        conn.execute(text("DELETE FROM place.area_measure WHERE place_id = :id"), {"id": hidden})
        conn.execute(text("DELETE FROM place.place WHERE place_id = :id"), {"id": hidden})
        conn.execute(text("DELETE FROM history.place_place WHERE place_id = :id"), {"id": hidden})
        conn.execute(text("SELECT rights.forget_unused_cells()"))
    assert ("320409", 0) in _whole_groups(town, "four bodies")
    _compare_around_refresh(town)


def test_cells_that_go_give_nobody_back_what_a_new_cell_takes_away(town: Town) -> None:
    engine = town.database.engine(Role.OWNER)
    group = ("320409", 0)
    held = _whole_groups(town, "two bodies open")

    def forget() -> None:
        with engine.begin() as conn:
            conn.execute(text("SELECT rights.forget_unused_cells()"))

    with ThreadPoolExecutor(1) as pool:
        with transaction(engine, None) as conn:
            _new_place(conn, "N9", town.city.ids["agency 3"])
            later = pool.submit(forget)
            _until_it_waits(town)
        later.result(timeout=60)
    assert group in held
    assert group not in _whole_groups(town, "two bodies open")


def _until_it_waits(town: Town) -> None:
    waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    for _ in range(600):
        with town.database.engine(Role.OWNER).connect() as conn:
            if conn.execute(waits).scalar_one():
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits")


def test_changed_grants_change_what_sums_are_read(town: Town) -> None:
    town.refresh()
    agency = town.city.ids["agency 2"]
    for grants in (
        [EVERYTHING],
        [Grant("viewer", max_security_class=0)],
        [Grant("viewer", admin_area_code="320401")],
        [Grant("viewer", organization_id=agency), Grant("viewer", admin_area_code="320403")],
        [Grant("viewer", organization_id=agency, valid_to=TODAY)],
        [],
    ):
        with transaction(town.database.engine(Role.OWNER), None) as conn:
            conn.execute(
                text(
                    'UPDATE rights."grant" SET revoked_at = now() WHERE account_id ='
                    " (SELECT account_id FROM rights.account WHERE name = 'changing')"
                )
            )
            rights_actions.ensure_account(conn, "changing", grants)
        compare(town, 2)
        _refuse_hidden(town)
    assert town.refresh() == 0  # no place changed


def test_a_place_made_secret_leaves_the_sums_of_who_may_not_see_it(town: Town) -> None:
    town.refresh()
    with transaction(town.database.engine(Role.OWNER), None) as conn:
        for security_class in (2, 0, 1):
            conn.execute(
                text(
                    "UPDATE place.place SET security_class = :class,"
                    " rights_cell = rights.cell_for(steward_id, admin_area_code,"
                    "   CAST(:class AS smallint))"
                    " WHERE place_id = ANY (:ids)"
                ),
                {"class": security_class, "ids": town.places[security_class * 20 : 60]},
            )
    _compare_around_refresh(town)


def test_stubs_of_state_secrets_are_in_no_sum(town: Town) -> None:
    town.refresh()
    with transaction(town.database.engine(Role.OWNER), None) as conn:
        _open(conn, town, "marking", Grant("operator", max_security_class=3))
        places = [scatter(conn, town, 7000 + at) for at in range(6)]
        touch(conn, places)
        refresh_derived(conn)
        spots = conn.execute(
            text(
                f"SELECT floor(ST_X(anchor) * {FINEST}) AS x, floor(ST_Y(anchor) * {FINEST}) AS y"
                " FROM place.place WHERE place_id = ANY (:ids)"
            ),
            {"ids": places},
        ).all()
    town.refresh()
    with transaction(town.database.engine(Role.LOADER), town.tokens["marking"]) as conn:
        mark_secret(conn, places, "示例决定")
    left = "SELECT count(*) FROM {} WHERE " + " OR ".join(
        f"(per_degree, x, y) = ({size}, {int(x) * size // FINEST}, {int(y) * size // FINEST})"
        for x, y in spots
        for size in SIZES
    )
    with transaction(town.database.engine(Role.OWNER), None) as conn:
        for table in SUMS:  # nothing tells of them before the sums are made anew either
            assert conn.execute(text(left.format(table))).scalar_one() == 0
    _compare_around_refresh(town)


def test_a_load_and_its_undo_are_in_the_sums(town: Town, tmp_path: Path) -> None:
    operator = open_operator(town.database)
    town.refresh()
    before, kept_before = register_state(town.database), _kept(town)
    words = CENSUS + "".join(
        f"L{at},{at}号楼,丙路{at}号,320402,新单位{at % 3},{100 + at},{119.72 + at / 300},31.65\n"
        for at in range(40)
    )
    load = hand_in(
        town.database,
        operator,
        tmp_path / "底册.csv",
        words,
        as_of=date(2026, 9, 30),
        datum="CGCS2000",
    )
    assert load.inserted > 0
    compare(town, 2)
    assert town.refresh() > 0
    assert compare(town, 2) > 0
    assert _kept(town) != kept_before
    undo_load(town.database, load.load_id or 0, token=operator.token)
    assert register_state(town.database) == before
    compare(town, 2)
    assert town.refresh() > 0
    assert compare(town, 2) > 0
    assert _kept(town) == kept_before


def _kept(town: Town) -> list[str]:
    with town.database.engine(Role.OWNER).connect() as conn:
        return [
            conn.execute(
                text(f"SELECT coalesce(md5(string_agg(r, '|' ORDER BY r)), '')"
                     f" FROM (SELECT t::text AS r FROM {table} AS t) AS rows")
            ).scalar_one()
            for table in SUMS
        ]  # fmt: skip


def test_headcounts_are_the_newest_that_the_account_sees(town: Town) -> None:
    dice = town.dice
    everywhere = parse_question({"within": {}}, TODAY)
    for _ in range(12):
        with transaction(town.database.engine(Role.OWNER), None) as conn:
            _count_people(conn, town)
        for name, token in town.tokens.items():
            as_of = TODAY - timedelta(days=dice.choice((0, 0, 100, 500)))
            with transaction(town.database.engine(Role.WEB), token) as conn:
                asked = collect_places(conn, everywhere, asked_area(conn, everywhere))
                _, heads = read_bodies(conn, replace(asked, as_of=as_of))
                counted = NEWEST_HEADCOUNTS.format(bodies="IN (SELECT * FROM pg_temp.asked_holder)")
                live = conn.execute(
                    text(f"SELECT kind, sum(people) AS people FROM ({counted}) AS n GROUP BY kind"),
                    {"as_of": as_of},
                )
                kept = {row["kind"]: row["people"] for row in heads}
                assert kept == {row.kind: row.people for row in live}, (name, as_of)


def _count_people(conn: Connection, town: Town) -> None:
    """Some counts more, other or fewer, of any cell."""
    dice = town.dice
    values = {
        "body": town.city.ids[f"agency {dice.randrange(4)}"],
        "kind": dice.choice(("quota", "actual")),
        "rank": dice.choice((None, None, *conn.execute(
            text("SELECT term FROM place.term WHERE list = 'rank' ORDER BY 1 LIMIT 2")
        ).scalars())),
        "people": dice.randrange(50),
        "day": TODAY - timedelta(days=dice.choice((-30, 0, 50, 300))),
        "source": dice.choice(("census", "directory")),
        "odd": dice.choice((3, 5, 7)),
    }  # fmt: skip
    cell = "(SELECT cell FROM rights.cell ORDER BY (cell * 7919) % :odd, cell LIMIT 1)"
    if dice.random() < 0.6:
        cell = "rights.cell_for(:body, NULL, CAST(0 * :odd AS smallint))"
    conn.execute(
        text(
            "INSERT INTO organization.headcount (organization_id, kind, rank_code, people,"
            f" counted_on, source, rights_cell) SELECT :body, :kind, :rank, :people, :day, :source,"
            f" {cell} ON CONFLICT DO NOTHING"
        ),
        values,
    )
    if dice.random() < 0.4:
        conn.execute(
            text(
                "UPDATE organization.headcount SET people = people + 1"
                " WHERE organization_id = :body AND kind = :kind"
            ),
            values,
        )
    if dice.random() < 0.3:
        conn.execute(
            text("DELETE FROM organization.headcount WHERE organization_id = :body"
                 " AND source = :source AND counted_on = :day"),
            values,
        )  # fmt: skip


def test_two_who_edit_the_same_squares_wait_for_nobody(town: Town) -> None:
    town.refresh()
    change = text("UPDATE place.place SET remark = '改' WHERE place_id = :id")
    with transaction(town.database.engine(Role.OWNER), None) as conn:
        four = [_new_place(conn, f"D{at}", None) for at in range(4)]
    owner = town.database.engine(Role.OWNER)
    with owner.connect() as one, owner.connect() as other:
        for conn in (one, other):
            conn.execute(text("SET LOCAL lock_timeout = '3s'"))
        one.execute(change, {"id": four[0]})
        other.execute(change, {"id": four[1]})
        other.execute(change, {"id": four[2]})
        one.execute(change, {"id": four[3]})
        one.commit()
        assert town.refresh() > 0  # beside a writer who has not committed
        other.commit()
    _compare_around_refresh(town)
