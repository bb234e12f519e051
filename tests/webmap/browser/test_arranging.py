"""Giving rooms out, swapping, vacating: on a room's card, and several at once on their page."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.webmap.browser.conftest import Site
from tests.webmap.browser.waiting import take_back

pytestmark = pytest.mark.browser
ASSIGN = """async ([room, body]) => {
  const listed = await (await fetch(`/api/space/rooms?rooms=${room}`)).json();
  const answer = await fetch("/api/space/rooms/assign", {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ rooms: [{ place_id: room, version: listed.items[0].version }],
      parties: [{ organization_id: body }], effective_on: "2026-03-01", reason: "他人先办" }) });
  return answer.json();
}"""
UNDO = """([place, edit]) =>
  fetch(`/api/places/${place}/edits/${edit}`, { method: "DELETE" }).then((answer) => answer.ok)"""


def _choose_body(page: Page, name: str, at: int = 0) -> None:
    field = page.locator(f"#room-body-{at}")
    field.fill(name)
    expect(page.locator(f"#room-body-{at}-list [role=option]")).to_have_count(1)
    field.press("Enter")


def _row(page: Page, room: int) -> Locator:
    return page.locator(f"#rooms [data-room='{room}']")


@pytest.fixture
def second(signed_in: Page, site: Site) -> Iterator[Page]:
    """Another window of the same person."""
    page = signed_in.context.new_page()
    page.goto(f"{site.address}/space/rooms?place={site.places['building 0.0']}")
    expect(page.locator("html")).to_have_attribute("data-rooms", "")
    yield page
    page.close()


def test_people_of_two_bodies_share_a_room_by_heads_and_all_is_taken_back(
    reopen: Callable[[str], Page], city: dict[str, int]
) -> None:
    page = reopen(f"#p={city['room 1.1.0']}")
    page.locator("#room-assign").press("Enter")
    page.locator("#room-people").check()
    expect(page.locator("#room-body-0")).to_be_hidden()
    page.locator("#sharer-more").press("Enter")
    for at, (name, heads) in enumerate((("示例1", "3"), ("示例2", "1"))):
        page.locator(f"#sharer-body-{at}").fill(name)
        expect(page.locator(f"#sharer-body-{at}-list [role=option]")).to_have_count(1)
        page.locator(f"#sharer-body-{at}").press("Enter")
        page.locator(f"#sharer-heads-{at}").fill(heads)
    page.locator("#edit-effective_on").fill("2026-03-01")
    page.locator("#edit-reason").fill("登记在室人员")
    page.locator("#edit-save").press("Enter")
    expect(page.locator("#place")).to_contain_text("示例1局 75%、示例2局 25%")
    # Opened again it tells who sits there, line by line.
    page.locator("#room-assign").click()
    expect(page.locator("#room-people")).to_be_checked()
    expect(page.locator("#sharer-heads-0")).to_have_value("3")
    expect(page.locator("#sharer-by-share")).to_be_checked()
    expect(page.locator("#sharer-share-1")).to_have_value("25")
    page.locator("#edit-cancel").click()
    take_back(page)
    expect(page.locator("#room-vacate")).to_have_count(0)


def test_a_room_is_given_out_and_swapped_on_its_card_and_all_is_taken_back(
    reopen: Callable[[str], Page], city: dict[str, int]
) -> None:
    page = reopen(f"#p={city['room 1.1.0']}")
    expect(page.locator("#room-swap")).to_have_count(0)
    page.locator("#room-assign").press("Enter")
    expect(page.locator("#room-body-0")).to_be_focused()
    _choose_body(page, "示例1")
    page.locator("#room-more").press("Enter")
    _choose_body(page, "示例2", 1)
    for at, share in enumerate(("75", "20")):
        page.locator(f"#room-share-{at}").fill(share)
    page.locator("#edit-effective_on").fill("2026-03-01")
    page.locator("#edit-reason").fill("机构调整")
    page.locator("#edit-document").fill("示例〔2026〕8号")
    page.locator("#edit-save").press("Enter")
    expect(page.locator("#edit-problem")).to_contain_text("0.95")
    page.locator("#room-share-1").fill("25")
    expect(page.locator("#edit-problem")).to_be_empty()
    page.locator("#edit-save").press("Enter")
    expect(page.locator("#place")).to_contain_text("示例1局 75%、示例2局 25%")
    expect(page.locator("#place")).to_contain_text("示例〔2026〕8号")
    # With a room that nobody has there is nothing to swap; moving goes there.
    page.locator("#room-move").click()
    expect(page.locator("#room-to-0")).to_be_focused()
    page.locator("#room-to-0").select_option(value=str(city["room 1.2.1"]))
    page.locator("#edit-reason").fill("换到二楼")
    page.locator("#edit-save").click()
    expect(page.locator("#room-assign")).to_be_visible()
    expect(page.locator("#room-vacate")).to_have_count(0)
    take_back(page)
    expect(page.locator("#place")).to_contain_text("示例1局 75%")
    take_back(page)
    expect(page.locator("#room-vacate")).to_have_count(0)
    expect(page.locator("#room-assign")).to_be_visible()


def test_several_rooms_are_given_out_from_their_list_seen_elsewhere_and_taken_back_at_once(
    reopen: Callable[[str], Page], second: Page, city: dict[str, int]
) -> None:
    rooms = [city[f"room 0.1.{door}"] for door in range(2)]
    other = reopen(f"#p={rooms[0]}")
    for room in rooms:
        second.locator(f"#room-{room}").press("Space")
    expect(second.locator("#rooms-chosen")).to_have_text("已选 2 间")
    expect(second.locator("#rooms-swap")).to_be_disabled()
    second.locator("#rooms-assign").press("Enter")
    _choose_body(second, "示例1")
    second.locator("#edit-reason").fill("统一调配")
    second.locator("#edit-reason").press("Control+Enter")
    expect(second.locator("#place")).to_contain_text("已办理 2 间")
    for room in rooms:
        expect(_row(second, room)).to_contain_text("示例1局")
    expect(other.locator("#place")).to_contain_text("示例1局")
    # Only those in use, then only vacant ones.
    second.locator("#rooms-show").select_option("used")
    expect(second.locator("#rooms tbody tr")).to_have_count(2)
    second.locator("#rooms-show").select_option("vacant")
    expect(second.locator("#rooms tbody tr")).to_have_count(2)
    second.locator("#rooms-undo").click()
    expect(second.locator("#place")).to_contain_text("已撤销")
    expect(second.locator("#rooms tbody tr")).to_have_count(4)
    expect(other.locator("#room-vacate")).to_have_count(0)


def test_who_comes_second_sees_what_now_holds_and_goes_on_knowingly(
    reopen: Callable[[str], Page], second: Page, city: dict[str, int]
) -> None:
    room = city["room 0.2.0"]
    other = reopen("")
    second.locator(f"#room-{room}").check()
    second.locator("#rooms-assign").click()
    _choose_body(second, "示例2")
    second.locator("#edit-effective_on").fill("2026-04-01")
    second.locator("#edit-reason").fill("安排")
    first: dict[str, Any] = other.evaluate(ASSIGN, [room, city["agency 1"]])
    # The list beside the form already tells; the form keeps what its author saw.
    expect(_row(second, room)).to_contain_text("示例1局")
    second.locator("#edit-save").click()
    expect(second.locator("#edit-problem")).to_contain_text("刚被他人改动")
    expect(second.locator("#edit-problem .standing")).to_contain_text("示例1局")
    expect(second.locator("#edit-save")).to_contain_text("已知悉")
    second.locator("#edit-save").click()
    expect(_row(second, room)).to_contain_text("示例2局")
    second.locator("#rooms-undo").click()
    expect(_row(second, room)).to_contain_text("示例1局")
    edit = first["edit"]
    assert other.evaluate(UNDO, [edit["place_id"], edit["edit_id"]])
    expect(_row(second, room)).to_contain_text("空置")
