"""QGIS itself, without a window, reads every collection as its account may."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from flask import Flask
from small_city import City

from assets.registry import LAYERS
from gis.settings import child_environment
from tests.webmap.browser.conftest import served
from tests.webmap.ogc.test_items import in_database

CLIENT = Path(__file__).parent / "qgis_client.py"
BOX = shapely.box(119.745, 31.64, 119.76, 31.66)
"""As in the client."""


@pytest.fixture(scope="module")
def interpreter() -> str:
    """The system's own Python where QGIS is installed for it; onemap's knows nothing of it."""
    found = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    if not found or subprocess.run([found, "-c", "import qgis.core"], check=False).returncode:
        pytest.skip("QGIS is not installed for the system's python3 (Debian: python3-qgis)")
    return found


@pytest.fixture(scope="module")
def address(city_app: Flask) -> Iterator[str]:
    with served(city_app) as reached:
        yield f"{reached}/ogc"


@pytest.mark.parametrize("who", ["everything", "partial"])
def test_qgis_reads_every_collection_as_the_database_has_it(
    who: str, interpreter: str, address: str, city: City, tmp_path: Path
) -> None:
    token = getattr(city, who)
    names = [layer.name for layer in LAYERS]
    done = subprocess.run(
        [interpreter, CLIENT, tmp_path, address, token, *names],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
        env=child_environment(
            QT_QPA_PLATFORM="offscreen", HOME=str(tmp_path), XDG_RUNTIME_DIR=str(tmp_path),
            NO_PROXY="127.0.0.1", no_proxy="127.0.0.1", PYTHONPATH="",
        ),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert list(found) == names
    for name, read in found.items():
        held = in_database(city, token, name)
        assert read["is_valid"], (name, done.stderr)
        wanted = {row["said"]["code"]: row["wkt"] for row in held.values()}
        assert set(read["shapes"]) == set(wanted), name
        for code, wkt in wanted.items():
            if wkt is None:
                assert read["shapes"][code] is None
                continue
            here, there = shapely.from_wkt(wkt), shapely.from_wkt(read["shapes"][code])
            assert shapely.hausdorff_distance(here.normalize(), there.normalize()) < 1e-9
        inside = {
            code for code, wkt in wanted.items() if wkt and shapely.from_wkt(wkt).intersects(BOX)
        }
        assert inside <= set(read["in_box"]) <= set(wanted), name
