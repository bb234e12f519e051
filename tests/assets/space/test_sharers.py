"""Who sits in a room: posts and people by rank, with their shares, and one office for each."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from assets.estate.actions import Party
from assets.estate.actions.arranging import RoomsMeanwhile
from assets.estate.actions.editing import take_edit_back
from assets.estate.actions.entering import Entered, correct_holding, own_holdings
from assets.estate.actions.sharing import split_by_weight
from assets.estate.model import HoldingKind
from assets.space.actions import assign, move, vacate
from assets.space.comparing import State
from assets.space.offices import Fault, PostVerdict, months_later
from assets.space.post_report import build_posts
from assets.space.posts import judged_posts, listed_posts, posts_of
from assets.space.seating import By, Stated, seated
from gis.db import Role
from gis.errors import Conflict, InputError
from gis.places.edits import last_edit
from tests.assets.space.conftest import DAY, GROUNDS, Offices

LATER = DAY + timedelta(days=30)
_POST: str = """
INSERT INTO organization.post
  (organization_id, title, rank_code, person_key, valid_to, rights_cell)
VALUES (:body, :title, :rank, :person, :left_on, rights.cell_for(:body, '320401', 0::smallint))
RETURNING post_id"""


@pytest.fixture(autouse=True)
def _levels(offices: Offices) -> Iterator[None]:
    """Agencies of a city, in the first district."""
    engine = offices.city.database.engine(Role.OWNER)
    with engine.begin() as conn:
        conn.execute(
            text("UPDATE organization.organization SET level_code = 'city',"
                 " admin_area_code = '320401' WHERE code IN ('A0', 'A1')")
        )  # fmt: skip
    yield
    with engine.begin() as conn:
        for statement in ("DELETE FROM estate.sharer", "DELETE FROM organization.post"):
            conn.execute(text(statement))


def _post(offices: Offices, at: int, rank: str, person: str | None = None, **more: Any) -> int:
    values = {"body": offices.body(at), "title": f"岗位{rank}{person or ''}", "rank": rank}
    asked = {**values, "person": person, "left_on": None, **more}
    with offices.city.database.engine(Role.OWNER).begin() as conn:
        return int(conn.execute(text(_POST), asked).scalar_one())


def _seat(
    offices: Offices, name: str, *stated: Stated, by: By = By.HEAD, since: date = DAY, **more: Any
) -> Any:
    rooms, seen = [offices.room(name)], more.pop("seen", None) or offices.seen(name)

    def act(conn: Connection) -> Any:
        parties = seated(conn, stated, by, since)
        return assign(conn, rooms, parties, since=since, seen=seen, grounds=GROUNDS)

    return offices.run(act, **more)


def _sitting(offices: Offices) -> list[tuple[Any, ...]]:
    with offices.city.database.engine(Role.OWNER).connect() as conn:
        found = conn.execute(
            text("SELECT p.code, h.valid_from, s.post_id, s.rank_code, s.heads, s.share"
                 " FROM estate.sharer AS s JOIN estate.holding AS h USING (holding_id)"
                 " JOIN place.place AS p USING (place_id) WHERE h.valid_to IS NULL"
                 " ORDER BY p.code, s.sharer_id")
        )  # fmt: skip
        return [tuple(row) for row in found]


def _take_back(offices: Offices, name: str) -> None:
    def act(conn: Connection) -> None:
        last = last_edit(conn, offices.room(name))
        assert last is not None
        take_edit_back(conn, offices.room(name), last.edit_id)

    offices.run(act)


def _judged(offices: Offices, day: date = DAY, who: str = "everything") -> list[PostVerdict]:
    found: list[PostVerdict] = offices.run(lambda conn: judged_posts(conn, day), who)
    return found


def test_parts_by_weight_sum_to_one_exactly() -> None:
    assert split_by_weight([Decimal(1)] * 3) == [
        Decimal("0.333334"), Decimal("0.333333"), Decimal("0.333333"),
    ]  # fmt: skip
    for weights in ([7, 11, 13, 1], [1] * 49, [24, 9, 9, 9, 18]):
        parts = split_by_weight([Decimal(one) for one in weights])
        assert sum(parts) == 1
        assert [parts.index(one) for one in sorted(parts)[-1:]] == [weights.index(max(weights))]


def test_a_room_is_shared_by_heads_by_rank_and_by_shares(offices: Offices) -> None:
    one, two = offices.body(0), offices.body(1)
    _seat(offices, "0.1.0", Stated(one, heads=3, rank_code="bureau_below"), Stated(two, heads=1))
    assert offices.sitting("0.1.0", DAY) == {"A0": "0.750000", "A1": "0.250000"}
    chief, deputy = (_post(offices, 0, f"bureau_{rank}") for rank in ("chief", "deputy"))
    _seat(offices, "0.1.1", Stated(one, chief), Stated(one, deputy), by=By.RANK)
    # 24 m2 and 18 m2 by the standard of a city.
    assert [row[-1] for row in _sitting(offices)][2:] == [
        Decimal("0.571429"), Decimal("0.428571"),
    ]  # fmt: skip
    stated = [Stated(one, share=Decimal("0.7")), Stated(two, share=Decimal("0.3"))]
    _seat(offices, "0.2.0", *stated, by=By.SHARE)
    assert offices.sitting("0.2.0", DAY) == {"A0": "0.700000", "A1": "0.300000"}


def test_what_cannot_be_is_refused_with_the_reason(offices: Offices) -> None:
    one, two = offices.body(0), offices.body(1)
    other = _post(offices, 1, "bureau_deputy")
    ended = _post(offices, 0, "bureau_deputy", left_on=DAY)
    half = Decimal("0.5")
    for stated, by, why in (
        ([], By.HEAD, "how_many"),
        ([Stated(one, other)], By.HEAD, "no_such_post"),
        ([Stated(one, ended)], By.HEAD, "post_ended"),
        ([Stated(one, rank_code="emperor")], By.HEAD, "unknown_rank"),
        ([Stated(one, heads=0)], By.HEAD, "heads"),
        ([Stated(two, other, heads=2)], By.HEAD, "heads"),
        ([Stated(one)], By.RANK, "no_limit"),
        ([Stated(one, rank_code="minister")], By.RANK, "no_limit"),
        ([Stated(one, share=half), Stated(two)], By.SHARE, "shares_do_not_sum"),
        ([Stated(two, other), Stated(two, other)], By.HEAD, "post_twice"),
        ([Stated(one, share=Decimal(1)), Stated(one, share=Decimal())], By.SHARE, "impossible"),
    ):
        with pytest.raises(InputError, match=why):
            _seat(offices, "0.1.0", *stated, by=by)
    assert offices.sitting("0.1.0", DAY) == {}


def test_people_move_with_their_room_and_come_back_with_it(offices: Offices) -> None:
    chief = _post(offices, 0, "bureau_chief")
    people = Stated(offices.body(0), heads=2, rank_code="bureau_below")
    _seat(offices, "0.1.0", Stated(offices.body(0), chief), people)
    before = _sitting(offices)
    seen = offices.seen("0.1.0", "0.2.0")
    into = {offices.room("0.1.0"): offices.room("0.2.0")}
    offices.run(lambda conn: move(conn, into, since=LATER, seen=seen, grounds=GROUNDS))
    assert [row[:1] + row[2:] for row in _sitting(offices)] == [
        ("R020", *row[2:]) for row in before
    ]
    _take_back(offices, "0.2.0")
    assert _sitting(offices) == before


def test_other_people_in_the_same_room_are_a_change_taken_back_exactly(offices: Offices) -> None:
    body = offices.body(0)
    _seat(offices, "0.1.0", Stated(body, heads=2))
    before = _sitting(offices)
    assert _seat(offices, "0.1.0", Stated(body, heads=2), since=LATER) == []
    assert _seat(offices, "0.1.0", Stated(body, heads=3)) == [offices.room("0.1.0")]
    assert [row[4] for row in _sitting(offices)] == [3]
    _take_back(offices, "0.1.0")
    assert _sitting(offices) == before
    _seat(offices, "0.1.0", Stated(body, heads=4), since=LATER)
    _take_back(offices, "0.1.0")
    assert _sitting(offices) == before


def test_who_comes_second_with_other_people_is_told(offices: Offices) -> None:
    body, seen = offices.body(0), offices.seen("0.1.0")
    _seat(offices, "0.1.0", Stated(body, heads=2), seen=seen)
    with pytest.raises(RoomsMeanwhile):
        _seat(offices, "0.1.0", Stated(body, heads=3), seen=seen)


def test_the_database_keeps_people_that_sum_to_the_share_of_their_body(offices: Offices) -> None:
    body = offices.body(0)
    _seat(offices, "0.1.0", Stated(body, heads=2), Stated(body, heads=2, rank_code="bureau_below"))
    engine = offices.city.database.engine(Role.OWNER)
    for wrong in (
        "UPDATE estate.sharer SET share = 0.4 WHERE rank_code IS NULL",
        "DELETE FROM estate.sharer WHERE rank_code IS NULL",
        "UPDATE estate.holding_party SET share = NULL WHERE holding_id IN"
        " (SELECT holding_id FROM estate.sharer)",
    ):
        with pytest.raises(IntegrityError, match="do not sum"), engine.begin() as conn:
            conn.execute(text(wrong))
    with pytest.raises(IntegrityError, match="without a share"), engine.begin() as conn:
        conn.execute(
            text("INSERT INTO estate.holding_party (holding_id, holder_id, rights_cell)"
                 " SELECT holding_id, :other, rights_cell FROM estate.sharer LIMIT 1"),
            {"other": offices.body(1)},
        )  # fmt: skip
    assert sum(row[-1] for row in _sitting(offices)) == 1


def test_a_share_changed_beside_its_people_is_refused_in_words(offices: Offices) -> None:
    one, two = offices.body(0), offices.body(1)
    _seat(offices, "0.1.0", Stated(one, heads=1), Stated(two, heads=1))
    room = offices.room("0.1.0")
    (held,) = offices.run(lambda conn: own_holdings(conn, room))
    uneven = [Party(one, Decimal("0.7")), Party(two, Decimal("0.3"))]
    entered = Entered(HoldingKind.OCCUPIES, uneven, valid_from=DAY)
    with pytest.raises(Conflict, match="sharers_do_not_sum_now"):
        offices.run(
            lambda conn: correct_holding(conn, room, held.holding_id, entered,
                                         seen_version=held.version, grounds=GROUNDS)
        )  # fmt: skip
    assert offices.sitting("0.1.0", DAY) == {"A0": "0.500000", "A1": "0.500000"}


def test_a_post_is_judged_by_its_rank_over_its_share_of_the_room(offices: Offices) -> None:
    chief, below = _post(offices, 0, "bureau_chief"), _post(offices, 0, "bureau_below")
    _seat(offices, "0.1.0", Stated(offices.body(0), chief))
    people = Stated(offices.body(1), heads=1, rank_code="bureau_deputy")
    half = [Stated(offices.body(0), below, share=Decimal("0.6"))]
    _seat(offices, "0.1.1", *half, Stated(people.holder_id, rank_code=people.rank_code,
                                          share=Decimal("0.4")), by=By.SHARE)  # fmt: skip
    found = {one.line.rank: one for one in _judged(offices)}
    told = {rank: (one.line.area_m2, one.compared.actual_m2, one.compared.state)
            for rank, one in found.items()}  # fmt: skip
    assert told == {
        "bureau_chief": (24, 20, State.WITHIN),
        "bureau_below": (9, 12, State.OVER),
        "bureau_deputy": (18, 8, State.WITHIN),
    }
    assert found["bureau_below"].compared.difference_m2 == 3
    assert found["bureau_below"].line.standard is not None
    assert found["bureau_below"].line.standard.clause == "表3"
    assert _judged(offices, DAY - timedelta(days=1)) == []
    listed = offices.run(lambda conn: listed_posts(conn, DAY, state=State.OVER, limit=10))
    assert (listed.total, listed.shown, listed.counts[State.OVER]) == (3, 1, 1)
    assert [one.line.rank for one in listed.items] == ["bureau_below"]


def test_what_cannot_be_told_of_a_post_is_no_verdict(offices: Offices) -> None:
    _seat(offices, "0.1.0", Stated(offices.body(0), heads=2))
    _seat(offices, "0.1.1", Stated(offices.body(0), rank_code="minister"))
    found = _judged(offices)
    assert [(one.compared.state, [lack.value for lack in one.lacks]) for one in found] == [
        (State.UNKNOWN, ["no_rank"]), (State.UNKNOWN, ["other_level"]),
    ]  # fmt: skip


def test_an_account_sees_posts_of_rooms_it_sees(offices: Offices) -> None:
    _seat(offices, "0.1.0", Stated(offices.body(0), _post(offices, 0, "bureau_chief")))
    _seat(offices, "1.1.0", Stated(offices.body(2), heads=1))
    _seat(offices, "2.1.0", Stated(offices.body(2), heads=1))
    seen = [one.seats[0].place_id for one in _judged(offices, who="partial")]
    assert offices.room("1.1.0") in seen
    assert offices.room("2.1.0") not in seen


def test_a_second_office_needs_an_approval_and_is_below_the_standard(offices: Offices) -> None:
    main = _post(offices, 0, "bureau_chief", "甲-01")
    second = _post(offices, 1, "bureau_deputy", "甲-01")
    _seat(offices, "0.1.0", Stated(offices.body(0), main))
    assert [list(row.rooms) for row in offices.run(
        lambda conn: posts_of(conn, offices.body(1), DAY))] == [["100 R010"]]  # fmt: skip
    with pytest.raises(Conflict, match="second_unapproved"):
        _seat(offices, "1.1.0", Stated(offices.body(1), second))
    approved = Stated(offices.body(1), second, approval_document="组〔2026〕3号")
    # 21 m2 where a deputy may have 18.
    with pytest.raises(Conflict, match="second_not_below"):
        _seat(offices, "1.1.0", approved)
    assert offices.sitting("1.1.0", DAY) == {}
    share = [
        Stated(offices.body(1), second, share=Decimal("0.8"), approval_document="组〔2026〕3号"),
        Stated(offices.body(1), share=Decimal("0.2")),
    ]
    _seat(offices, "1.1.0", *share, by=By.SHARE)
    assert [one.faults for one in _judged(offices)] == [(), (), ()]
    with pytest.raises(Conflict, match="more_than_two"):
        _seat(offices, "2.1.0", approved)


def test_two_rooms_of_a_post_in_one_building_are_one_office(offices: Offices) -> None:
    chief = Stated(offices.body(0), _post(offices, 0, "bureau_chief"))
    _seat(offices, "0.1.0", chief)
    _seat(offices, "0.1.1", chief)
    (found,) = _judged(offices)
    assert (found.faults, found.compared.actual_m2, found.compared.state) == ((), 40, State.OVER)
    with pytest.raises(Conflict, match="second_unapproved"):
        _seat(offices, "1.1.0", chief)


def test_an_office_is_due_back_when_its_post_has_ended(offices: Offices) -> None:
    left = date(2026, 12, 31)
    main = _post(offices, 0, "bureau_chief", "乙", left_on=left)
    second = _post(offices, 1, "bureau_chief", "乙", left_on=left)
    _seat(offices, "0.1.0", Stated(offices.body(0), main))
    approved = Stated(offices.body(1), second, approval_document="组〔2026〕4号")
    _seat(offices, "1.1.0", approved)

    def due(day: date) -> list[tuple[tuple[Fault, ...], date | None]]:
        return [(one.faults, one.due_on) for one in _judged(offices, day)]

    assert due(left - timedelta(days=1)) == [((), None), ((), None)]
    on = [date(2027, 1, 31), date(2027, 2, 28)]
    assert due(on[0]) == [((Fault.POST_LEFT,), on[0]), ((Fault.POST_LEFT,), on[1])]
    assert due(on[1]) == [((Fault.OVERDUE,), on[0]), ((Fault.POST_LEFT,), on[1])]
    seen = offices.seen("0.1.0")
    rooms = [offices.room("0.1.0")]
    offices.run(lambda conn: vacate(conn, rooms, since=DAY, seen=seen, grounds=GROUNDS))
    assert due(on[1]) == [((Fault.POST_LEFT,), on[1])]
    assert months_later(date(2027, 11, 30), 3) == date(2028, 2, 29)
    assert months_later(date.max, 2) == date.max


def test_the_office_of_an_ended_post_is_no_second_one_from_that_day_on(offices: Offices) -> None:
    left = date(2026, 5, 1)
    former = _post(offices, 0, "bureau_deputy", "P-1", left_on=left)
    now = _post(offices, 1, "bureau_chief", "P-1")
    _seat(offices, "0.1.0", Stated(offices.body(0), former))
    # On the day the post ends the next one has its room, though the first is not given back yet.
    with pytest.raises(Conflict, match="second_unapproved"):
        _seat(offices, "1.1.0", Stated(offices.body(1), now), since=left - timedelta(days=1))
    _seat(offices, "1.1.0", Stated(offices.body(1), now), since=left)
    found = {one.seats[0].post_id: one.faults for one in _judged(offices, left)}
    assert found == {former: (Fault.POST_LEFT,), now: ()}


def test_of_two_at_once_who_give_one_person_an_office_the_second_is_refused(
    offices: Offices,
) -> None:
    posts = [_post(offices, at, "bureau_chief", "丙") for at in (0, 1)]
    said: list[str] = []

    def give(at: int) -> None:
        try:
            _seat(offices, f"{at}.1.0", Stated(offices.body(at), posts[at]))
            said.append("given")
        except Conflict as error:
            said.append(error.key)

    both = [Thread(target=give, args=(at,)) for at in (0, 1)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(said) == ["given", "space.seats.second_unapproved"]


def test_the_report_lists_posts_that_are_over_and_rules_that_are_broken(offices: Offices) -> None:
    left = date(2026, 3, 15)
    main = _post(offices, 0, "bureau_below", left_on=left)
    _seat(offices, "0.1.0", Stated(offices.body(0), main))
    report = offices.run(lambda conn: build_posts(conn, date(2026, 5, 1)))
    posts, faults = ({**table.rows[0]} for table in report.tables)
    assert (posts["post"], posts["rank"], posts["state"]) == (
        "岗位bureau_below", "局（处）级以下", "over",
    )  # fmt: skip
    assert (posts["entitled"], posts["actual"], posts["difference"]) == (9, 20, 11)
    assert posts["rooms"] == "1号楼 1F 100 R010"
    assert (faults["fault"], faults["left_on"], faults["due_on"], faults["clause"]) == (
        "overdue", left, date(2026, 4, 15), "第十九条",
    )  # fmt: skip


@pytest.mark.parametrize("key", ["320402198001011234", "32040219800101123X", "13912345678"])
def test_a_number_that_tells_who_somebody_is_never_marks_a_person(
    offices: Offices, key: str
) -> None:
    with pytest.raises(IntegrityError, match="person_key"):
        _post(offices, 0, "bureau_chief", key)
