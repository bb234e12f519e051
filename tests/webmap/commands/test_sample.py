import json
from pathlib import Path

import pytest

from webmap.cli import run


@pytest.fixture(autouse=True)
def _state_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def test_sample_answers_with_one_line_of_json(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "city"
    assert run(["sample", str(folder), "--scale", "0.05", "--json"]) == 0
    answer = capfd.readouterr().out
    assert answer.count("\n") == 1
    assert json.loads(answer)["central_area_m2"] == "46000.00"
    assert (folder / "manifest.json").exists()


def test_a_scale_out_of_range_ends_with_two_and_writes_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "city"
    assert run(["sample", str(folder), "--scale", "0"]) == 2
    assert "0.05" in capfd.readouterr().err
    assert not folder.exists()
