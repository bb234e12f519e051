import logging
import subprocess
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from gis.db import Database
from gis.errors import InputError, NotFound, OneMapError, SourceError
from gis.settings import Settings
from webmap.app import create_app
from webmap.errors import NotSignedIn, outcome_of


def test_every_kind_of_error_has_a_status_and_an_exit_code() -> None:
    def kinds(kind: type[OneMapError]) -> set[type[OneMapError]]:
        return {kind}.union(*(kinds(one) for one in kind.__subclasses__()))

    for kind in kinds(OneMapError) - {OneMapError}:
        error = kind.__new__(kind)
        assert 400 <= outcome_of(error).status < 600
        assert outcome_of(error).exit_code == (1 if outcome_of(error).status >= 500 else 2)


def test_the_nearest_class_decides() -> None:
    assert outcome_of(NotSignedIn("x")).status == 401
    assert outcome_of(SourceError("x", file="a.xlsx")).status == outcome_of(InputError("x")).status
    assert outcome_of(NotFound("x")).status == 404
    assert outcome_of(ZeroDivisionError()).exit_code == 1


@pytest.mark.parametrize(("address", "status"), [("/nowhere", 404), ("/language", 405)])
def test_a_refusal_is_a_problem_document(nobody: FlaskClient, address: str, status: int) -> None:
    answer = nobody.get(address)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["status"] == status


def test_a_person_gets_a_page_in_their_language(nobody: FlaskClient) -> None:
    nobody.set_cookie("onemap_language", "en")
    answer = nobody.get("/nowhere", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "Not found" in answer.text


def test_a_bug_shows_its_number_and_nothing_else(
    tmp_path: Path, web_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    # An application of its own: other tests ask every address of the shared one.
    faulty = create_app(
        Settings(state_dir=tmp_path, database_url=None, language="zh"), web_database
    )
    faulty.add_url_rule("/test-fault", view_func=lambda: 1 / 0)
    with caplog.at_level(logging.ERROR, "onemap"):
        answer = faulty.test_client().get("/test-fault")
    faulty.extensions["onemap_tiles"].watch.close()
    problem = answer.get_json()
    assert answer.status_code == 500
    assert "division" not in answer.text
    assert problem["fault_id"] in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_the_codec_of_host_names_is_there_before_the_first_request() -> None:
    # Imported by two threads at once it is lost for good, and every request fails.
    program = "import sys, webmap.app; print('encodings.idna' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "True"
