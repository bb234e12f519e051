"""`onemap user`: accounts made and handed over on the server's own command line."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from makers import make_organization
from people import CHOSEN, attempt
from sqlalchemy import text

from gis.cluster import Cluster
from gis.db import Database, Role
from gis.rights.sign_in import Outcome
from webmap.cli import run

pytestmark = pytest.mark.usefixtures("at_hand")


@pytest.fixture(scope="module")
def database(make_database: Callable[[str], Database]) -> Database:
    return make_database("onemap_user")


@pytest.fixture
def at_hand(
    cluster: Cluster, database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    url = cluster.url(database=database.admin().url.database)
    monkeypatch.setenv("ONEMAP_DATABASE_URL", url.render_as_string(hide_password=False))
    monkeypatch.setenv("ONEMAP_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("ONEMAP_LANGUAGE", "en")
    yield
    database.dispose()


@pytest.fixture
def onemap(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def call(*arguments: str) -> tuple[int, str, str]:
        code = run(["user", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_an_account_is_added_listed_disabled_and_given_a_new_password(
    onemap: Callable[..., tuple[int, str, str]], database: Database
) -> None:
    code, out, _ = onemap("add", "Wang.Fang", "--title", "王芳", "--json")
    made = json.loads(out)
    assert (code, made["account"]) == (0, "wang.fang")
    assert attempt(database, "wang.fang", made["first_password"]).outcome is Outcome.MUST_CHANGE

    _, out, _ = onemap("list", "--json")
    [row] = [one for one in json.loads(out)["accounts"] if one["name"] == "wang.fang"]
    assert (row["name"], row["title"], row["must_change"]) == ("wang.fang", "王芳", True)
    assert "verifier" not in row
    assert "first password not changed" in onemap("list")[1]

    assert onemap("disable", "wang.fang")[0] == 0
    assert attempt(database, "wang.fang", made["first_password"]).outcome is Outcome.WRONG
    assert "disabled" in onemap("list")[1]
    assert onemap("enable", "wang.fang")[0] == 0
    again = json.loads(onemap("password", "wang.fang", "--json")[1])["first_password"]
    assert again != made["first_password"]
    assert attempt(database, "wang.fang", made["first_password"]).outcome is Outcome.WRONG
    assert attempt(database, "wang.fang", again).outcome is Outcome.MUST_CHANGE


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "operator"), "cannot be the name"), (("add", "a b"), "cannot be the name"),
        (("add", "x"), "cannot be the name"), (("add", "ok", "--title", "x" * 61), "too long"),
        (("password", "nobody"), "no account nobody"), (("disable", "nobody"), "no account nobody"),
        (("password", "operator"), "operator's account"), (("disable", "operator"), "operator's"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_sentence(
    onemap: Callable[..., tuple[int, str, str]], arguments: tuple[str, ...], said: str
) -> None:
    onemap("list")
    code, out, err = onemap(*arguments)
    assert (code, out) == (2, "")
    assert said in err


def test_two_accounts_have_two_names(onemap: Callable[..., tuple[int, str, str]]) -> None:
    assert onemap("add", "twice")[0] == 0
    code, _, err = onemap("add", "TWICE")
    assert code == 2
    assert "already" in err


def test_a_fresh_register_has_no_password_at_all(make_database: Callable[[str], Database]) -> None:
    fresh = make_database("onemap_user_fresh")
    for name in ("admin", "operator", "root", "onemap"):
        for password in ("", "admin", "onemap", CHOSEN):
            assert attempt(fresh, name, password).outcome in {Outcome.WRONG, Outcome.WAIT}


def test_the_first_offices_are_filled_on_the_server_then_two_persons_are_needed(
    onemap: Callable[..., tuple[int, str, str]],
) -> None:
    for name in ("sys", "sec", "aud", "sec2"):
        assert onemap("add", name)[0] == 0
    for name, office in (
        ("sys", "system_admin"),
        ("aud", "audit_admin"),
        ("sec", "security_admin"),
    ):
        made = json.loads(onemap("grant", name, office, "--json")[1])
        assert made["is_pending"] is False
    code, out, _ = onemap("grant", "sec2", "security_admin")
    assert (code, "waits for a second person" in out) == (0, True)
    [waiting] = [one for one in json.loads(onemap("grants", "--json")[1])["grants"]
                 if one["state"] == "pending"]  # fmt: skip
    code, _, err = onemap("confirm", str(waiting["grant_id"]))
    assert (code, "Another security administrator" in err) == (2, True)
    assert "waits for confirmation" in onemap("grants")[1]
    assert onemap("revoke", str(waiting["grant_id"]))[0] == 0
    code, _, err = onemap("disable", "sec")
    assert (code, "last security administrator" in err) == (2, True)


def test_a_grant_and_a_token_are_made_listed_and_ended(
    onemap: Callable[..., tuple[int, str, str]], database: Database
) -> None:
    with database.engine(Role.OWNER).begin() as owner:
        make_organization(owner, "bureau")
    onemap("add", "li")
    code, out, _ = onemap("grant", "li", "clerk", "--body", "bureau", "--until", "2999-01-01")
    assert (code, "li is now clerk" in out) == (0, True)
    assert "2999-01-01" in onemap("grants")[1]
    code, _, err = onemap("grant", "li", "clerk")
    assert (code, "name it" in err) == (2, True)

    made = json.loads(onemap("token", "li", "QGIS", "--json")[1])
    assert made["token"].startswith("onemap_")
    assert "QGIS" in onemap("tokens")[1]
    assert made["token"] not in onemap("tokens", "--json")[1]
    assert onemap("end-token", str(made["token_id"]))[0] == 0
    assert "QGIS" not in onemap("tokens")[1]
    assert onemap("end-token", str(made["token_id"]))[0] == 2
    assert onemap("token", "li", "x", "--days", "400")[0] == 2


def test_codes_of_a_lost_phone_are_turned_off_here(
    onemap: Callable[..., tuple[int, str, str]], database: Database
) -> None:
    onemap("add", "wang")
    code, _, err = onemap("drop-code", "wang")
    assert (code, "wang has no codes" in err) == (2, True)
    with database.engine(Role.OWNER).begin() as owner:
        owner.execute(
            text(
                "INSERT INTO rights.code_secret (account_id, secret, confirmed_at)"
                " SELECT account_id, 'x', now() FROM rights.account WHERE name = 'wang'"
            )
        )
    code, out, _ = onemap("drop-code", "wang")
    assert (code, "Codes of wang are off" in out) == (0, True)
    assert onemap("drop-code", "wang")[0] == 2
