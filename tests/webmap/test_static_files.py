import gzip
import json
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gis.i18n import catalogue
from gis.settings import Settings
from webmap.language import SCRIPT_PREFIX
from webmap.static_files import OWN_DIR, vendor_dir
from webmap.vendor import ROOT, STAMP, is_built, lock_digest

TEMPLATES = OWN_DIR.parent / "templates"
SCRIPTS = sorted((OWN_DIR / "js").glob("*.js"))


def test_files_of_this_generation_are_kept_for_ever(client: FlaskClient) -> None:
    page = client.get("/", headers={"Accept": "text/html"}).text
    address = re.search(r'src="(/static/[^"]+/js/main.js)"', page)
    assert address
    answer = client.get(address[1], headers={"Accept-Encoding": "gzip"})
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.mimetype == "text/javascript"
    assert gzip.decompress(answer.data) == (OWN_DIR / "js/main.js").read_bytes()
    assert client.get("/static/0/js/main.js").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["../gis/settings.py", "js/../../__init__.py", "vendor/../../x"])
def test_no_path_leads_out_of_the_folder(nobody: FlaskClient, name: str) -> None:
    assert nobody.get(f"/static/0/{name}").status_code == 404


def test_scripts_and_styles_name_no_other_host() -> None:
    for path in [*SCRIPTS, *(OWN_DIR / "css").glob("*.css")]:
        hosts = re.findall(r"https?://[^\s\"'`]+", path.read_text(encoding="utf-8"))
        assert [one for one in hosts if not one.startswith("http://www.w3.org/")] == [], path.name


def test_no_form_puts_what_was_written_into_an_address() -> None:
    """One that a script sends, sent before the script has come, would be asked for with GET.

    A day, or a choice from a list or of boxes, is no secret and belongs in the address of a page
    that shows it; so does what is searched for.
    """
    for page in sorted(TEMPLATES.rglob("*.html")):
        for form, fields in re.findall(
            r"(<form\b[^>]*>)(.*?)</form>", page.read_text("utf-8"), re.S
        ):
            kinds = re.findall(r'<input\b[^>]*type="(\w+)"', fields)
            is_typed = len(kinds) == fields.count("<input")
            is_choice = is_typed and {*kinds} <= {"date", "hidden", "checkbox"}
            if 'method="get"' in form and (is_choice or 'role="search"' in form):
                assert not re.search(r"<textarea\b|data-(?:post|upload)", form + fields)
                continue
            wanted = "dialog" if "data-post" in form or "data-upload" in form else "post|dialog"
            assert re.search(f'method="(?:{wanted})"', form), f"{page.name}: {form}"


def test_scripts_speak_only_through_the_catalogue() -> None:
    for path in [*SCRIPTS, *TEMPLATES.glob("*.html")]:
        code = re.sub(r"/\*.*?\*/|//.*", "", path.read_text(encoding="utf-8"), flags=re.S)
        allowed = code.replace(">图<", "").replace("'中文'", "")
        allowed = re.sub(r'"[亿万]"', "", allowed)
        assert re.findall(r"[\u4e00-\u9fff]+", allowed) == [], path.name


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_message_a_script_or_page_asks_for_exists(language: str) -> None:
    messages = catalogue(language)
    asked = {
        f"{SCRIPT_PREFIX}{key}"
        for path in SCRIPTS
        for key in re.findall(r'\bt\("([\w.]+)"', path.read_text(encoding="utf-8"))
    }
    for path in TEMPLATES.glob("*.html"):
        asked |= set(re.findall(r"say\('([\w.]+)'\)", path.read_text(encoding="utf-8")))
    assert len(asked) > 50
    assert {key for key in asked if key not in messages} == set()


def test_both_languages_say_the_same_things() -> None:
    assert set(catalogue("zh")) == set(catalogue("en"))


def test_the_lock_leaves_the_registry_open() -> None:
    lock = (ROOT / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert all("integrity" in one for name, one in json.loads(lock)["packages"].items() if name)


def test_a_stamp_of_another_lock_is_not_current(tmp_path: Path) -> None:
    (tmp_path / STAMP).write_text(json.dumps({"digest": "old"}))
    assert not is_built(tmp_path)
    (tmp_path / STAMP).write_text(json.dumps({"digest": lock_digest()}))
    assert is_built(tmp_path)


def test_the_stated_folder_of_libraries_wins(app: Flask, tmp_path: Path) -> None:
    settings = Settings(
        state_dir=tmp_path, database_url=None, language="zh", vendor_dir=tmp_path / "libraries"
    )
    assert vendor_dir(settings) == tmp_path / "libraries"
