"""Holdings: one use of a leaf at a time, at whichever level it was said."""

from datetime import date
from decimal import Decimal

import pytest
from makers import make_area, make_organization, make_place
from sqlalchemy import Connection, text

from assets.estate.actions import Party, end_occupancy, record_holding, refresh_derived
from assets.estate.model import Extent, HoldingKind
from gis.errors import Conflict, InputError, NotFound
from gis.places.actions import touch


@pytest.fixture
def floor(conn: Connection) -> dict[str, int]:
    building = make_place(conn, "B", "building")
    third = make_place(conn, "F3", "floor", parent=(building, "building"))
    return {
        "building": building,
        "floor": third,
        "room": make_place(conn, "R301", "room", parent=(third, "floor")),
        "agency": make_organization(conn, "agency"),
        "tenant": make_organization(conn, "tenant"),
    }


def _record(conn: Connection, place_id: int, holder: int, kind: str, **more: object) -> int:
    return record_holding(
        conn,
        place_id=place_id,
        kind=HoldingKind(kind),
        parties=[Party(holder)],
        **more,  # type: ignore[arg-type]
    )


def test_letting_a_floor_blocks_its_rooms(conn: Connection, floor: dict[str, int]) -> None:
    _record(conn, floor["floor"], floor["tenant"], "lets_out", valid_from=date(2025, 1, 1))
    with pytest.raises(Conflict):
        _record(conn, floor["room"], floor["agency"], "occupies", valid_from=date(2026, 1, 1))


def test_a_use_may_follow_another(conn: Connection, floor: dict[str, int]) -> None:
    day = date(2026, 1, 1)
    _record(conn, floor["floor"], floor["tenant"], "lets_out", valid_to=day)
    _record(conn, floor["room"], floor["agency"], "occupies", valid_from=day)
    assert conn.execute(text("SELECT count(*) FROM estate.holding_leaf")).scalar() == 2


def test_owning_does_not_exclude_using(conn: Connection, floor: dict[str, int]) -> None:
    _record(conn, floor["building"], floor["agency"], "owns")
    _record(conn, floor["building"], floor["tenant"], "occupies")


def test_a_part_of_a_place_claims_no_room(conn: Connection, floor: dict[str, int]) -> None:
    _record(conn, floor["building"], floor["tenant"], "occupies", extent=Extent.PART)
    _record(conn, floor["room"], floor["agency"], "occupies")


def test_a_room_listed_later_falls_under_the_holding_of_its_floor(
    conn: Connection, floor: dict[str, int]
) -> None:
    _record(conn, floor["floor"], floor["tenant"], "lets_out")
    new = make_place(conn, "R302", "room", parent=(floor["floor"], "floor"))
    touch(conn, [new])
    refresh_derived(conn)
    leaves = conn.execute(
        text("SELECT code FROM estate.holding_leaf JOIN place.place USING (place_id) ORDER BY 1")
    ).scalars()
    assert list(leaves) == ["R301", "R302"]


def test_who_shares_a_holding_is_shown_to_whom_the_place_is(
    conn: Connection, floor: dict[str, int]
) -> None:
    holding = _record(conn, floor["room"], floor["agency"], "occupies")
    make_area(conn, "320499")
    conn.execute(
        text(
            "UPDATE place.place SET admin_area_code = '320499',"
            " rights_cell = rights.cell_for(steward_id, '320499', security_class)"
            " WHERE place_id = :room"
        ),
        {"room": floor["room"]},
    )
    cells = conn.execute(
        text(
            "SELECT p.rights_cell, h.rights_cell, party.rights_cell FROM estate.holding AS h"
            " JOIN estate.holding_party AS party USING (holding_id)"
            " JOIN place.place AS p USING (place_id) WHERE h.holding_id = :holding"
        ),
        {"holding": holding},
    ).one()
    assert len(set(cells)) == 1


def test_sharers_sum_to_one(conn: Connection, floor: dict[str, int]) -> None:
    half = Decimal("0.5")
    parties = [Party(floor["agency"], half), Party(floor["tenant"], Decimal("0.4"))]
    with pytest.raises(InputError):
        record_holding(conn, place_id=floor["room"], kind=HoldingKind.OCCUPIES, parties=parties)
    parties = [Party(floor["agency"], half), Party(floor["tenant"], half)]
    record_holding(conn, place_id=floor["room"], kind=HoldingKind.OCCUPIES, parties=parties)


def test_nothing_is_recorded_for_an_unknown_place_or_nobody(
    conn: Connection, floor: dict[str, int]
) -> None:
    with pytest.raises(NotFound):
        _record(conn, -1, floor["agency"], "occupies")
    with pytest.raises(InputError):
        record_holding(conn, place_id=floor["room"], kind=HoldingKind.OWNS, parties=[])


def test_dates_run_forward(conn: Connection, floor: dict[str, int]) -> None:
    with pytest.raises(InputError):
        _record(
            conn,
            floor["room"],
            floor["agency"],
            "occupies",
            valid_from=date(2026, 1, 2),
            valid_to=date(2026, 1, 2),
        )


def test_what_a_body_occupies_is_ended_and_who_shares_it_stays(
    conn: Connection, floor: dict[str, int]
) -> None:
    both = [Party(floor["agency"]), Party(floor["tenant"])]
    record_holding(conn, place_id=floor["room"], kind=HoldingKind.OCCUPIES, parties=both,
                   valid_from=date(2020, 1, 1), decision="示例〔2019〕3号")  # fmt: skip
    day = date(2026, 10, 1)
    asked = {"place_id": floor["building"], "ended_on": day, "decision": "示例〔2026〕9号"}
    with pytest.raises(InputError, match="dates_reversed"):
        end_occupancy(conn, **{**asked, "ended_on": date(2019, 1, 1)}, holder_ids=[floor["agency"]])
    assert end_occupancy(conn, **asked, holder_ids=[floor["agency"]]) == 1
    assert end_occupancy(conn, **asked, holder_ids=[floor["agency"]]) == 0
    rows = conn.execute(
        text(
            "SELECT valid_from, valid_to, decision, array_agg(holder_id ORDER BY holder_id) AS who"
            " FROM estate.holding JOIN estate.holding_party USING (holding_id)"
            " GROUP BY holding_id ORDER BY holding_id"
        )
    ).all()
    assert [tuple(row) for row in rows] == [
        (date(2020, 1, 1), day, "示例〔2019〕3号；示例〔2026〕9号",
         sorted([floor["agency"], floor["tenant"]])),
        (day, None, "示例〔2019〕3号", [floor["tenant"]]),
    ]  # fmt: skip
