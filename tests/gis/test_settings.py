from pathlib import Path

import pytest

from gis.errors import ConfigError
from gis.settings import load_settings


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_a_database_address_is_normalised_to_the_one_driver(scheme: str) -> None:
    settings = load_settings({"ONEMAP_DATABASE_URL": f"{scheme}://clerk:secret@db/onemap"})
    assert settings.database_url == "postgresql+psycopg2://clerk:secret@db/onemap"


@pytest.mark.parametrize("stated", ["mysql://db/onemap", "db.example/onemap"])
def test_an_address_of_something_else_is_refused_and_not_shown(stated: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings({"ONEMAP_DATABASE_URL": stated})
    assert "example" not in str(caught.value)


def test_a_password_does_not_show_in_the_settings() -> None:
    settings = load_settings({"ONEMAP_DATABASE_URL": "postgres://clerk:secret@db/onemap"})
    assert "secret" not in repr(settings)


def test_state_lies_where_the_environment_says() -> None:
    assert load_settings({"ONEMAP_STATE_DIR": "/srv/onemap"}).state_dir == Path("/srv/onemap")


@pytest.mark.parametrize("written", ["Map.example 10.1.2.3", "map.example, 10.1.2.3", " ,"])
def test_the_server_answers_to_loopback_names_and_others_it_is_told(written: str) -> None:
    loopback = ("127.0.0.1", "localhost", "::1")
    assert load_settings({}).allowed_hosts == loopback
    others = ("map.example", "10.1.2.3") if "example" in written.lower() else ()
    assert load_settings({"ONEMAP_ALLOWED_HOSTS": written}).allowed_hosts == (*loopback, *others)


def test_the_folder_of_browser_libraries_can_be_stated() -> None:
    assert load_settings({"ONEMAP_VENDOR_DIR": "/srv/js"}).vendor_dir == Path("/srv/js")


def test_a_map_review_number_is_taken_as_it_is_stated_and_none_is_none() -> None:
    stated = load_settings({"ONEMAP_MAP_REVIEW_NUMBER": " 示例审图号 "})
    assert stated.map_review_number == "示例审图号"
    assert load_settings({"ONEMAP_MAP_REVIEW_NUMBER": ""}).map_review_number is None
    assert load_settings({"ONEMAP_CERTIFICATE_NAME": " 使用权证 "}).certificate_name == "使用权证"
    assert load_settings({}).certificate_name is None
