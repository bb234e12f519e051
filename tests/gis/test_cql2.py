"""CQL2 text and JSON make one tree; what is none is refused with a sentence, however deep."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.cql2.tree import DEEPEST, LONGEST, Tree, parse_json
from gis.cql2.written import parse_text
from gis.errors import InputError
from tests.etl.test_real_data import CONFORMANCE

EXAMPLES = CONFORMANCE / "cql2_ogc" / "examples"
needs_examples = pytest.mark.skipif(
    not EXAMPLES.is_dir(), reason="the examples of the standard are not here"
)


def names(folder: str, ending: str) -> list[str]:
    return sorted(path.stem for path in (EXAMPLES / folder).glob(f"*{ending}"))


@needs_examples
@pytest.mark.parametrize("name", names("text", ".txt"))
def test_every_example_of_the_standard_parses_to_the_tree_of_its_twin(name: str) -> None:
    tree = parse_text((EXAMPLES / "text" / f"{name}.txt").read_text("utf-8"))
    twin = EXAMPLES / "json" / f"{name}.json"
    # Eleven are another way to write an example, and have no twin of their own.
    other = EXAMPLES / "json" / f"{name.partition('-')[0]}.json"
    assert twin.exists() or "-alt" in name
    if twin.exists():
        assert tree == parse_json(twin.read_text("utf-8"))
    elif name not in {"example40-alt01"}:
        assert tree == parse_json(other.read_text("utf-8"))


@needs_examples
@pytest.mark.parametrize("name", names("json", ".json"))
def test_every_example_in_json_is_its_own_tree(name: str) -> None:
    written = (EXAMPLES / "json" / f"{name}.json").read_text("utf-8")
    said = json.loads(written.replace(".000000Z", "Z"))
    assert parse_json(written) == said


@pytest.mark.parametrize(
    ("written", "tree"),
    [
        ("a = 'it''s'", {"op": "=", "args": [{"property": "a"}, "it's"]}),
        (r"a = 'it\'s'", {"op": "=", "args": [{"property": "a"}, "it's"]}),
        ("名称 = '楼'", {"op": "=", "args": [{"property": "名称"}, "楼"]}),
        ("a=9007199254740993", {"op": "=", "args": [{"property": "a"}, 9007199254740993]}),
        ("a\u3000!=\u00a01", {"op": "<>", "args": [{"property": "a"}, 1]}),
        ("not not a", {"op": "not", "args": [{"op": "not", "args": [{"property": "a"}]}]}),
        ("f(('x'))", {"op": "f", "args": [["x"]]}),
        ("f()", {"op": "f", "args": []}),
        ("f((a)+1)", {"op": "f", "args": [{"op": "+", "args": [{"property": "a"}, 1]}]}),
        ("a -1 > .5", {"op": ">", "args": [{"op": "-", "args": [{"property": "a"}, 1]}, 0.5]}),
        ("z(1)", {"op": "z", "args": [1]}),
        ("Z = 1", {"op": "=", "args": [{"property": "Z"}, 1]}),
        ("POINT Z(1 2 3)", {"type": "Point", "coordinates": [1, 2, 3]}),
    ],
)
def test_what_words_mean(written: str, tree: Tree) -> None:
    assert parse_text(written) == tree


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("", "cql2.ends_early"),
        ("a =", "cql2.ends_early"),
        ("a = 'x", "cql2.not_understood"),
        ("a = 1 garbage", "cql2.not_understood"),
        ("a == 1", "cql2.not_understood"),
        ("a = 1; DROP TABLE x", "cql2.not_understood"),
        ("a NOT = 1", "cql2.not_understood"),
        ("a IN ()", "cql2.not_understood"),
        ("and = 1", "cql2.not_understood"),
        ("2^3^4 = 1", "cql2.not_understood"),
        ("a = NULL", "cql2.not_understood"),
        ("DATE(a) = 1", "cql2.not_understood"),
        ("a = 1e999", "cql2.strange"),
        (f"a = {'9' * 100}", "cql2.not_understood"),
        ("INTERVAL('..') = 1", "cql2.strange"),
        ("f(BBOX(1,2,3))", "cql2.strange"),
        ("f(POLYGON((0 0,1 0,1 1,0 1)))", "cql2.no_shape"),
        ("f(LINESTRING(0 0))", "cql2.no_shape"),
        ("f(POINT(1))", "cql2.not_understood"),
        ("NOT " * 4_000 + "a=1", "cql2.too_deep"),
        ("NOT " * 10_000 + "a=1", "cql2.too_long"),
        ("(" * 9_000 + "a=1" + ")" * 9_000, "cql2.too_deep"),
        ("(" * 9_000, "cql2.too_deep"),
        ("f((" * 3_000, "cql2.too_deep"),
        ("a = " + "-" * 9_000 + "1", "cql2.not_understood"),
        ("a = " + "1+" * 9_000 + "1", "cql2.too_deep"),
        ("x" * (LONGEST + 1), "cql2.too_long"),
    ],
)
def test_what_is_no_filter_is_refused(written: str, key: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_text(written)
    assert refused.value.key == key


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("", "cql2.not_json"),
        ("{", "cql2.not_json"),
        ("null", "cql2.strange"),
        ('{"op": "=", "args": [NaN, 1]}', "cql2.not_json"),
        ('{"op": "=", "args": [1e999, 1]}', "cql2.strange"),
        (f'{{"op": "=", "args": [{"9" * 5000}, 1]}}', "cql2.not_json"),
        ('{"op": "=", "args": ["\\ud800", 1]}', "cql2.not_json"),
        ('{"op": 5, "args": []}', "cql2.strange"),
        ('{"function": {"name": "x"}}', "cql2.strange"),
        ('{"type": "Point", "coordinates": ["1", 2]}', "cql2.no_shape"),
        ('{"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]}', "cql2.no_shape"),
        ('{"type": "Circle", "coordinates": []}', "cql2.no_shape"),
        ('{"type": "MultiPoint", "coordinates": 5}', "cql2.no_shape"),
        ("[" * 9_000 + "]" * 9_000, "cql2.too_deep"),
        ('{"op":"not","args":[' * 900 + "true" + "]}" * 900, "cql2.too_deep"),
        ('{"op":"not","args":[' * 200 + "true" + "]}" * 200, "cql2.too_deep"),
    ],
)
def test_json_that_is_no_filter_is_refused(written: str, key: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_json(written)
    assert refused.value.key == key


def test_what_is_as_deep_as_allowed_is_read() -> None:
    inner = "(" * (DEEPEST - 1) + "a=1" + ")" * (DEEPEST - 1)
    assert parse_text(inner) == parse_text("a=1")
    assert parse_text("NOT " * (DEEPEST - 1) + "a=1")


@pytest.mark.parametrize("part", ["(", "f(", "f((", "(a + ", "NOT (", "CASEI(", "(a) LIKE (", "-("])
def test_an_early_end_is_found_without_trying_again(part: str) -> None:
    # Trying each bracket twice would double with each of them, and never come to an end.
    with pytest.raises(InputError) as refused:
        parse_text(part * (DEEPEST // 2 - 1))
    assert refused.value.key == "cql2.ends_early"


@given(st.text(alphabet="ab'\"()<>=, 1.-+*/^%ANDORNOTLIKEINZ\\", max_size=60))
def test_any_text_is_read_or_refused(written: str) -> None:
    try:
        tree = parse_text(written)
    except InputError:
        return
    assert parse_json(json.dumps(tree)) == tree


@needs_examples
def test_the_examples_are_all_there() -> None:
    assert (len(names("text", ".txt")), len(names("json", ".json"))) == (120, 109)
