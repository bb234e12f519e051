"""Another parent, a building split with what is in it, and properties merged, on the map."""

from collections.abc import Callable

import pytest
from makers import make_place
from playwright.sync_api import Page, expect
from small_city import SOUTH, WEST, square

from gis.db import Role, transaction
from tests.webmap.browser.conftest import Site
from tests.webmap.browser.waiting import take_back

pytestmark = pytest.mark.browser


def test_a_building_goes_to_another_site_once_its_place_is_confirmed(
    reopen: Callable[[str], Page], city: dict[str, int]
) -> None:
    page = reopen(f"#p={city['building 0.1']}")
    page.locator("#move-open").press("Enter")
    expect(page.locator("#move-find")).to_be_focused()
    expect(page.locator("#place")).to_contain_text("示例路0号")
    page.locator("#edit-reason").fill("划转")
    page.locator("#edit-save").click()
    expect(page.locator("#edit-problem")).to_contain_text("请先选择新的上级")
    # The list comes anew with what is found.
    with page.expect_response("**/parents?q=*"):
        page.locator("#move-find").fill("示例路1")
    expect(page.locator(f"#move-{city['site 2']}")).to_have_count(0)
    page.locator(f"#move-{city['site 1']}").check()
    page.locator("#edit-effective_on").fill("2026-03-01")
    page.locator("#edit-document").fill("示例〔2026〕8号")
    page.locator("#edit-save").click()
    expect(page.locator("#edit-problem")).to_contain_text("超出“示例路1号”的范围")
    page.locator("#edit-save").click()
    expect(page.locator("#edit-open")).to_be_visible()
    expect(page.locator("#place")).to_contain_text("示例路1号")
    expect(page.locator(".history .why").first).to_contain_text("示例〔2026〕8号")
    take_back(page)
    expect(page.locator("#place")).to_contain_text("示例路0号")


def test_who_moves_second_is_told_and_may_go_on(
    reopen: Callable[[str], Page], city: dict[str, int], site: Site
) -> None:
    page = reopen(f"#p={city['room 1.1.0']}")
    page.locator("#move-open").click()
    page.locator(f"#move-{city['floor 1.2']}").check()
    page.locator("#edit-reason").fill("楼层登记有误")
    with transaction(site.database.engine(Role.OWNER), None) as conn:
        conn.exec_driver_sql(
            f"UPDATE place.place SET remark = '别人先改' WHERE place_id = {city['room 1.1.0']}"
        )
    page.locator("#edit-save").click()
    expect(page.locator("#edit-problem")).to_contain_text("修改")
    page.locator("#edit-save").click()
    # The room above stands where it would come to lie.
    expect(page.locator("#edit-problem")).to_contain_text("重叠")
    page.locator("#edit-save").click()
    expect(page.locator("#edit-undo")).to_be_visible()
    expect(page.locator("#place")).to_contain_text("2F")
    take_back(page)
    expect(page.locator("#place")).to_contain_text("1F")


def test_a_building_is_split_and_each_floor_says_where_it_goes(
    reopen: Callable[[str], Page], city: dict[str, int]
) -> None:
    page = reopen(f"#p={city['building 2.0']}")
    page.locator("#split-open").press("Enter")
    page.locator("#split-name-1").fill("甲楼")
    page.locator("#split-name-2").fill("乙楼")
    page.locator("#edit-effective_on").fill("2026-03-01")
    page.locator("#edit-reason").fill("分户")
    page.locator("#edit-save").click()
    expect(page.locator("#edit-problem")).to_contain_text("2 处下级没有指定")
    page.locator(f"#goes-{city['floor 2.1']}").select_option(label="第 1 份")
    page.locator(f"#goes-{city['floor 2.2']}").select_option(label="第 2 份")
    page.locator("#edit-save").click()
    expect(page.locator(".closed-mark")).to_be_visible()
    page.locator("#place .rows .link", has_text="乙楼").click()
    expect(page.locator("#place-title")).to_contain_text("乙楼")
    expect(page.locator("#place ul.children")).to_contain_text("2F")
    take_back(page)
    expect(page.locator("#place")).to_contain_text("新建房产（处）")


def test_two_properties_become_one_with_what_is_in_them(
    reopen: Callable[[str], Page], city: dict[str, int], site: Site
) -> None:
    with transaction(site.database.engine(Role.OWNER), None) as conn:
        beside = make_place(
            conn, "S9", name="隔壁院", admin_area_code="320401", steward_id=city["agency 0"],
            wkt=square(WEST + 0.052, SOUTH + 0.05, 0.002),
        )  # fmt: skip
    page = reopen(f"#p={city['site 0']}")
    page.locator("#merge-open").press("Enter")
    page.locator(f"#merge-{beside}").check()
    page.locator("#merge-name").fill("合并院")
    page.locator("#edit-effective_on").fill("2026-03-01")
    page.locator("#edit-reason").fill("两院打通")
    page.locator("#edit-save").click()
    expect(page.locator(".closed-mark")).to_be_visible()
    page.locator("#place .rows .link", has_text="合并院").click()
    expect(page.locator("#place-title")).to_contain_text("合并院")
    expect(page.locator("#place ul.children")).to_contain_text("1号楼")
    take_back(page)
    expect(page.locator("#place")).to_contain_text("新建房产（处）")
    with transaction(site.database.engine(Role.OWNER), None) as conn:
        conn.exec_driver_sql(
            f"UPDATE place.place SET valid_to = '2026-03-01' WHERE place_id = {beside}"
        )
