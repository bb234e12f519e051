"""Signing in, choosing a password and granting, by keyboard in a real browser."""

import re
import time
from collections.abc import Iterator

import people
import pyotp
import pytest
from people import CHOSEN
from playwright.sync_api import Browser, Page, expect

from gis.rights.actions import Grant
from tests.webmap.browser.conftest import Site, Watch
from tests.webmap.browser.waiting import DEADLINE_MS, ready

pytestmark = pytest.mark.browser


@pytest.fixture
def stranger(browser: Browser, watch: Watch) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="zh-CN")
    context.set_default_timeout(DEADLINE_MS)
    page = context.new_page()
    page.on("console", watch.on_console)
    page.on("pageerror", lambda error: watch.complaints.append(str(error)))
    yield page
    context.close()
    assert [one for one in watch.complaints if "status of 4" not in one] == []


def _sign_in(page: Page, name: str, password: str) -> None:
    ready(page)
    page.locator("[name=name]").fill(name)
    page.locator("[name=password]").fill(password)
    page.locator("[name=password]").press("Enter")


def test_a_permalink_survives_signing_in_and_a_first_password(stranger: Page, site: Site) -> None:
    first = people.add_beginner(site.database, "browser.new")
    page = stranger
    page.goto(f"{site.address}/imports#there")
    expect(page.locator("h1")).to_have_text("登录")
    expect(page.locator("[name=name]")).to_be_focused()
    _sign_in(page, "browser.new", "wrong password")
    expect(page.get_by_role("alert")).to_contain_text("账号或密码不正确")
    expect(page.locator("[name=name]")).to_have_value("browser.new")
    ready(page)
    page.locator("#language").click()
    expect(page.locator("h1")).to_have_text("Sign in")
    ready(page)
    page.locator("#language").click()
    expect(page.locator("h1")).to_have_text("登录")
    page.goto(f"{site.address}/imports#there")
    _sign_in(page, "browser.new", first)
    form = page.locator("#change-password")
    expect(form).to_be_visible()
    ready(page)
    form.locator("[name=known]").fill(first)
    form.locator("[name=chosen]").fill("password123")
    form.locator("[name=again]").fill("password123")
    form.locator("[name=again]").press("Enter")
    expect(form.locator(".form-problem")).to_contain_text("容易被猜到")
    for field in ("chosen", "again"):
        form.locator(f"[name={field}]").fill(CHOSEN)
    form.locator("[name=again]").press("Enter")
    expect(page).to_have_url(f"{site.address}/imports#there")

    page.locator("#own-account").click()
    page.get_by_role("button", name="退出登录").press("Enter")
    expect(page.locator("h1")).to_have_text("登录")
    page.goto(f"{site.address}/imports")
    expect(page.locator("h1")).to_have_text("登录")


def test_administrators_add_grant_and_confirm_by_keyboard(stranger: Page, site: Site) -> None:
    for name in ("system", "security", "second"):
        office = "system_admin" if name == "system" else "security_admin"
        people.add_person(site.database, f"b.{name}", Grant(office))
    page = stranger
    page.on("dialog", lambda dialog: dialog.accept())

    def enter(name: str) -> None:
        page.context.clear_cookies()
        page.goto(f"{site.address}/accounts")
        _sign_in(page, name, CHOSEN)
        expect(page.locator("h1")).to_have_text("账号与授权")
        ready(page)

    enter("b.system")
    add = page.locator("#add-account")
    add.locator("[name=name]").fill("b.clerk")
    add.locator("[name=title]").fill("李经办")
    add.locator("[name=title]").press("Enter")
    expect(add.get_by_role("status")).to_contain_text(re.compile(r"([a-z0-9]{5}-){3}[a-z0-9]{5}"))
    expect(page.locator("#add-grant")).to_have_count(0)

    enter("b.security")
    give = page.locator("#add-grant")
    give.locator("[name=account]").fill("b.clerk")
    give.locator("[name=role]").select_option(label="查看")
    give.locator("[name=body]").fill("没有的单位")
    give.locator("[name=body]").press("Enter")
    expect(give.locator(".form-problem")).to_contain_text("没有的单位")
    give.locator("[name=body]").fill("")
    give.locator("[name=reason]").press("Enter")
    row = page.locator("#grants tbody tr", has_text="b.clerk")
    expect(row).to_contain_text("待复核")
    ready(page)
    row.get_by_role("button", name="复核").press("Enter")
    expect(row.get_by_role("alert").first).to_contain_text("另一位安全管理员")

    enter("b.second")
    row.get_by_role("button", name="复核").press("Enter")
    expect(row).to_contain_text("有效")
    ready(page)
    page.locator("#language").click()
    expect(page.locator("h1")).to_have_text("Accounts and grants")
    ready(page)
    row.get_by_role("button", name="Take back").press("Enter")
    expect(row).to_have_count(0)


def test_codes_are_set_up_and_given_by_keyboard(stranger: Page, site: Site) -> None:
    people.add_person(site.database, "b.codes")
    page = stranger
    page.goto(f"{site.address}/account")
    _sign_in(page, "b.codes", CHOSEN)
    begin = page.locator("#begin-code [name=known]")
    expect(begin).to_be_visible()
    ready(page)
    begin.fill(CHOSEN)
    begin.press("Enter")
    secret = page.locator("#code-secret")
    expect(secret).to_be_visible()
    expect(page.locator(".code-picture svg")).to_be_visible()
    phone = pyotp.TOTP(secret.inner_text().replace(" ", ""))
    ready(page)
    field = page.locator("#confirm-code [name=code]")
    field.fill("123")
    field.press("Enter")
    expect(page.locator("#confirm-code .form-problem")).to_contain_text("验证码不正确")
    now = time.time()
    field.fill(phone.at(now))
    field.press("Enter")
    expect(page.locator("#confirm-code .form-said")).to_contain_text("备用码")
    spare = page.locator("#confirm-code .form-said").inner_text().rpartition("：")[2].split()[0]

    page.get_by_role("button", name="退出登录").press("Enter")
    expect(page.locator("h1")).to_have_text("登录")
    page.goto(f"{site.address}/imports#there")
    _sign_in(page, "b.codes", CHOSEN)
    expect(page.locator("h1")).to_have_text("输入验证码")
    expect(page.locator("[name=code]")).to_be_focused()
    ready(page)
    page.locator("[name=code]").fill(spare)
    page.locator("[name=code]").press("Enter")
    expect(page).to_have_url(f"{site.address}/imports#there")
