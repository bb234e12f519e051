"""The translation catalogue is complete: every key in both languages, every used key a message."""

import ast
import re
from pathlib import Path

from gis.i18n import catalogue, catalogue_files

ROOT = Path(__file__).parents[2]
PACKAGES = ("gis", "assets", "etl", "webmap")
SPEAKING = {
    "InputError", "NotFound", "Conflict", "Forbidden", "SourceError", "ConfigError", "translate",
    "say",
}  # fmt: skip
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")


def _used_keys() -> dict[str, str]:
    used: dict[str, str] = {}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name not in SPEAKING:
                    continue
                for argument in node.args[:2]:
                    value = getattr(argument, "value", None)
                    if isinstance(value, str) and KEY.fullmatch(value):
                        used[value] = f"{path.relative_to(ROOT)}:{node.lineno}"
    return used


def test_both_languages_say_the_same_things() -> None:
    chinese, english = catalogue("zh"), catalogue("en")
    assert chinese
    assert set(chinese) == set(english)


def test_catalogues_hold_nothing_but_messages() -> None:
    # Readers of catalogues pass over lines they do not know, such as the marks of a conflict.
    message = re.compile(r'(msgid |msgstr )?".*"|#.*|')
    strange = {
        f"{path.relative_to(ROOT)}:{number}": line
        for language in ("zh", "en")
        for path in catalogue_files(language)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if not message.fullmatch(line)
    }
    assert strange == {}


def test_every_key_in_code_has_a_message() -> None:
    used = _used_keys()
    assert used
    assert {key: where for key, where in used.items() if key not in catalogue("zh")} == {}


def test_both_languages_name_the_same_values() -> None:
    def named(language: str, key: str) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", catalogue(language)[key]))

    assert [key for key in catalogue("zh") if named("zh", key) != named("en", key)] == []


def test_english_has_no_chinese_left() -> None:
    # Terms that have no English name, such as the marks on maps, are quoted as they stand.
    quoted = re.compile(r"[(（“\"'][^)）”\"']*[\u4e00-\u9fff][^)）”\"']*[)）”\"']")
    left = {
        key: message
        for key, message in catalogue("en").items()
        if re.search(r"[\u4e00-\u9fff]", quoted.sub("", message))
    }
    assert left == {}
