"""Every message gets the values it names where code says it, so no sentence has a gap."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from gis.i18n import catalogue

ROOT = Path(__file__).parents[2]
PACKAGES = ("gis", "assets", "etl", "webmap")
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
SPOTS = {"file", "sheet", "row", "column"}
SPEAKING = {
    "InputError": 0, "NotFound": 0, "Conflict": 0, "Forbidden": 0, "SourceError": 0,
    "ConfigError": 0, "NotSignedIn": 0, "say": 0, "text": 0, "progress": 0, "Phrase": 0,
    "translate": 1,
}  # fmt: skip
"""What says a message, and the place of the key among its arguments."""


def _calls() -> Iterator[tuple[str, ast.Call]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def _keys(node: ast.expr | None) -> list[str]:
    """The keys an expression can be: one, or one of two."""
    if isinstance(node, ast.IfExp):
        return _keys(node.body) + _keys(node.orelse)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value] if node.value in catalogue("zh") else []
    return []


def _named(key: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", catalogue("zh")[key]))


def _written(node: ast.expr | None) -> set[str] | None:
    """The keys of a dictionary, or of the first of several; null when code makes them."""
    if isinstance(node, ast.List | ast.Tuple) and node.elts:
        return _written(node.elts[0])
    if isinstance(node, ast.ListComp):
        return _written(node.elt)
    if not isinstance(node, ast.Dict):
        return None if node is not None else set()
    if not all(isinstance(key, ast.Constant) for key in node.keys):
        return None
    return {str(key.value) for key in node.keys if isinstance(key, ast.Constant)}


def _given(call: ast.Call, name: str) -> set[str] | None:
    """The values a speaking call gives; null when it passes on what it was given."""
    names = {one.arg for one in call.keywords}
    if None in names:
        return None
    if name == "Phrase":
        return _written(call.args[1] if len(call.args) > 1 else None)
    return {str(one) for one in names} | (SPOTS if name == "SourceError" else set())


def _said() -> Iterator[tuple[str, str, set[str] | None]]:
    """Where, which key, and the values given to it (null when they are not written there)."""
    for where, call in _calls():
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        named = {one.arg: one.value for one in call.keywords}
        if name in SPEAKING and len(call.args) > SPEAKING[name]:
            for key in _keys(call.args[SPEAKING[name]]):
                yield where, key, _given(call, name)
        elif "rule" in named and (name == "add" or "params" in named):
            for key in _keys(named["rule"]):
                yield where, key, _written(named.get("params"))


def test_code_gives_a_message_every_value_it_names() -> None:
    said = list(_said())
    assert len(said) > 100
    short = [
        f"{where} {key} lacks {', '.join(sorted(_named(key) - given))}"
        for where, key, given in said
        if given is not None and _named(key) - given
    ]
    assert short == []


def test_a_rule_named_in_sql_or_by_a_reader_gets_its_values_there_or_needs_none() -> None:
    """SQL gives values as `jsonb_build_object('name', ...)`; a reader of cells in a dict."""
    lacking: set[str] = set()
    count = 0
    for path in sorted((ROOT / "etl").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            keys: set[str] = set()
            given: set[str] = set()
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                keys = set(re.findall(r"'([a-z_]+\.[a-z_.]+)'", node.value))
                if "jsonb_build_object" in node.value:
                    given = set(re.findall(r"'(\w+)',", node.value))
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Read":
                keys = {key for one in node.args[1:] for key in _keys(one)}
                named = [one for one in node.args[2:] if isinstance(one, ast.Dict)]
                given = {
                    str(key.value)
                    for one in named
                    for key in one.keys
                    if isinstance(key, ast.Constant)
                }
            keys &= set(catalogue("zh"))
            count += len(keys)
            lacking |= {key for key in keys if _named(key) - given}
    assert count > 30
    assert lacking == set()
