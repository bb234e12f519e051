"""Which source of an area counts: by dated rules, on the day and for the report asked for."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from makers import make_place
from sqlalchemy import Connection, insert, text

from assets.estate.queries import place_facts
from gis.clock import today
from gis.db import Database, Role, run_script, transaction
from gis.errors import Forbidden, InputError
from gis.places.actions import refresh_derived, touch
from gis.places.counted import (
    counted_areas,
    own_areas,
    set_area_precedence,
    settle_counted,
)
from gis.places.model import area_measure
from gis.places.queries import place_card
from gis.places.vocabulary import AreaKind, AreaSource
from gis.rights import actions as rights_actions
from gis.uncounted import Uncounted, not_located
from tests.conftest import Operator

LONG_AGO, THEN = date(2010, 1, 1), date(2024, 6, 1)
FIGURES = {"certificate": 1000, "survey": 990, "declared": 1100}
SURVEY_FIRST = (AreaSource.SURVEY, AreaSource.CERTIFICATE, AreaSource.DECLARED)


@pytest.fixture
def site(own_database: Database, operator: Operator) -> int:
    """A site with a figure of three sources, and a building in it with one of its own."""
    with transaction(own_database.engine(Role.OWNER), operator.token) as conn:
        site = make_place(conn, "S")
        part = make_place(conn, "B", "building", parent=(site, "site"), areas={"gross": 400})
        for source, area_m2 in FIGURES.items():
            conn.execute(
                insert(area_measure).values(
                    place_id=site,
                    area_kind="gross",
                    area_m2=area_m2,
                    source=source,
                    measured_on=LONG_AGO,
                    rights_cell=1,
                )
            )
        touch(conn, [part])
        refresh_derived(conn)
    return site


def _set(
    database: Database,
    operator: Operator,
    *sources: AreaSource,
    report: str = "*",
    since: date = THEN,
) -> None:
    with transaction(database.engine(Role.LOADER), operator.token) as conn:
        set_area_precedence(conn, sources, report=report, since=since, rule_source="示例文件第1条")


def _counts(
    database: Database, operator: Operator, site: int, as_of: date, report: str = "*"
) -> tuple[str, Decimal]:
    """Source and net of the site's floor area, as the asking account is answered."""
    with transaction(database.engine(Role.WEB), operator.token) as conn:
        counted = counted_areas(conn, as_of, report)
        row = conn.execute(
            text(f"SELECT source, net_area_m2 FROM {counted} WHERE place_id = :id"), {"id": site}
        ).one()
        return row[0], row[1]


def _own(
    database: Database, operator: Operator, site: int, as_of: date, report: str = "*"
) -> Decimal | None:
    """The site's own floor area, whatever stands in it."""
    with transaction(database.engine(Role.WEB), operator.token) as conn:
        areas = own_areas(conn, as_of, AreaKind.GROSS, "SELECT CAST(:site AS bigint)", report)
        values = {"as_of": as_of, "report": report, "site": site}
        query = f"SELECT area_m2 FROM {areas} AS a WHERE place_id = :site"
        found: Decimal | None = conn.execute(text(query), values).scalar_one_or_none()
        return found


def _on_card(database: Database, operator: Operator, site: int, as_of: date) -> list[str]:
    with transaction(database.engine(Role.WEB), operator.token) as conn:
        return [one["source"] for one in place_card(conn, site, as_of).areas if one["counts"]]


def _told(database: Database, operator: Operator, site: int, as_of: date) -> list[float]:
    """The floor area the card tells, and how much of it is in no part."""
    with transaction(database.engine(Role.WEB), operator.token) as conn:
        facts = {one.title_key: float(one.value) for one in place_facts(conn, site, as_of).facts}
    return [facts["estate.fact.gross_area"], facts["estate.fact.unallocated_area"]]


def test_an_order_counts_from_its_day_and_days_before_keep_the_old(
    own_database: Database, operator: Operator, site: int
) -> None:
    assert _counts(own_database, operator, site, today()) == ("certificate", 600)
    _set(own_database, operator, *SURVEY_FIRST)
    before = THEN - timedelta(days=1)
    for as_of, source, net in ((before, "certificate", 600), (THEN, "survey", 590)):
        assert _counts(own_database, operator, site, as_of) == (source, net)
        assert _own(own_database, operator, site, as_of) == FIGURES[source]
        assert _on_card(own_database, operator, site, as_of) == [source]
        assert _told(own_database, operator, site, as_of) == [FIGURES[source], net]
    assert _counts(own_database, operator, site, today()) == ("survey", 590)
    with own_database.engine(Role.OWNER).connect() as conn:
        kept = "SELECT source FROM place.counted_area WHERE place_id = :id"
        assert conn.execute(text(kept), {"id": site}).scalars().all() == ["survey"]


