"""What of an address or a name tells one place from another, in SQL, the same for both sides.

House and building numbers are never similar: 12号 is not 21号, 3号楼 is not 4号楼. They are
taken out as `numbers` and compared as they are; the rest is text, of which there are several
spellings.
"""

from typing import Final

_DIGITS: Final = ("'〇零一二三四五六七八九两'", "'001234567892'")
_ONES: Final = "[一二三四五六七八九]"
_TENS: Final = (
    (rf"({_ONES})十({_ONES})", r"\1\2"),
    (rf"({_ONES})十", r"\10"),
    (rf"十({_ONES})", r"1\1"),
    ("十", "10"),
)
_HUNDREDS: Final = (("([0-9])百([0-9][0-9])", r"\1\2"), ("([0-9])百", r"\100"))
_NO_STREET: Final = "0-9路街巷弄"
_AREAS: Final = (
    rf"^[^{_NO_STREET}]{{1,6}}?(?:省|自治区)",
    rf"^[^{_NO_STREET}]{{2,5}}?市",
    rf"^[^{_NO_STREET}]{{1,5}}?[^小社园厂库校景片矿林0-9](?:区|县|旗)",
    rf"^[^{_NO_STREET}]{{1,6}}?(?:街道|镇|乡)",
)
"""Province, city, district, township: half of all writers leave them out. A 小区 is none."""
_MARKS: Final = r"[[:punct:][:space:]，。、；：（）【】“”‘’]+"
_TELLING: Final = "甲乙丙丁戊己庚辛"
_GENERIC: Final = (
    "(?:办公大楼|办公楼|办公用房|办公区|综合楼|业务楼|大楼|大厦|大院|院落|房产|本部|机关|号楼|号"
    "|幢|栋|座|楼|院)+$"
)
_BUILDING_WORDS: Final = "(?:号楼|号|號|幢|栋|座|楼)"

DIRECTIONS: Final = "东西南北中前后左右"
"""延陵西路 is not 延陵东路, though three characters of four agree."""


def plain(sql: str) -> str:
    """One width, one case, no blanks."""
    return f"lower(regexp_replace(normalize({sql}, NFKC), '\\s+', '', 'g'))"


def folded(sql: str) -> str:
    """A plain text with Chinese numerals as digits."""
    tens = sql
    for pattern, instead in _TENS:
        tens = f"regexp_replace({tens}, '{pattern}', '{instead}', 'g')"
    digits = (
        f"translate(CASE WHEN position('十' IN {sql}) > 0 THEN {tens} ELSE {sql} END,"
        f" {', '.join(_DIGITS)})"
    )
    hundreds = digits
    for pattern, instead in _HUNDREDS:
        hundreds = f"regexp_replace({hundreds}, '{pattern}', '{instead}', 'g')"
    return f"CASE WHEN position('百' IN {sql}) > 0 THEN {hundreds} ELSE {digits} END"


def without_areas(sql: str) -> str:
    """A folded address without the areas it lies in."""
    bare = sql
    for pattern in _AREAS:
        bare = f"regexp_replace({bare}, '{pattern}', '')"
    return f"CASE WHEN {sql} ~ '[省市区县旗道镇乡]' THEN {bare} ELSE {sql} END"


def numbers(sql: str) -> str:
    """Numbers, single letters and 甲乙丙 of a folded text, in order, each behind a comma."""
    return f"rtrim(regexp_replace({sql}, '(?:[a-z][a-z]+|[^0-9a-z{_TELLING}])+', ',', 'g'), ',')"


def street(sql: str) -> str:
    """What stands before the first number; in a text that begins with one, all its letters."""
    before = f"regexp_replace(substring({sql} from '^[^0-9]*'), '{_MARKS}', '', 'g')"
    letters = f"regexp_replace({sql}, '[0-9]+|{_MARKS}', '', 'g')"
    return f"CASE WHEN {sql} ~ '^[0-9]' THEN {letters} ELSE {before} END"


def core(sql: str) -> str:
    """A folded name without its areas, numbers and what any building is called."""
    bare = f"regexp_replace({without_areas(sql)}, '[0-9]+|{_MARKS}', '', 'g')"
    return f"regexp_replace({bare}, '{_GENERIC}', '')"


def label(sql: str) -> str:
    """A folded name of a part of a property: 3号楼, 三幢 and 3栋 are one."""
    return f"regexp_replace({sql}, '{_BUILDING_WORDS}|{_MARKS}', '', 'g')"


def first_number(sql: str) -> str:
    """The first of `numbers`: that of the house."""
    return f"split_part(ltrim({sql}, ','), ',', 1)"
