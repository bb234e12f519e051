"""An inspection from its plan to the last body: answers, findings, two inspectors at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from handed_in import rows_of
from sqlalchemy import text

from assets.inspection.actions.planning import add_item, close_inspection, rate_item
from assets.inspection.actions.visiting import (
    add_finding,
    drop_finding,
    finish_visit,
    reopen_visit,
)
from assets.inspection.model import Answer
from assets.inspection.places import place_facts
from assets.inspection.queries import (
    answered,
    answers,
    find_inspection,
    find_visit,
    findings,
    items,
    visits,
)
from assets.inspection.reports import inspection_report
from assets.inspection.rules import score
from gis.db import Role, transaction
from gis.errors import Conflict, Forbidden, InputError, NotFound
from tests.assets.inspection.conftest import DAY, Inspected


def test_a_plan_copies_its_checklist_and_visits_each_body(inspected: Inspected) -> None:
    made = inspected.plan(0, 1)
    found = inspected.run(lambda conn: items(conn, made))
    assert [one["position"] for one in found] == list(range(1, 12))
    assert {one["points"] for one in found} == {None}
    assert found[8]["title"] == "往年问题整改"
    one = inspected.run(lambda conn: find_inspection(conn, made))
    assert (one.bodies, one.done, one.is_open) == (2, 0, True)


def test_who_does_not_write_for_the_bureau_plans_nothing(inspected: Inspected) -> None:
    made = inspected.plan(0)
    visit_id = inspected.visit(made)
    for act in (
        lambda conn: add_item(conn, made, head="安全", title="消防", points=None),
        lambda conn: close_inspection(conn, made, seen_version=1),
        lambda conn: add_finding(conn, visit_id, words="x"),
    ):
        with pytest.raises((Forbidden, NotFound)):
            inspected.run(act, "clerk")


def test_a_body_reads_nothing_of_itself_before_it_is_through(inspected: Inspected) -> None:
    made = inspected.plan(0)
    visit_id = inspected.visit(made)
    inspected.run(lambda conn: add_finding(conn, visit_id, words="门牌缺失"))
    for who in ("clerk", "other"):
        assert inspected.run(lambda conn: visits(conn, made), who) == []
        assert inspected.run(lambda conn: findings(conn, visit_id), who) == []
    inspected.finish(made, visit_id)
    assert len(inspected.run(lambda conn: findings(conn, visit_id), "clerk")) == 1
    assert inspected.run(lambda conn: findings(conn, visit_id), "other") == []


def test_only_named_inspectors_carry_it_out(inspected: Inspected) -> None:
    made = inspected.plan(0, inspectors=("检查员乙",))
    visit_id = inspected.visit(made)
    item = inspected.items(made)[0]
    with pytest.raises(Forbidden, match=r"inspection\.not_inspector"):
        inspected.answer(visit_id, item)
    assert inspected.answer(visit_id, item, who="second") == 1
    with pytest.raises(InputError, match=r"inspection\.no_such_account"):
        inspected.plan(0, inspectors=("无此人",))


def test_two_inspectors_at_one_item_are_told_of_each_other(inspected: Inspected) -> None:
    made = inspected.plan(0)
    visit_id = inspected.visit(made)
    item = inspected.items(made)[0]
    assert inspected.answer(visit_id, item) == 1
    with pytest.raises(Conflict) as told:
        inspected.answer(visit_id, item, Answer.FAILED, who="second")
    assert told.value.params["who"] == "检查员甲"
    assert inspected.answer(visit_id, item, Answer.FAILED, who="second", seen_version=1) == 2
    with pytest.raises(Conflict, match=r"inspection\.answered_meanwhile"):
        inspected.answer(visit_id, item, seen_version=1)
    kept = inspected.run(lambda conn: answers(conn, [visit_id]))[visit_id][item]
    assert (kept["answer"], kept["version"], kept["who"]) == ("fail", 2, "检查员乙")


def test_points_are_the_bureaus_until_a_body_has_answered(inspected: Inspected) -> None:
    made = inspected.plan(0)
    visit_id = inspected.visit(made)
    first, second, *_ = inspected.items(made)
    for item in (first, second):
        assert (
            inspected.run(
                lambda conn, i=item: rate_item(conn, made, i, Decimal(10), seen_version=1)
            )
            == 2
        )
    with pytest.raises(Conflict, match=r"inspection\.changed_meanwhile"):
        inspected.run(lambda conn: rate_item(conn, made, first, Decimal(5), seen_version=1))
    inspected.answer(visit_id, first)
    inspected.answer(visit_id, second, Answer.FAILED, points=Decimal(3))
    with pytest.raises(Conflict, match=r"inspection\.item_answered"):
        inspected.run(lambda conn: rate_item(conn, made, first, Decimal(5), seen_version=2))
    with pytest.raises(InputError, match=r"inspection\.bad_points"):
        inspected.answer(visit_id, second, points=Decimal(11), seen_version=1)
    asked = inspected.run(lambda conn: items(conn, made))
    given = inspected.run(lambda conn: answers(conn, [visit_id]))[visit_id]
    whole = score(answered(asked, given))
    assert (whole.points, whole.most, whole.open) == (13, 20, 9)


def test_a_visit_ends_once_every_item_is_answered_and_then_takes_nothing(
    inspected: Inspected,
) -> None:
    made = inspected.plan(0)
    visit_id = inspected.visit(made)
    with pytest.raises(Conflict, match=r"inspection\.items_left"):
        inspected.run(lambda conn: finish_visit(conn, visit_id, seen_version=1, today=DAY))
    inspected.finish(made, visit_id)
    with pytest.raises(Conflict, match=r"inspection\.visit_done"):
        inspected.answer(visit_id, inspected.items(made)[0], seen_version=1)
    inspected.run(lambda conn: reopen_visit(conn, visit_id, seen_version=2))
    assert inspected.run(lambda conn: find_visit(conn, visit_id))["done_on"] is None
    inspected.run(lambda conn: close_inspection(conn, made, seen_version=1))
    with pytest.raises(Conflict, match=r"inspection\.closed"):
        inspected.run(lambda conn: add_finding(conn, visit_id, words="x"))


def test_a_finding_of_a_place_follows_its_cell_and_stands_on_its_card(
    inspected: Inspected,
) -> None:
    made = inspected.plan(0)
    visit_id = inspected.visit(made)
    room = inspected.city.ids["room 0.1.0"]
    finding = inspected.run(
        lambda conn: add_finding(conn, visit_id, words="改作库房", place_code="R010")
    )
    (kept,) = inspected.run(lambda conn: findings(conn, visit_id))
    assert (kept["place_id"], kept["place_code"]) == (room, "R010")
    assert kept["place_name"] == "1号楼 1F 100 R010"
    assert inspected.run(lambda conn: place_facts(conn, room, DAY)).facts == ()
    inspected.finish(made, visit_id)
    (fact,) = inspected.run(lambda conn: place_facts(conn, room, DAY)).facts
    assert (fact.title_key, fact.value) == ("inspection.fact.open", 1)
    site = inspected.city.ids["site 0"]
    (fact,) = inspected.run(lambda conn: place_facts(conn, site, DAY)).facts
    assert (fact.title_key, fact.value) == ("inspection.fact.open", 1)
    classify = text(
        "UPDATE place.place SET security_class = :high, rights_cell ="
        " rights.cell_for(steward_id, admin_area_code, CAST(:high AS smallint))"
        " WHERE place_id = :id"
    )
    engine = inspected.city.database.engine(Role.OWNER)
    try:
        with engine.begin() as conn:
            conn.execute(classify, {"high": 1, "id": room})
        assert inspected.run(lambda conn: findings(conn, visit_id), "clerk") == []
        assert inspected.run(lambda conn: place_facts(conn, site, DAY), "clerk").facts == ()
    finally:
        with engine.begin() as conn:
            conn.execute(classify, {"high": 0, "id": room})
    assert len(inspected.run(lambda conn: findings(conn, visit_id), "clerk")) == 1
    with pytest.raises(Conflict, match=r"inspection\.visit_done"):
        inspected.run(lambda conn: drop_finding(conn, finding))


def test_what_cannot_be_found_is_refused(inspected: Inspected) -> None:
    made = inspected.plan(0)
    visit_id = inspected.visit(made)
    for said, key in (
        ({"words": " "}, "inspection.no_words"),
        ({"words": "x", "place_code": "无"}, "inspection.no_such_place"),
        ({"words": "x", "item_id": 0}, "inspection.no_such_item"),
        ({"words": "x" * 2001}, "workflow.too_long"),
    ):
        with pytest.raises((InputError, NotFound), match=key):
            inspected.run(lambda conn, said=said: add_finding(conn, visit_id, **said))


def test_the_report_tells_each_body_each_head_and_each_finding(inspected: Inspected) -> None:
    made = inspected.plan(0, 1)
    visit_id = inspected.visit(made)
    inspected.run(lambda conn: add_finding(conn, visit_id, words="台账缺页"))
    inspected.finish(made, visit_id)

    def build(conn: object) -> object:
        return inspection_report(conn, find_inspection(conn, made), DAY)  # type: ignore[arg-type]

    report = inspected.run(build)
    bodies, heads, found = report.tables
    rows = {row["code"]: row for row in bodies.rows}
    assert (rows["A0"]["passed"], rows["A0"]["findings"], rows["A0"]["done_on"]) == (11, 1, DAY)
    assert (rows["A1"]["waiting"], rows["A1"]["pass_percent"]) == (11, None)
    assert (len(heads.rows), [row["words"] for row in found.rows]) == (22, ["台账缺页"])
    assert [note for note, _ in report.footnotes] == ["inspection.report.no_points"]


def test_an_item_added_while_a_body_is_finished_waits_for_its_answer(inspected: Inspected) -> None:
    made = inspected.plan(0)
    visit_id = inspected.visit(made)
    for item_id in inspected.items(made):
        inspected.answer(visit_id, item_id)
    engine = inspected.city.database.engine(Role.WEB)
    with ThreadPoolExecutor(1) as pool:
        with transaction(engine, inspected.tokens["second"]) as conn:
            add_item(conn, made, head="安全", title="消防", points=None)
            finishing = pool.submit(
                inspected.run,
                lambda other: finish_visit(other, visit_id, seen_version=1, today=DAY),
            )
            _wait_until_somebody_waits(inspected)
        with pytest.raises(Conflict, match=r"inspection\.items_left"):
            finishing.result(timeout=60)


def _wait_until_somebody_waits(inspected: Inspected) -> None:
    until = time.monotonic() + 60
    waiting = (
        "SELECT count(*) FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)"
        " WHERE NOT l.granted AND a.datname = current_database()"
    )
    while not rows_of(inspected.city.database, waiting)[0][0]:
        assert time.monotonic() < until, "nobody waited"
        time.sleep(0.02)


def test_instructions_are_kept_whole_or_refused(inspected: Inspected) -> None:
    said = "检" * 2000
    made = inspected.plan(0, instructions=said)
    assert inspected.run(lambda conn: find_inspection(conn, made)).instructions == said
    with pytest.raises(InputError, match=r"workflow\.too_long"):
        inspected.plan(0, instructions=said + "查")
