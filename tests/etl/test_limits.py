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


def test_a_million_rows_are_read_to_the_last_within_the_ceilings(tmp_path: Path) -> None:
    path = tmp_path / "楼栋.csv"
    lines = (f"B{n:07d},{n}号楼,{n % 900}.5\n" for n in range(1, 1_000_001))
    with path.open("w", encoding="gb18030") as file:
        file.write("楼栋编号,楼栋名称,建筑面积\n")
        file.writelines(lines)
    [grid] = read_source(path).grids
    assert len(grid.cells) == 1_000_001
    assert grid.cells.iloc[-1, 0] == "B1000000"
