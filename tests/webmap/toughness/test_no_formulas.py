"""A register in which every text is a formula: no file that is handed out runs one.

Which files there are is read from `/openapi.json`; a new one is tried by itself.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest
from everybody import OPERATOR, Everybody, everybody
from office import Office
from sqlalchemy import Connection, Table, Text, text
from sqlalchemy.exc import DBAPIError
from werkzeug.test import TestResponse

from assets.estate.actions import Party, record_holding, refresh_derived
from assets.estate.model import HoldingKind
from assets.registry import LAYERS, METADATA, report_names
from etl.export.layers import FORMATS
from gis.cluster import Cluster
from gis.db import Database, Role, transaction
from gis.organizations.search import refresh_body_texts
from gis.places.actions import touch
from gis.settings import Settings
from tests.conftest import Operator
from webmap.views.openapi import PATHS

NAME: Final = "onemap_no_formulas"
PRINTED: Final = (
    "=cmd|' /C calc'!A0", "=1+1", '=HYPERLINK("http://evil.example")', "+1+1", "-2+3", "@SUM(1+1)",
    "＝1+1", "＋1", "－1", "＠SUM",
)  # fmt: skip
LED: Final = ("\t=1+1", "\r=1+1", "\n=1+1")
RUN: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
SCHEMAS: Final = ("place", "organization", "estate", "campaign", "requests")
WORDS_OF_OURS: Final = frozenset(
    [
        "admin_area_code",
        "area_kind",
        "colour",
        "exclusive_group",
        "extent",
        "field",
        "form",
        "kind",
        "late_policy",
        "level",
        "list",
        "located_by",
        "geom_source",
        "method",
        "ownership_status",
        "parent_term",
        "report",
        "rule_source",
        "ruling",
        "source",
        "state",
        "statistics_code",
        "term",
        "unexplained_policy",
        "use_status",
        "winner",
        "register",
    ]
)
"""Columns that hold no text of a person's, but a word that the program chose."""
SHEETS: Final = {
    "text/csv", "application/zip",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
_AS_IT_CAME: Final = "hands back what was handed in, untouched"
OTHERS: Final = {
    "/api/attachments/{attachment_id}": _AS_IT_CAME,
    "/archive/files/{archive_file_id}": _AS_IT_CAME,
}
_QUESTIONS: Final = [
    {"question": "vacant", "query": {"least_m2": "0"}},
    {"question": "vacant", "query": {"least_m2": "0", "together": "building"}},
    {"question": "scattered", "query": {"more_than": "0"}},
    {"question": "underused", "query": {"below_percent": "100"}},
    {"question": "leased_in", "query": {"within_m": "3000"}},
]
CALLS: Final[dict[str, list[dict[str, Any]]]] = {
    "/api/layers/{layer_name}/export": [
        {"layer_name": layer.name, "format": ending} for layer in LAYERS for ending in FORMATS
    ],
    "/api/reports/{name}.xlsx": [{"name": name} for name in report_names()],
    "/api/loads/{load_id}/issues.{ending}": [{"ending": "xlsx"}, {"ending": "csv"}],
    "/redeployment/questions/{question}.xlsx": _QUESTIONS,
    "/redeployment/questions/{question}.csv": _QUESTIONS,
}
"""What is asked for of one address; of the others, what `everybody` has.

Of a `query` each answer holds texts.
"""
_REQUEST: Final = """
INSERT INTO requests.request
  (number, item, state, organization_id, reason, bureau_cell, rights_cell)
SELECT '1', 'lease', 'draft', o.organization_id, '事由',
  rights.cell_for(NULL, NULL, CAST(0 AS smallint)),
  rights.cell_for(o.organization_id, NULL, CAST(0 AS smallint))
FROM organization.organization AS o ORDER BY o.organization_id LIMIT 1"""
_CERTIFICATE: Final = """
WITH made AS (
  INSERT INTO certificates.certificate
    (place_id, holder_id, number, called, issuer, issued_on, valid_from, rights_cell)
  SELECT p.place_id, o.organization_id, '1', '使用凭证', '发证机关', DATE '2025-01-01',
    DATE '2025-01-01', p.rights_cell
  FROM (SELECT place_id, rights_cell FROM place.place WHERE kind = 'building'
        ORDER BY place_id LIMIT 1) AS p,
    (SELECT organization_id FROM organization.organization ORDER BY 1 LIMIT 1) AS o
  RETURNING certificate_id, issued_on, rights_cell
)
INSERT INTO certificates.edition
  (certificate_id, edition, kind, since, holder_name, content_sha256, rights_cell)
SELECT certificate_id, 1, 'issued', issued_on, '单位', sha256(''), rights_cell FROM made"""
FILES: Final = [
    (path, method)
    for path, methods in PATHS.items()
    for method, said in methods.items()
    if path not in OTHERS
    and {*SHEETS, "*/*"} & set(said["responses"].get("200", {}).get("content", {}))
]


@pytest.fixture(scope="module")
def spoilt(
    make_database: Callable[[str], Database],
    cluster: Cluster,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Everybody]:
    folder = Path(tmp_path_factory.mktemp("state"))
    with everybody(make_database, NAME, folder) as made:
        database = made.bureau.database
        token = made.callers[OPERATOR]["Cookie"].partition("=")[2]
        file = folder / "楼栋.csv"
        _write(file)
        with transaction(database.engine(Role.OWNER), None) as conn:
            account_id = conn.execute(
                text("SELECT account_id FROM rights.account WHERE name = 'test operator'")
            ).scalar_one()
        settings = Settings(state_dir=folder, database_url=None, language="zh")
        url = cluster.url(database=NAME).render_as_string(hide_password=False)
        office = Office(database, Operator(account_id, token), settings, url)
        numbers = dict(made.numbers)
        try:
            numbers |= _worked(made, office, file)
        finally:
            for worker in office.workers:
                worker.kill()
                worker.wait()
        with transaction(database.engine(Role.OWNER), None) as conn:
            conn.execute(text(_REQUEST))
            conn.execute(text(_CERTIFICATE))
            _use_rooms(conn, made.bureau.city.ids)
            spoil(conn)
        # A report is frozen with them, and they are others afterwards.
        frozen = made.browser().post(
            f"/campaigns/{numbers['campaign_id']}/close",
            json={"version": 1, "remark": PRINTED[0]},
            headers=dict(made.callers[OPERATOR]),
        )
        assert frozen.status_code == 200, frozen.text
        with transaction(database.engine(Role.OWNER), None) as conn:
            spoil(conn, 1)
        yield Everybody(made.app, made.bureau, made.callers, numbers)


def _write(file: Path, shift: int = 0) -> None:
    """Buildings whose every word is a formula, half of them with a mistake that is told."""
    every = (*PRINTED, *LED)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["楼栋编号", "楼栋名称", "地址", "建筑面积", "备注", "=cmd()"])
        for at, code in enumerate(every):
            said = every[(at + shift) % len(every)]
            area = said if at % 2 else "12.5"
            writer.writerow([f"{code}{at}", said, said, area, said, said])


