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
_AREA_MARKS: Final = (("省", "自治区"), ("市",), ("区", "县", "旗"), ("街道", "镇", "乡"))
_MARKS: Final = r"[[:punct:][:space:]，。、；：（）【】“”‘’]+"
_ALL_DIGITS: Final = "0123456789"
_NO_LETTERS: Final = (
    r"[-0-9!\"#$&''()*+,./:;<=>?@\[\]\^_|~ ·–—…，。、；：（）【】《》「」〔〕“”‘’]+"
)
_NUMERALS: Final = "[〇零一二三四五六七八九两十百]"
_TELLING: Final = "甲乙丙丁戊己庚辛"
_ATTACHED: Final = "附"
_STREETS: Final = "路街巷弄道村条"
_TO: Final = "[-~–—至到]"
_BETWEEN: Final = "-~–—至到、,/和及与"
_SEVERAL: Final = f"^[0-9]{{1,5}}(?:号?{_TO}[0-9]{{1,5}}|(?:号?[、,/和及与][0-9]{{1,5}})+)(?=号)"
_WIDEST_RANGE: Final = 60
"""12-3号 is part 3 of 12号, and so is 1-302号 of 1号: no range."""
_GENERIC: Final = (
    "(?:办公大楼|办公楼|办公用房|办公区|综合楼|业务楼|大楼|大厦|大院|院落|房产|本部|机关|号楼|号"
    "|幢|栋|座|楼|院)+$"
)
_BUILDING_WORDS: Final = "(?:号楼|号|號|幢|栋|座|楼)"

DIRECTIONS: Final = "东西南北中前后左右"
"""延陵西路 is not 延陵东路, though three characters of four agree."""


def _has_any(sql: str, marks: str) -> str:
    """SQL: some of these characters occur. For a few characters; for many a pattern costs less."""
    return f"(translate({sql}, '{marks}', '') <> {sql})"


def _letters(sql: str) -> str:
    return f"regexp_replace({sql}, '{_NO_LETTERS}', '', 'g')"


def plain(sql: str) -> str:
    """One width, one case, no blanks."""
    wide = f"CASE WHEN {sql} IS NFKC NORMALIZED THEN {sql} ELSE normalize({sql}, NFKC) END"
    return f"lower(regexp_replace({wide}, '\\s+', '', 'g'))"


def folded(sql: str) -> str:
    """A plain text with Chinese numerals as digits; few texts have any."""
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
    written = f"CASE WHEN position('百' IN {sql}) > 0 THEN {hundreds} ELSE {digits} END"
    return f"CASE WHEN {sql} ~ '{_NUMERALS}' THEN {written} ELSE {sql} END"


def without_areas(sql: str) -> str:
    """A folded address without the areas it lies in."""
    bare = sql
    for pattern, marks in zip(_AREAS, _AREA_MARKS, strict=True):
        is_any = " OR ".join(f"strpos({sql}, '{mark}') > 0" for mark in marks)
        bare = f"CASE WHEN {is_any} THEN regexp_replace({bare}, '{pattern}', '') ELSE {bare} END"
    return bare


def numbers(sql: str) -> str:
    """Numbers, single letters and 甲乙丙 of a folded text, in order, each behind a comma."""
    return f"rtrim(regexp_replace({sql}, '(?:[a-z][a-z]+|[^0-9a-z{_TELLING}])+', ',', 'g'), ',')"


def head(sql: str) -> str:
    """What stands before the house number of a bare address; 3 in 经3路 is of the street."""
    return f"substring({sql} from '^(?:[^0-9]*[0-9]+(?=[{_STREETS}]))*[^0-9]*')"


def street(sql: str, head_sql: str) -> str:
    """Letters of the street; of an address that begins with a house number, all its letters."""
    return f"CASE WHEN {head_sql} = '' THEN {_letters(sql)} ELSE {_letters(head_sql)} END"


def lane(head_sql: str) -> str:
    """Numbers of the street: 3 of 经3路, 12 of 中山路12弄."""
    return (
        f"CASE WHEN {_has_any(head_sql, _ALL_DIGITS)}"
        f" THEN btrim(regexp_replace({head_sql}, '[^0-9]+', ',', 'g'), ',') ELSE '' END"
    )


def written_house(rest_sql: str) -> str:
    """The house number as written at the start of what follows the street, a range in whole."""
    several = f"substring({rest_sql} from '{_SEVERAL}')"
    first, last = (f"substring({several} from '{end}')::int" for end in ("^[0-9]+", "[0-9]+$"))
    is_range = f"{last} - {first} BETWEEN 1 AND {_WIDEST_RANGE}"
    return f"""coalesce(
  CASE WHEN {_has_any(f"left({rest_sql}, 12)", _BETWEEN)}
         AND {rest_sql} ~ '{_SEVERAL}' AND ({several} !~ '{_TO}' OR {is_range}) THEN {several} END,
  substring({rest_sql} from '^[0-9]+'), '')"""


def houses(written: str) -> str:
    """House numbers that a written one stands for, ascending: 12-16 is 12, 14 and 16.

    A street counts odd numbers on one side and even ones on the other; a range that ends on the
    other side holds every number between.
    """
    first, last = (f"substring({written} from '{end}')::int" for end in ("^[0-9]+", "[0-9]+$"))
    step = f"CASE WHEN ({last} - {first}) % 2 = 0 THEN 2 ELSE 1 END"
    return f"""CASE WHEN NOT {_has_any(written, _BETWEEN)} THEN ARRAY[{written}]
  WHEN {written} ~ '{_TO}'
  THEN ARRAY(SELECT at::text FROM generate_series({first}, {last}, {step}) AS at ORDER BY at)
  ELSE regexp_split_to_array({written}, '[^0-9]+') END"""


def part(rest_sql: str, written: str) -> str:
    """Numbers behind that of the house: of a building, a section, 附3."""
    behind = f"substr({rest_sql}, length({written}) + 1)"
    pattern = f"(?:[a-z][a-z]+|[^0-9a-z{_TELLING}{_ATTACHED}])+"
    return (
        f"CASE WHEN {behind} IN ('', '号') THEN ''"
        f" ELSE btrim(regexp_replace({behind}, '{pattern}', ',', 'g'), ',') END"
    )


def core(sql: str) -> str:
    """A folded name without its areas, numbers and what any building is called."""
    return f"regexp_replace({_letters(without_areas(sql))}, '{_GENERIC}', '')"


def label(sql: str) -> str:
    """A folded name of a part of a property: 3号楼, 三幢 and 3栋 are one."""
    return f"regexp_replace({sql}, '{_BUILDING_WORDS}|{_MARKS}', '', 'g')"
