"""What approval gives and asks back, what taking it back undoes, and when a room is returned."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from assets.estate.actions.editing import take_edit_back
from assets.registry import WORKFLOWS, follow_taken_back
from assets.requests.actions.left_offices import ask_left_offices_back
from assets.requests.actions.returning import ask_back
from assets.requests.actions.stock import answer
from assets.requests.model import Item, OldRooms, Part, ReturnKind
from assets.requests.queries import list_returns, places_of
from assets.requests.returns import RETURNS
from assets.requests.rules import refuse_too_many
from assets.requests.workflows import REQUESTS
from assets.services.steps import steps_taken
from assets.services.todo import todo
from assets.space.offices import months_later
from gis.clock import today
from gis.db import Role, transaction
from gis.errors import Conflict, Forbidden, InputError
from tests.assets.requests.conftest import Desk
from tests.assets.requests.test_order import looked_through, refused, reply

_HELD = """
SELECT p.code FROM estate.holding AS h JOIN place.place AS p USING (place_id)
JOIN estate.holding_party AS y USING (holding_id)
WHERE p.kind = 'room' AND h.kind = 'occupies' AND y.holder_id = :body
  AND (h.valid_to IS NULL OR h.valid_to > :day)
ORDER BY p.code"""
_EDIT = """
SELECT e.edit_id FROM place.edit AS e WHERE e.place_id = :room ORDER BY e.edit_id DESC LIMIT 1"""


def has(desk: Desk, body: int = 0) -> list[str]:
    return list(desk.owner(_HELD, body=desk.body(body), day=today()).scalars())


def open_returns(desk: Desk) -> Sequence[Mapping[str, Any]]:
    return desk.run(lambda conn: list_returns(conn, today(), limit=50)).rows  # type: ignore[no-any-return]


def approved(desk: Desk, codes: Sequence[str] = ("R020", "R021"), **more: Any) -> int:
    """A transfer that gave rooms to agency 0, which has R010."""
    case_id = desk.ask(Item.TRANSFER, **more)
    desk.step("clerk", "submit", case_id)
    rooms = looked_through(desk, case_id)
    reply(desk, case_id, [rooms[code] for code in codes])
    desk.step("officer", "check", case_id)
    desk.step("officer", "review", case_id)
    desk.step("approver", "approve", case_id)
    return case_id


def asked_back(desk: Desk, *rooms: str, began_on: date, kind: ReturnKind = ReturnKind.LEFT) -> int:
    made = desk.run(
        lambda conn: ask_back(
            conn, [desk.room(one) for one in rooms], organization_id=desk.body(0), kind=kind,
            began_on=began_on, due_on=None, reason="调离", document=None, today=today(),
        )
    )  # fmt: skip
    return made[0]  # type: ignore[no-any-return]


def undo(desk: Desk, room: str, who: str = "approver") -> None:
    edit = desk.owner(_EDIT, room=desk.room(room)).scalar_one()

    def act(conn: Any) -> None:
        take_edit_back(conn, desk.room(room), edit)
        follow_taken_back(conn, edit)

    desk.run(act, who)


def test_who_moves_gives_its_old_rooms_back_within_a_month(desk: Desk) -> None:
    case_id = approved(desk, old_rooms=OldRooms.ALL)
    (one,) = open_returns(desk)
    assert (one["place_id"], one["kind"], one["request_id"]) == (
        desk.room("0.1.0"), "moved", case_id,
    )  # fmt: skip
    assert (one["began_on"], one["due_on"]) == (today(), months_later(today(), 1))
    # Until then it is still theirs, and what is to be done.
    assert has(desk) == ["R010", "R020", "R021"]
    waiting = desk.run(lambda conn: todo(conn, WORKFLOWS, today=today() + timedelta(days=40)))
    (task,) = [one for one in waiting.tasks if one.workflow == "room_returns"]
    assert (task.case_id, task.is_overdue) == (one["room_return_id"], True)


def test_what_is_kept_or_asked_back_already_is_not_asked_for_again(desk: Desk) -> None:
    desk.seat(0, "0.1.1")
    earlier = asked_back(desk, "0.1.1", began_on=today())
    refused(
        lambda: desk.ask(Item.TRANSFER, old_rooms=OldRooms.SOME),
        InputError, "requests.no_left_rooms",
    )  # fmt: skip
    refused(
        lambda: desk.ask(
            Item.TRANSFER, old_rooms=OldRooms.SOME, left_rooms=(desk.room("0.2.0"),)
        ),
        InputError, "requests.not_their_room",
    )  # fmt: skip
    both = (desk.room("0.1.0"), desk.room("0.1.1"))
    case_id = approved(desk, old_rooms=OldRooms.SOME, left_rooms=both)
    left = desk.run(lambda conn: places_of(conn, case_id, Part.LEFT))
    assert [one["code"] for one in left] == ["R010", "R011"]
    found = {one["place_id"]: one["room_return_id"] for one in open_returns(desk)}
    assert found.keys() == set(both)
    assert found[desk.room("0.1.1")] == earlier


def test_who_asks_for_more_keeps_what_it_has(desk: Desk) -> None:
    approved(desk, old_rooms=OldRooms.KEPT)
    assert not open_returns(desk)


def test_a_body_that_got_rooms_elsewhere_gives_back_as_it_is_finished(desk: Desk) -> None:
    case_id = desk.ask(Item.CONSTRUCT, classified_document="密〔2026〕1号", old_rooms=OldRooms.ALL)
    desk.step("clerk", "submit", case_id)
    for who, name in (("officer", "check"), ("officer", "review"), ("approver", "approve")):
        desk.step(who, name, case_id)
    assert not open_returns(desk)
    # What it got since it asked is new.
    desk.owner("UPDATE requests.request SET made_at = made_at - interval '9 days'")
    desk.seat(0, "0.1.1", since=today() - timedelta(days=5))
    desk.step("officer", "finish", case_id)
    assert [one["place_id"] for one in open_returns(desk)] == [desk.room("0.1.0")]


def test_rooms_that_are_taken_back_leave_the_request_to_be_decided_again(desk: Desk) -> None:
    case_id = approved(desk, old_rooms=OldRooms.ALL)
    undo(desk, "0.2.1")
    found = desk.found(case_id)
    assert (found["state"], found["given_edit_ids"]) == ("reviewed", None)
    assert has(desk) == ["R010"]
    assert not open_returns(desk)
    steps = desk.run(lambda conn: steps_taken(conn, REQUESTS, case_id))
    assert steps[0]["step"] == "revoke"
    # It is decided again, and taken back from its own page this time.
    desk.step("approver", "approve", case_id)
    assert has(desk) == ["R010", "R020", "R021"]
    refused(
        lambda: desk.step("officer", "revoke", case_id, remark="有误"),
        Forbidden, "requests.not_yours.giver",
    )  # fmt: skip
    refused(
        lambda: desk.step("approver2", "revoke", case_id, remark="有误"),
        Forbidden, "place.edit.of_another",
    )  # fmt: skip
    desk.step("approver", "revoke", case_id, remark="选错楼层")
    assert (has(desk), desk.found(case_id)["state"]) == (["R010"], "reviewed")


def test_what_a_finished_request_gave_is_not_undone_behind_its_back(desk: Desk) -> None:
    case_id = approved(desk)
    desk.step("officer", "finish", case_id)
    refused(lambda: undo(desk, "0.2.0"), Conflict, "requests.finished")
    assert has(desk) == ["R010", "R020", "R021"]


def test_a_room_is_given_back_on_the_day_that_is_said(desk: Desk) -> None:
    left = today() - timedelta(days=20)
    case_id = asked_back(desk, "0.1.0", began_on=left)
    for day, key in (
        (today() + timedelta(days=1), "requests.returned_later"),
        (left - timedelta(days=1), "requests.returned_before"),
    ):
        refused(lambda day=day: desk.give_back("clerk", case_id, day), InputError, key)  # type: ignore[misc]
    desk.give_back("clerk", case_id, left + timedelta(days=5))
    assert has(desk) == []
    (row,) = desk.run(lambda conn: list_returns(conn, today(), is_all=True, limit=9)).rows
    assert (row["state"], row["returned_on"]) == ("returned", left + timedelta(days=5))
    # Taken back, the room is theirs and waited for again.
    undo(desk, "0.1.0", "clerk")
    assert has(desk) == ["R010"]
    assert [one["returned_on"] for one in open_returns(desk)] == [None]


def test_a_room_that_was_left_before_counts_from_that_day(desk: Desk) -> None:
    began, left = today() - timedelta(days=20), today() - timedelta(days=10)
    case_id = asked_back(desk, "0.1.0", began_on=began)
    desk.empty("0.1.0", since=left)
    refused(
        lambda: desk.give_back("clerk", case_id, left - timedelta(days=1)),
        InputError, "requests.still_there",
    )  # fmt: skip
    desk.give_back("clerk", case_id)
    (row,) = desk.run(lambda conn: list_returns(conn, today(), is_all=True, limit=9)).rows
    assert row["returned_on"] == left


@pytest.mark.parametrize("others", [False, True])
def test_a_part_of_a_room_is_a_use_of_it(desk: Desk, others: bool) -> None:
    desk.owner(
        "UPDATE estate.holding SET extent = 'part' WHERE place_id = :room", room=desk.room("0.1.0")
    )
    desk.owner("DELETE FROM estate.holding_leaf WHERE place_id = :room", room=desk.room("0.1.0"))
    if others:
        desk.owner(
            "WITH made AS (INSERT INTO estate.holding (place_id, kind, extent, valid_from, source,"
            " rights_cell) SELECT place_id, kind, extent, valid_from, source, rights_cell"
            " FROM estate.holding WHERE place_id = :room RETURNING holding_id, rights_cell)"
            " INSERT INTO estate.holding_party (holding_id, holder_id, rights_cell)"
            " SELECT holding_id, :body, rights_cell FROM made",
            room=desk.room("0.1.0"), body=desk.body(1),
        )  # fmt: skip
    case_id = asked_back(desk, "0.1.0", began_on=today())
    if others:
        refused(lambda: desk.give_back("officer", case_id), Conflict, "requests.shared_room")
        assert has(desk) == ["R010"]
    else:
        desk.give_back("officer", case_id)
        assert has(desk) == []


def test_an_office_of_which_nobody_said_who_has_it_is_refused_in_these_words(desk: Desk) -> None:
    desk.owner(
        "UPDATE place.place SET use_status = NULL WHERE place_id = :room", room=desk.room("0.2.1")
    )
    try:
        case_id = desk.ask(
            Item.LEADER_OFFICE, subject_id=desk.room("0.2.1"), rank_code="section_chief"
        )
        desk.step("clerk", "submit", case_id)
        desk.step("officer", "check", case_id)
        desk.step("officer", "review", case_id)
        refused(
            lambda: desk.step("approver", "approve", case_id, remark="过渡"),
            Conflict, "requests.use_unknown",
        )  # fmt: skip
        desk.seat(1, "0.2.1")
        refused(
            lambda: desk.step("approver", "approve", case_id, remark="过渡"),
            Conflict, "requests.taken_meanwhile",
        )  # fmt: skip
    finally:
        desk.owner(
            "UPDATE place.place SET use_status = 'idle' WHERE place_id = :room",
            room=desk.room("0.2.1"),
        )


def test_more_rooms_than_one_step_gives_are_refused_while_they_are_chosen(desk: Desk) -> None:
    refuse_too_many(200)
    refused(lambda: refuse_too_many(201), Conflict, "requests.too_many_taken")
    case_id = desk.ask(Item.TRANSFER)
    desk.step("clerk", "submit", case_id)
    (first, *_) = looked_through(desk, case_id).values()
    desk.owner(
        "INSERT INTO requests.request_place (request_id, part, place_title, answer, rights_cell)"
        " SELECT request_id, part, place_title, 'taken', rights_cell FROM requests.request_place,"
        " generate_series(1, 200) WHERE request_place_id = :first",
        first=first,
    )
    refused(
        lambda: desk.run(
            lambda conn: answer(
                conn, case_id, [first], is_taken=True, reason=None, today=today()
            )
        ),
        Conflict, "requests.too_many_taken",
    )  # fmt: skip


def test_offices_whose_posts_have_ended_are_asked_back_by_themselves(desk: Desk) -> None:
    ended = today() - timedelta(days=70)
    posts = [
        desk.owner(
            "INSERT INTO organization.post (organization_id, title, valid_from, valid_to,"
            " rights_cell) VALUES (:body, :title, '2020-01-01', CAST(:ended AS date),"
            " rights.cell_for(:body, NULL, 0::smallint)) RETURNING post_id",
            body=desk.body(0), title=title, ended=day,
        ).scalar_one()
        for title, day in (("局长", ended), ("兼职秘书长", ended), ("副局长", None))
    ]  # fmt: skip
    first, second, still = posts
    rooms = {
        "0.1.0": [(first, None)], "0.2.0": [(second, "批〔2025〕1号")],
        "0.2.1": [(first, None), (still, None)],
    }  # fmt: skip
    desk.seat(0, "0.2.0", "0.2.1")
    for room, people in rooms.items():
        desk.owner(
            "WITH whole AS (UPDATE estate.holding_party SET share = 1 WHERE holding_id IN"
            " (SELECT holding_id FROM estate.holding"
            " WHERE place_id = :room AND kind = 'occupies'))"
            " INSERT INTO estate.sharer (holding_id, holder_id, post_id, heads, share,"
            " approval_document, rights_cell) SELECT h.holding_id, :body, one.post, 1,"
            " 1.0 / :people, one.document, h.rights_cell FROM estate.holding AS h,"
            " unnest(CAST(:posts AS bigint[]), CAST(:documents AS text[])) AS one (post, document)"
            " WHERE h.place_id = :room AND h.kind = 'occupies'",
            room=desk.room(room), body=desk.body(0), people=len(people),
            posts=[post for post, _ in people], documents=[document for _, document in people],
        )  # fmt: skip

    def night() -> int:
        with transaction(desk.city.database.engine(Role.LOADER), None) as conn:
            return ask_left_offices_back(conn, today=today())

    try:
        assert (night(), night()) == (2, 0)
        found = {one["place_id"]: one for one in open_returns(desk)}
        main, other = found[desk.room("0.1.0")], found[desk.room("0.2.0")]
        assert (main["kind"], main["due_on"]) == ("left", months_later(ended, 1))
        assert (other["kind"], other["due_on"]) == ("second_post", months_later(ended, 2))
        assert (main["began_on"], "第十九条" in main["reason"]) == (ended, True)
        # Who decides that it is kept is not asked again the next night.
        desk.step("officer", "drop", main["room_return_id"], RETURNS, remark="留作退休交接")
        assert night() == 0
    finally:
        desk.owner("DELETE FROM estate.sharer WHERE post_id = ANY (:posts)", posts=posts)
        desk.owner("DELETE FROM organization.post WHERE post_id = ANY (:posts)", posts=posts)
