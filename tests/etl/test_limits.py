"""The operator sets how much of a file onemap takes in."""

from pathlib import Path

import pytest

from etl.limits import Limits
from etl.read import read_source
from etl.set_limits import usual_limits
from gis.errors import ConfigError, SourceError


def test_without_a_word_the_ceilings_are_those_of_a_province() -> None:
    assert usual_limits() == Limits()


def test_a_setting_of_the_environment_is_what_a_file_is_held_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("编号,名称\n" + "\n".join(f"{n},楼" for n in range(30)), encoding="utf-8")
    assert read_source(file)
    monkeypatch.setenv("ONEMAP_FILE_ROWS", "20")
    with pytest.raises(SourceError) as refused:
        read_source(file)
    assert refused.value.key == "load.too_many_rows"
    monkeypatch.setenv("ONEMAP_FILE_ROWS", "many")
    with pytest.raises(ConfigError):
        read_source(file)