def _done(office: Office, job_id: int) -> Any:
    """The job, done; each of its files is read in processes that start anew, on a busy machine."""
    with suppress(AssertionError):
        office.wait(job_id)
    ended = office.wait(job_id)
    assert ended.state == "done", ended
    return ended


def _worked(made: Everybody, office: Office, file: Path) -> dict[str, int]:
    """Files that only a worker makes: what a load would change, and a marked workbook."""
    client = made.browser()
    headers = dict(made.callers[OPERATOR])

    def post(path: str, **sent: Any) -> Any:
        answer = client.post(path, headers=headers, **sent)
        assert answer.status_code < 300, answer.text
        return answer.get_json()

    office.start_worker()
    sent = post("/api/uploads", data={"file": (io.BytesIO(file.read_bytes()), "楼栋.csv")})
    upload_id = sent["upload_id"]
    options = {"any_area": True}
    _done(office, sent["job_id"])  # looked at because it was handed in
    loaded = _done(office, post(f"/api/imports/{upload_id}/load", json=options)["job_id"])
    load_id = loaded.result["load_id"]
    _done(office, post(f"/api/loads/{load_id}/marked")["job_id"])
    _write(file, 1)  # the same buildings under other names
    again = post("/api/uploads", data={"file": (io.BytesIO(file.read_bytes()), "楼栋二.csv")})
    _done(office, again["job_id"])
    return {"upload_id": again["upload_id"], "load_id": load_id}


def _use_rooms(conn: Connection, ids: Mapping[str, int]) -> None:
    """A body has one room of its site, so that the others are nobody's; one leases beside them."""
    held = (
        ("room 0.1.0", HoldingKind.OCCUPIES, "agency 0"),
        ("building 0.1", HoldingKind.LEASES_IN, "agency 1"),
    )
    for place, kind, body in held:
        record_holding(conn, place_id=ids[place], kind=kind, parties=[Party(ids[body])])


