"""In whatever order dated files of one list are handed in, the register says the same."""

from collections.abc import Sequence
from datetime import date
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from etl.load import LoadOptions, load_file
from gis.db import Database, Role
from tests.conftest import Operator

DAYS = [date(2023 + year, 9, 30) for year in range(4)]
HEADER = "建筑编号,地上层数,建成年份,使用状况,备注"
BLANK = st.just("")
ROW = st.tuples(
    BLANK | st.sampled_from(["3", "4", "5"]),
    BLANK | st.sampled_from(["1990", "1991", "1992"]),
    BLANK | st.sampled_from(["在用", "闲置"]),
    BLANK | st.sampled_from(["甲注", "乙注", "丙注"]),
)
FILES = st.lists(st.lists(ROW, min_size=12, max_size=12), min_size=len(DAYS), max_size=len(DAYS))
"""What each file says of each of twelve buildings: blanks, repetitions and changes."""

# Not by name or address: the buildings of one order would resemble those of the other.
_SAID = """
SELECT right(p.code, 2), b.floors_above, b.year_built, p.use_status, p.remark
FROM place.place AS p JOIN place.building AS b USING (place_id)
WHERE p.code LIKE :codes ORDER BY 1
"""
_series = count()


@settings(
    max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(files=FILES, order=st.permutations(range(len(DAYS))))
def test_the_order_of_dated_files_makes_no_difference(
    city: Database,
    operator: Operator,
    tmp_path: Path,
    files: Sequence[Sequence[Sequence[str]]],
    order: Sequence[int],
) -> None:
    def loaded(which: Sequence[int]) -> list[tuple[object, ...]]:
        series = f"S{next(_series)}"
        for at in which:
            path = tmp_path / f"建筑{series}-{at}.csv"
            rows = [f"{series}-{number:02},{','.join(row)}" for number, row in enumerate(files[at])]
            path.write_text("\n".join((HEADER, *rows, "")), encoding="utf-8")
            options = LoadOptions(any_area=True, as_of=DAYS[at])
            load_file(city, path, token=operator.token, options=options)
        with city.engine(Role.OWNER).connect() as conn:
            found = conn.execute(text(_SAID), {"codes": f"{series}-%"})
            return [tuple(row) for row in found]

    expected = loaded(range(len(DAYS)))
    assert len(expected) == len(files[0])
    assert loaded(order) == expected
