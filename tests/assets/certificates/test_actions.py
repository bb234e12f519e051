"""Issuing, changing, cancelling and taking back: dated, numbered, refused where it cannot be."""

from datetime import date
from typing import Any

import pytest

from assets.certificates.actions import cancel, change, take_back
from assets.certificates.comparing import Difference, differences
from assets.certificates.queries import Certificate, find, register, rooms_of_body
from assets.certificates.rules import State
from gis.db import Role, transaction
from gis.errors import Conflict, Forbidden, InputError, NotFound
from gis.places.actions import make_stubs
from tests.assets.certificates.conftest import SINCE, TODAY, Office

LATER = date(2026, 5, 1)


def _one(office: Office, certificate_id: int, **more: Any) -> Certificate:
    found: Certificate = office.run(lambda conn: find(conn, certificate_id, TODAY, **more))
    return found


def _change(office: Office, certificate_id: int, *names: str, **more: Any) -> None:
    version = _one(office, certificate_id).head["version"]
    asked = {"since": LATER, "valid_to": None, "reason": "调整", "document": None, **more}
    office.run(
        lambda conn: change(
            conn, certificate_id, office.rooms(*names), seen_version=version, **asked
        )
    )


def _cancel(office: Office, certificate_id: int, **more: Any) -> None:
    version = _one(office, certificate_id).head["version"]
    asked = {"since": LATER, "reason": "腾退", "document": None, "although_used": True, **more}
    office.run(lambda conn: cancel(conn, certificate_id, seen_version=version, **asked))


def _take_back(office: Office, certificate_id: int, who: str = "everything") -> None:
    version = _one(office, certificate_id).head["version"]
    office.run(lambda conn: take_back(conn, certificate_id, seen_version=version), who)


def test_a_certificate_freezes_what_is_certified(office: Office) -> None:
    made = _one(office, office.issue("0.1.0", "0.2.1"))
    assert made.head["number"] == "示机用证〔2026〕1号"
    assert (made.state, made.is_whole, made.head["property_code"]) == (State.IN_FORCE, True, "S0")
    assert (made.edition["holder_name"], made.edition["address"]) == ("示例0局", "示例路0号")
    rooms = [(r["code"], r["building"], r["floor"], r["area_m2"], r["share"]) for r in made.rooms]
    # Of the shared one nobody said how much is whose.
    assert rooms == [("R010", "1号楼", "1F", 20, 1), ("R021", "1号楼", "2F", 20, None)]
    assert made.area_m2 == 20
    assert office.run(lambda conn: register(conn, TODAY, limit=9)).total == 1


def test_a_room_has_one_certificate_and_each_sharer_of_a_room_one(office: Office) -> None:
    first = office.issue("0.1.0", "0.2.1")
    with pytest.raises(InputError) as refused:
        office.issue("0.1.0", "0.1.1")
    assert refused.value.key == "certificates.certified_already"
    assert refused.value.params["numbers"] == "示机用证〔2026〕1号"
    assert office.issue("0.2.1", body=1) != first
    had = office.run(lambda conn: rooms_of_body(conn, office.body(0), TODAY))
    assert [(r["code"], r["certificate_id"]) for r in had] == [
        ("R010", first), ("R011", None), ("R020", None), ("R021", first),
    ]  # fmt: skip
    # Somebody else, to whom the room was given since, gets none while the old one holds.
    office.end("0.1.0", LATER)
    office.hold("0.1.0", 1, valid_from=LATER)
    with pytest.raises(InputError):
        office.issue("0.1.0", body=1, valid_from=LATER)
    _cancel(office, first)
    office.issue("0.1.0", body=1, valid_from=LATER)


@pytest.mark.parametrize(
    ("names", "more", "key"),
    [
        ([], {}, "certificates.no_rooms"),
        (["1.1.0"], {}, "certificates.not_had"),
        (["0.1.0"], {"issuer": " "}, "certificates.no_issuer"),
        (["0.1.0"], {"called": ""}, "certificates.no_called"),
        (["0.1.0"], {"word": ""}, "certificates.no_word"),
        (["0.1.0"], {"valid_to": SINCE}, "certificates.ends_before"),
        (["0.1.0"], {"issued_on": date(2026, 6, 2)}, "certificates.issued_later"),
        (["0.1.0"], {"agreement_number": "字" * 301}, "certificates.too_long"),
    ],
)
def test_what_cannot_be_certified_is_refused_and_takes_no_number(
    office: Office, names: list[str], more: dict[str, Any], key: str
) -> None:
    with pytest.raises(InputError) as refused:
        office.issue(*names, **more)
    assert refused.value.key == key
    number = _one(office, office.issue("0.1.0")).head["number"]
    assert number == "示机用证〔2026〕1号"


def test_an_office_certifies_and_whoever_writes_for_one_body_does_not(office: Office) -> None:
    for who in ("agency", "viewer"):
        with pytest.raises(Forbidden):
            office.issue("0.1.0", who=who)
    made = office.issue("0.1.0", who="district")
    for who in ("agency", "viewer"):
        with pytest.raises(Forbidden):
            _take_back(office, made, who)
    with pytest.raises(Forbidden) as refused:
        _take_back(office, made)
    assert refused.value.key == "certificates.done_by_another"
    _take_back(office, made, "district")