def test_a_report_with_an_order_of_its_own_counts_by_it_and_nothing_else_does(
    own_database: Database, operator: Operator, site: int
) -> None:
    _set(own_database, operator, AreaSource.DECLARED, report="survey")
    before = THEN - timedelta(days=1)
    for as_of, report, source in (
        (today(), "survey", "declared"),
        (before, "survey", "certificate"),
        (today(), "areas", "certificate"),
        (today(), "*", "certificate"),
    ):
        assert _counts(own_database, operator, site, as_of, report)[0] == source
        assert _own(own_database, operator, site, as_of, report) == FIGURES[source]
    _set(own_database, operator, report="survey", since=today())
    assert _counts(own_database, operator, site, today(), "survey")[0] == "certificate"
    assert _counts(own_database, operator, site, THEN, "survey")[0] == "declared"


def test_a_source_that_an_order_leaves_out_counts_nowhere(
    own_database: Database, operator: Operator, site: int
) -> None:
    _set(own_database, operator, AreaSource.POLYGON, AreaSource.DRAWING)
    with transaction(own_database.engine(Role.WEB), operator.token) as conn:
        assert conn.execute(text("SELECT count(*) FROM place.counted_area")).scalar() == 0
    assert _on_card(own_database, operator, site, today()) == []
    assert _on_card(own_database, operator, site, date(2020, 1, 1)) == ["certificate"]


def test_an_order_of_a_later_day_waits_for_it_and_is_noticed_when_it_comes(
    own_database: Database, operator: Operator, site: int
) -> None:
    tomorrow = today() + timedelta(days=1)
    _set(own_database, operator, *SURVEY_FIRST, since=tomorrow)
    assert _counts(own_database, operator, site, today())[0] == "certificate"
    assert _counts(own_database, operator, site, tomorrow)[0] == "survey"
    # The day comes without anybody doing anything: readers are right before areas are kept anew.
    with transaction(own_database.engine(Role.OWNER), operator.token) as conn:
        run_script(conn, "UPDATE place.area_precedence SET valid_to = valid_to - 1"
                         " WHERE valid_to IS NOT NULL")  # fmt: skip
        run_script(conn, "UPDATE place.area_precedence SET valid_from = valid_from - 1"
                         " WHERE valid_from IS NOT NULL")  # fmt: skip
    assert _counts(own_database, operator, site, today())[0] == "survey"
    with transaction(own_database.engine(Role.LOADER), None) as conn:
        assert settle_counted(conn)
        assert not settle_counted(conn)
        kept = text("SELECT source FROM place.counted_area WHERE place_id = :id")
        assert conn.execute(kept, {"id": site}).scalar_one() == "survey"


def test_a_new_order_replaces_one_that_would_have_begun_later(
    own_database: Database, operator: Operator, site: int
) -> None:
    _set(own_database, operator, *SURVEY_FIRST, since=date(2025, 1, 1))
    _set(own_database, operator, AreaSource.DECLARED, since=THEN)
    _set(own_database, operator, AreaSource.DECLARED, AreaSource.SURVEY, since=THEN)
    assert _counts(own_database, operator, site, date(2025, 6, 1))[0] == "declared"
    with own_database.engine(Role.OWNER).connect() as conn:
        rows = conn.execute(
            text(
                "SELECT source, rank, rule_source, is_verified FROM place.area_precedence"
                " WHERE valid_to IS NULL ORDER BY rank"
            )
        )
        assert [tuple(row) for row in rows] == [
            ("declared", 1, "示例文件第1条", False), ("survey", 2, "示例文件第1条", False),
        ]  # fmt: skip


def test_an_order_without_sense_or_by_a_limited_account_is_refused(
    own_database: Database, operator: Operator
) -> None:
    with pytest.raises(InputError, match="precedence_twice"):
        _set(own_database, operator, AreaSource.SURVEY, AreaSource.SURVEY)
    with pytest.raises(InputError, match="precedence_of_none"):
        _set(own_database, operator)
    with transaction(own_database.engine(Role.OWNER), None) as owner:
        account = rights_actions.ensure_account(owner, "clerk", [])
        token = rights_actions.open_session(owner, account, lifetime=timedelta(hours=1))
    with pytest.raises(Forbidden, match="precedence_forbidden"):
        _set(own_database, Operator(account, token), AreaSource.SURVEY)


def test_two_orders_of_one_report_never_hold_on_one_day(conn: Connection) -> None:
    add = (
        "INSERT INTO place.area_precedence (report, source, rank, valid_from)"
        " VALUES ('*', :source, :rank, '2030-01-01')"
    )
    for source, rank in (("survey", 9), ("polygon", 1)):
        with (
            pytest.raises(Exception, match="ex_area_precedence_"),
            conn.begin_nested(),
        ):
            conn.execute(text(add), {"source": source, "rank": rank})


def test_what_no_drawn_area_can_count_has_the_areas_of_its_day(
    own_database: Database, operator: Operator, site: int
) -> None:
    _set(own_database, operator, *SURVEY_FIRST)
    with transaction(own_database.engine(Role.WEB), operator.token) as conn:
        before = not_located(conn, THEN - timedelta(days=1))
        assert (before, not_located(conn, today())) == (Uncounted(1, 1000), Uncounted(1, 990))
