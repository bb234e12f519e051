"""Offices whose posts have ended: whose they are still, and none that keeps others waiting."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from assets.requests.actions.left_offices import ask_left_offices_back
from gis.clock import today
from gis.db import Role, transaction
from tests.assets.requests.conftest import Desk
from tests.assets.requests.test_returns import open_returns

_POST = """
INSERT INTO organization.post
  (organization_id, title, person_key, valid_from, valid_to, rights_cell)
VALUES (:body, '处长', :person, '1980-01-01', CAST(:ended AS date),
  rights.cell_for(:body, NULL, 0::smallint)) RETURNING post_id"""
_SIT = """
WITH whole AS (
  UPDATE estate.holding_party SET share = 1 WHERE holding_id IN (
    SELECT holding_id FROM estate.holding WHERE place_id = :room AND kind = 'occupies'))
INSERT INTO estate.sharer (holding_id, holder_id, post_id, heads, share, approval_document,
  rights_cell)
SELECT h.holding_id, :body, :post, 1, 1, :document, h.rights_cell
FROM estate.holding AS h WHERE h.place_id = :room AND h.kind = 'occupies'"""
LEFT = today() - timedelta(days=70)


@dataclass
class Offices:
    """Posts, who holds them, and which room each has."""

    desk: Desk
    posts: list[int] = field(default_factory=list)

    def post(self, person: str | None, ended: date | None, body: int = 0) -> int:
        values = {"body": self.desk.body(body), "person": person, "ended": ended}
        made: int = self.desk.owner(_POST, **values).scalar_one()
        self.posts.append(made)
        return made

    def sit(self, room: str, post: int, document: str | None = None) -> None:
        """In a room that agency 0 has for this post alone."""
        self.desk.seat(0, room)
        asked = {"room": self.desk.room(room), "body": self.desk.body(0), "post": post}
        self.desk.owner(_SIT, **asked, document=document)

    def night(self, page: int = 5000) -> dict[int, date]:
        """What is asked back, since when."""
        with transaction(self.desk.city.database.engine(Role.LOADER), None) as conn:
            ask_left_offices_back(conn, today=today(), page=page)
        return {one["place_id"]: one["began_on"] for one in open_returns(self.desk)}


@pytest.fixture
def offices(desk: Desk) -> Iterator[Offices]:
    made = Offices(desk)
    yield made
    desk.owner("DELETE FROM estate.sharer WHERE post_id = ANY (:posts)", posts=made.posts)
    desk.owner("DELETE FROM organization.post WHERE post_id = ANY (:posts)", posts=made.posts)


def test_who_is_promoted_keeps_the_office_until_the_new_post_ends_too(offices: Offices) -> None:
    offices.sit("0.2.0", offices.post("甲1", LEFT))
    new = offices.post("甲1", None)
    assert offices.night() == {}
    ended = today() - timedelta(days=5)
    offices.desk.owner(
        "UPDATE organization.post SET valid_to = :ended WHERE post_id = :post",
        ended=ended, post=new,
    )  # fmt: skip
    assert offices.night() == {offices.desk.room("0.2.0"): ended}


def _has_another(offices: Offices) -> None:
    offices.sit("0.2.1", offices.post("甲1", None))


def _went_elsewhere(offices: Offices) -> None:
    offices.post("甲1", None, body=1)


def _somebody_else(offices: Offices) -> None:
    offices.post("乙2", None)


@pytest.mark.parametrize("then", [_has_another, _went_elsewhere, _somebody_else])
def test_an_office_is_asked_back_from_who_has_no_more_need_of_it(
    offices: Offices, then: Callable[[Offices], None]
) -> None:
    offices.sit("0.2.0", offices.post("甲1", LEFT))
    then(offices)
    assert offices.night() == {offices.desk.room("0.2.0"): LEFT}


def test_a_second_office_goes_with_its_post_whatever_other_its_holder_has(
    offices: Offices,
) -> None:
    offices.sit("0.2.0", offices.post("甲1", LEFT), "批〔2025〕1号")
    offices.post("甲1", None)
    assert offices.night() == {offices.desk.room("0.2.0"): LEFT}


def test_offices_without_a_term_keep_none_behind_them_waiting(offices: Offices) -> None:
    # Before the day of the rule nothing says until when.
    for room, ended in (("0.1.1", date(1990, 1, 1)), ("0.2.0", date(1990, 1, 1)), ("0.2.1", LEFT)):
        offices.sit(room, offices.post(None, ended))
    assert offices.night(page=1) == {offices.desk.room("0.2.1"): LEFT}
