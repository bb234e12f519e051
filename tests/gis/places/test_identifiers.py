"""A number means one place at a time: now, before, and in whatever order it is written."""

from datetime import date

import pytest
from makers import make_place
from sqlalchemy import Connection, insert, text

from gis.db import Database, Role, transaction
from gis.errors import Conflict
from gis.i18n import explain
from gis.places.model import identifier
from tests.conftest import Operator

Period = tuple[date | None, date | None]


def _give(
    conn: Connection,
    place_id: int,
    value: str,
    since: date | None = None,
    until: date | None = None,
    scheme: str = "asset_card",
) -> None:
    cell = conn.execute(
        text("SELECT rights_cell FROM place.place WHERE place_id = :id"), {"id": place_id}
    ).scalar_one()
    conn.execute(
        insert(identifier).values(
            place_id=place_id,
            scheme=scheme,
            value=value,
            valid_from=since,
            valid_to=until,
            rights_cell=cell,
        )
    )


def test_a_number_may_be_used_again_from_the_day_it_was_given_up(
    own_database: Database, operator: Operator
) -> None:
    with transaction(own_database.engine(Role.OWNER), operator.token) as conn:
        first, second = make_place(conn, "A"), make_place(conn, "B")
        _give(conn, first, "K-1", until=date(2024, 1, 1))
        _give(conn, second, "K-1", since=date(2024, 1, 1))
        _give(conn, first, "K-1", scheme="real_estate_unit")
        _give(conn, first, "K-2")
    with own_database.engine(Role.OWNER).connect() as conn:
        holders = "SELECT place_id FROM place.identifier WHERE value = 'K-1' ORDER BY valid_from"
        assert conn.execute(text(holders)).scalars().all() == [second, first, first]


def _give_both(database: Database, operator: Operator, *periods: Period) -> None:
    with transaction(database.engine(Role.OWNER), operator.token) as conn:
        for name, period in zip("AB", periods, strict=True):
            _give(conn, make_place(conn, name), "K-1", *period)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((None, None), (None, None)),
        ((None, None), (date(2020, 1, 1), date(2021, 1, 1))),
        ((date(2020, 1, 1), date(2021, 1, 1)), (None, None)),
        ((None, date(2024, 1, 1)), (date(2023, 12, 31), None)),
        ((date(2020, 1, 1), date(2022, 1, 1)), (date(2021, 1, 1), date(2023, 1, 1))),
    ],
)
def test_two_places_never_have_one_number_on_one_day(
    own_database: Database,
    operator: Operator,
    first: Period,
    second: Period,
) -> None:
    with pytest.raises(Conflict) as refused:
        _give_both(own_database, operator, first, second)
    assert refused.value.key == "place.identifier_taken"
    assert "已属于其他处所" in explain("zh", refused.value)
    assert "already belongs to another place" in explain("en", refused.value)
    with own_database.engine(Role.OWNER).connect() as conn:
        assert conn.execute(text("SELECT count(*) FROM place.place")).scalar() == 0
