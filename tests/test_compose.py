"""What the compose file says is what the program knows; nothing here starts a container."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import make_url, text

import gis.settings
from gis.cluster import Cluster
from gis.db import Database
from gis.settings import child_environment, load_settings

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs/compose"
PASSWORD = "0123456789abcdef"


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    stated: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
    return stated["services"]  # type: ignore[no-any-return]


def _filled_in(said: str) -> str:
    """As compose fills in variables where only the password is set."""
    said = said.replace("${ONEMAP_DATABASE_PASSWORD:?set it in the file .env}", PASSWORD)
    return re.sub(r"\$\{\w+:-(\w*)\}", r"\1", said)


def test_every_setting_is_one_that_the_program_reads(services: dict[str, Any]) -> None:
    stated = {name: _filled_in(value) for name, value in services["web"]["environment"].items()}
    read = set(re.findall(r'"(ONEMAP_\w+)"', Path(gis.settings.__file__).read_text()))
    assert set(stated) <= read
    settings = load_settings({**stated, "ONEMAP_STATE_DIR": "/var/lib/onemap"})
    url = make_url(settings.database_url or "")
    database = services["database"]["environment"]
    assert (url.host, url.port) in [(name, 5432) for name in services]
    assert url.database == database["POSTGRES_DB"]
    assert url.password == PASSWORD == _filled_in(database["POSTGRES_PASSWORD"])
    assert settings.request_log == "stdout"
    assert settings.language == "zh"


def test_what_is_set_outside_is_described(services: dict[str, Any]) -> None:
    described = (ROOT / "docs/operation.md").read_text() + (
        ROOT / "docs/architecture.md"
    ).read_text()
    asked = set(re.findall(r"\$\{(\w+)", (FOLDER / "compose.yaml").read_text()))
    assert {name for name in asked if name not in described} == set()
    image = services["database"]["image"]
    assert image in (ROOT / "docs/operation.md").read_text()


def test_the_image_is_built_of_what_is_there(services: dict[str, Any]) -> None:
    build = services["web"]["build"]
    context = (FOLDER / build["context"]).resolve()
    assert context == ROOT
    assert (context / build["dockerfile"]).is_file()
    made = (context / build["dockerfile"]).read_text()
    for inside in re.findall(r"/opt/onemap/([\w./-]+)", made):
        assert (ROOT / inside).is_file(), inside
    # Where the state lies is where the volume is mounted, of which the image says the same.
    [state] = re.findall(r"ONEMAP_STATE_DIR=(\S+)", made)
    assert f"VOLUME {state}\n" in made
    assert services["web"]["volumes"] == [f"state:{state}"]


def test_its_commands_are_commands(services: dict[str, Any]) -> None:
    said = (FOLDER / "Dockerfile").read_text()
    assert services["web"]["command"] == yaml.safe_load(re.findall(r"^CMD (.*)$", said, re.M)[0])
    module = yaml.safe_load(re.findall(r"^ENTRYPOINT (.*)$", said, re.M)[0])[1:]
    done = subprocess.run(
        [sys.executable, *module, *services["web"]["command"], "--help"],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=child_environment(PYTHONPATH=str(ROOT), ONEMAP_LANGUAGE="en"),
    )
    assert done.returncode == 0, done.stderr
    for option in services["web"]["command"]:
        if option.startswith("--"):
            assert option in done.stdout


def test_the_database_takes_its_options(
    services: dict[str, Any], cluster: Cluster, database: Database
) -> None:
    stated = dict(
        option.removeprefix("-c").split("=")
        for option in services["database"]["command"]
        if option.startswith("-c")
    )
    with database.admin().connect() as conn:
        known = set(conn.execute(text("SELECT name FROM pg_settings")).scalars())
    assert set(stated) <= known
    server = cluster.server().program("postgres")
    for name, value in stated.items():
        done = subprocess.run(
            [server, "-D", cluster.data_dir, f"-c{name}={value}", "-C", name],
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr


def test_the_script_of_the_image_is_sound() -> None:
    done = subprocess.run(
        ["/bin/bash", "-n", FOLDER / "install.sh"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    steps = (FOLDER / "install.sh").read_text()
    launcher = (ROOT / "onemap").read_text()
    for step in ("install_environment", "make_browser_libraries"):
        assert step in steps
        assert f"{step}() {{" in launcher