def test_a_change_makes_an_edition_and_keeps_the_one_before(office: Office) -> None:
    made = office.issue("0.1.0", "0.1.1")
    _change(office, made, "0.1.0", "0.2.0")
    now, before = _one(office, made), _one(office, made, edition=1)
    assert [r["code"] for r in now.rooms] == ["R010", "R020"]
    assert [(r["code"], r["valid_to"]) for r in before.rooms] == [("R010", LATER), ("R011", LATER)]
    assert (now.edition["reason"], now.is_whole, before.is_whole) == ("调整", True, True)
    for wrong in ({"since": LATER}, {"reason": " "}, {"valid_to": LATER}):
        with pytest.raises(InputError):
            _change(office, made, "0.1.0", **wrong)
    with pytest.raises(Conflict):
        office.run(
            lambda conn: cancel(
                conn,
                made,
                since=LATER,
                reason="腾退",
                document=None,
                although_used=True,
                seen_version=1,
            )
        )
    _take_back(office, made)
    back = _one(office, made)
    assert (back.head["edition"], [r["valid_to"] for r in back.rooms]) == (1, [None, None])
    with pytest.raises(NotFound):
        _one(office, made, edition=2)


def test_one_in_use_is_cancelled_only_by_saying_so(office: Office) -> None:
    made = office.issue("0.1.0", "0.1.1")
    office.end("0.1.1", LATER)
    with pytest.raises(InputError) as refused:
        _cancel(office, made, although_used=False)
    assert (refused.value.key, refused.value.params["rooms"]) == (
        "certificates.in_use", "1号楼 100",
    )  # fmt: skip
    office.end("0.1.0", LATER)
    _cancel(office, made, although_used=False)
    assert _one(office, made).state is State.CANCELLED
    with pytest.raises(Conflict):
        _change(office, made, "0.1.0")
    _take_back(office, made)
    assert _one(office, made).state is State.IN_FORCE


def test_one_taken_back_holds_no_room_and_keeps_its_number(office: Office) -> None:
    made = office.issue("0.1.0")
    _take_back(office, made)
    assert _one(office, made).state is State.WITHDRAWN
    with pytest.raises(Conflict):
        _take_back(office, made)
    again = _one(office, office.issue("0.1.0"))
    assert again.head["number"] == "示机用证〔2026〕2号"


def test_a_cancellation_is_not_taken_back_over_a_later_certificate(office: Office) -> None:
    made = office.issue("0.1.0")
    _cancel(office, made)
    office.issue("0.1.0", valid_from=LATER)
    with pytest.raises(Conflict) as refused:
        _take_back(office, made)
    assert refused.value.key == "certificates.already_certified"


def test_who_moved_shows_as_a_certificate_that_no_longer_matches(office: Office) -> None:
    made = office.issue("0.1.0", "0.1.1", "0.2.0", "0.2.1")
    assert office.run(lambda conn: differences(conn, TODAY)) == []
    office.end("0.1.0", LATER)
    office.hold("0.1.0", 1, valid_from=LATER)
    found = office.run(lambda conn: differences(conn, TODAY))
    assert [(one.certificate_id, one.code, one.difference) for one in found] == [
        (made, "R010", Difference.GONE)
    ]
    # Before the move it matched.
    assert office.run(lambda conn: differences(conn, date(2026, 4, 1), [made])) == []
    _change(office, made, "0.1.1", "0.2.0")
    added = office.run(lambda conn: differences(conn, TODAY, [made]))
    assert [(one.code, one.difference) for one in added] == [("R021", Difference.ADDED)]


def test_one_with_a_room_that_became_a_secret_is_cancelled_and_changed_still(
    office: Office,
) -> None:
    for name in ("2.1.0", "2.1.1", "2.2.0"):
        office.hold(name, 2)
    made = office.issue("2.1.0", "2.1.1", body=2)
    with transaction(office.city.database.engine(Role.LOADER), office.city.everything) as conn:
        make_stubs(conn, office.rooms("2.1.1"), "示例决定")
    left = _one(office, made)
    assert ([r["code"] for r in left.rooms], left.is_whole) == (["R210"], False)
    listed = office.run(lambda conn: register(conn, TODAY, limit=9))
    assert listed.partly == {made}
    _change(office, made, "2.1.0", "2.2.0")
    assert _one(office, made).is_whole
    assert office.run(lambda conn: register(conn, TODAY, limit=9)).partly == frozenset()
    _take_back(office, made)
    _cancel(office, made)
    assert _one(office, made).state is State.CANCELLED


def test_over_a_room_that_is_hidden_nobody_cancels(office: Office) -> None:
    made = office.issue("0.1.0", "0.1.1")
    office.classify("room 0.1.1", 2)
    try:
        version = _one(office, made).head["version"]
        asked = {"since": LATER, "reason": "腾退", "document": None, "although_used": True}
        with pytest.raises(Forbidden, match=r"certificates\.not_all_seen"):
            office.run(lambda conn: cancel(conn, made, seen_version=version, **asked), "district")
        seen = office.run(lambda conn: register(conn, TODAY, limit=9), "district")
        assert (seen.rows[0]["rooms"], seen.partly) == (1, {made})
        assert office.run(lambda conn: register(conn, TODAY, limit=9)).partly == frozenset()
    finally:
        office.classify("room 0.1.1", 0)


def test_a_room_had_by_a_hidden_floor_is_not_called_gone(office: Office) -> None:
    office.hold_floor("1.1", 1)
    made = office.issue("1.1.0", "1.1.1", body=1)
    try:
        office.classify("floor 1.1", 2)
        for who in ("everything", "viewer"):
            assert office.run(lambda conn: differences(conn, TODAY, [made]), who) == []
    finally:
        office.classify("floor 1.1", 0)