def spoil(conn: Connection, shift: int = 0) -> None:
    """Puts formulas into every column that takes texts, and derives anew what rests on them.

    Args:
        shift: With another number every row gets another formula.
    """
    for table in METADATA.sorted_tables:
        if table.schema in SCHEMAS and table.info.get("history", True):
            for column in _texts(table):
                _put(conn, table, column, shift)
    touch(conn, conn.execute(text("SELECT place_id FROM place.place")).scalars().all())
    refresh_derived(conn)
    refresh_body_texts(conn)


def _texts(table: Table) -> Iterator[str]:
    for column in table.columns:
        is_word = column.name in WORDS_OF_OURS or "Term " in (column.comment or "")
        if isinstance(column.type, Text) and not column.foreign_keys and not is_word:
            yield column.name


def _put(conn: Connection, table: Table, column: str, shift: int) -> None:
    """Another formula in each row; only printed ones where the table refuses the others."""
    key = " AND ".join(f"t.{one.name} = s.{one.name}" for one in table.primary_key.columns)
    keys = ", ".join(one.name for one in table.primary_key.columns)
    update = (
        f"UPDATE {table.fullname} AS t"
        f" SET {column} = (CAST(:texts AS text[]))[1 + (n + :shift) % :count] || n"
        f" FROM (SELECT {keys}, (row_number() OVER (ORDER BY {keys}))::integer AS n"
        f"       FROM {table.fullname}) AS s WHERE {key}"
    )
    for texts in ((*PRINTED, *LED), PRINTED):
        try:
            with conn.begin_nested():
                conn.execute(
                    text(update), {"texts": list(texts), "count": len(texts), "shift": shift}
                )
            return
        except DBAPIError:
            continue


def test_every_way_out_that_makes_sheets_is_tried() -> None:
    assert ("/api/layers/{layer_name}/export", "post") in FILES
    assert len(FILES) >= 9
    assert set(CALLS) | set(OTHERS) <= set(PATHS)


@pytest.mark.parametrize(("path", "method"), FILES)
def test_no_file_runs_what_somebody_wrote(spoilt: Everybody, path: str, method: str) -> None:
    texts = 0
    for more in CALLS.get(path, [{}]):
        address = path
        for name in re.findall(r"\{(\w+)\}", path):
            address = address.replace(
                f"{{{name}}}", more.get(name, "") or spoilt.path(f"{{{name}}}")
            )
        headers = {**spoilt.callers[OPERATOR], "Accept-Encoding": "identity"}
        sent = {"json": {"format": more["format"]}} if "format" in more else {}
        answer = spoilt.browser().open(
            address, method=method.upper(), headers=headers, query_string=more.get("query"), **sent
        )
        assert answer.status_code == 200, (address, answer.text)
        found = look_at(_name(answer), answer.data)
        assert found or "query" not in more, (address, more, "no text of anybody's is in it")
        texts += found
        answer.close()
    assert texts > 0, "no text of anybody's is in it"


def _name(answer: TestResponse) -> str:
    said = answer.headers["Content-Disposition"]
    return re.search(r"filename\*?=\"?(?:UTF-8'')?([^\";]+)", said)[1]  # type: ignore[index]


def look_at(name: str, content: bytes) -> int:
    """How many texts of the file would run elsewhere; fails for one that runs here."""
    if name.endswith(".xlsx"):
        return _look_at_workbook(content)
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return sum(look_at(one, archive.read(one)) for one in archive.namelist())
    if name.endswith(".csv"):
        return _look_at_csv(content)
    return 0


def _look_at_workbook(content: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for part in archive.namelist():
            assert not part.startswith(("xl/externalLinks", "xl/vbaProject")), part
            if part.startswith("xl/worksheets/") and part.endswith(".xml"):
                assert not re.search(rb"<f[ />]", archive.read(part)), part
    found = 0
    for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (sheet.title, cell.coordinate, cell.value)
                found += isinstance(cell.value, str) and cell.value.startswith(RUN)
    return found


def _look_at_csv(content: bytes) -> int:
    found = 0
    for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        for cell in row:
            assert not cell.startswith(RUN) or _is_number(cell), cell
            found += cell.startswith("'") and cell[1:].startswith(RUN)
    return found


def _is_number(cell: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", cell))
