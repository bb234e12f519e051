from collections.abc import Callable

from flask.testing import FlaskClient

PAGE = {"Accept": "text/html"}


def test_a_one_time_address_opens_the_map(
    nobody: FlaskClient, one_time_address: Callable[[], str]
) -> None:
    answer = nobody.get(one_time_address())
    assert (answer.status_code, answer.location) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert nobody.get("/", headers=PAGE).status_code == 200


def test_the_same_address_does_not_work_twice(
    app_client: Callable[[], FlaskClient], one_time_address: Callable[[], str]
) -> None:
    address = one_time_address()
    app_client().get(address)
    second = app_client()
    assert second.get(address, headers=PAGE).status_code == 401
    assert second.get("/", headers=PAGE).status_code == 303


def test_without_a_session_the_map_says_how_to_get_in(nobody: FlaskClient) -> None:
    answer = nobody.get("/", headers=PAGE)
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert "一次性地址" in nobody.get(answer.location, headers=PAGE).text


def test_an_invented_session_is_nobody(nobody: FlaskClient) -> None:
    nobody.set_cookie("onemap_session", "guess")
    assert nobody.get("/", headers=PAGE).location == "/sign-in"


def test_an_address_of_nonsense_is_refused_like_a_used_one(nobody: FlaskClient) -> None:
    for nonsense in ("%00", "a" * 5000, "%F0%9F%98%80"):
        assert nobody.get(f"/enter?token={nonsense}").status_code == 401
