"""What clerks get wrong in names, papers and codes."""

import re
from typing import Any

from bench.clerks.mistakes import Random, Town, _one_of
from bench.clerks.names import Body
from bench.clerks.page import Page


def _body(page: Page, row: int, town: Town, key: str) -> Body:
    return town.body(str(page.get(row, key)))


def other_name(rng: Random, page: Page, row: int, town: Town) -> bool:
    body = _body(page, row, town, "unit")
    page.put(row, "unit", _one_of(rng, (body.short, body.former)))
    page.mark(row, "unit", "unit_name")
    return True


def misspelt_name(rng: Random, page: Page, row: int, _town: Town) -> bool:
    """A sign too few or one that looks alike."""
    name = str(page.get(row, "unit"))
    at = name.index("示例") + 2
    page.put(row, "unit", _one_of(rng, (name[:at] + name[at + 1 :], name[:at] + "圆" + name[at:])))
    page.mark(row, "unit", "unit_name")
    return True


def stray_spaces(rng: Random, page: Page, row: int, _town: Town) -> bool:
    key = "unit" if page.has("unit") else "name"
    text = str(page.get(row, key))
    page.put(
        row, key, _one_of(rng, (f"{text} ", f"　{text}", f"{text[:3]} {text[3:]}", f"{text}\n"))
    )
    page.mark(row, key, "spaces")
    return True


def code_for_name(_rng: Random, page: Page, row: int, town: Town) -> bool:
    """The credit code where the name belongs."""
    page.put(row, "unit", _body(page, row, town, "unit").credit_code)
    page.mark(row, "unit", "code_for_name")
    return True


def several_units(rng: Random, page: Page, row: int, town: Town) -> bool:
    """Two bodies in one cell."""
    mine = _body(page, row, town, "unit")
    others = [body for body in town.bodies if body.division == mine.division and body is not mine]
    sign = _one_of(rng, ("、", "，", "/", "\n", "；"))
    page.put(row, "unit", f"{mine.name}{sign}{_one_of(rng, others).name}")
    page.mark(row, "unit", "several_units")
    return True


def same_as_above(rng: Random, page: Page, row: int, _town: Town) -> bool:
    """As above, where it is the same as above: the district, or the way it is registered."""
    for key in ("status", "structure", "division"):
        if row and page.has(key) and page.get(row, key) == page.get(row - 1, key):
            page.put(row, key, _one_of(rng, ("同上", "〃")))
            page.mark(row, key, "same_as_above")
            return True
    return False


def wrong_column(rng: Random, page: Page, row: int, _town: Town) -> bool:
    """The two certificates change places, or the land's stands under the house's."""
    land, house = page.get(row, "land_certificate"), page.get(row, "certificate")
    page.put(row, "certificate", land)
    page.put(row, "land_certificate", house if rng.random() < 0.5 else None)
    page.mark(row, "certificate", "wrong_column")
    return True


def no_number(rng: Random, page: Page, row: int, _town: Town) -> bool:
    page.put(row, "certificate", _one_of(rng, ("办理中", "遗失", "历史遗留", "正在补办", "待办理")))
    page.mark(row, "certificate", "no_number")
    return True


def certificate_form(rng: Random, page: Page, row: int, _town: Town) -> bool:
    """Without province, without year, or without the last sign."""
    text = str(page.get(row, "certificate"))
    page.put(row, "certificate", _one_of(rng, (
        text[1:], re.sub(r"（\d+）", "", text), text[:-1], text.rpartition("第")[2],
    )))  # fmt: skip
    page.mark(row, "certificate", "certificate_form")
    return True


def unit_number(rng: Random, page: Page, row: int, _town: Town) -> bool:
    text = str(page.get(row, "unit_number"))
    page.put(row, "unit_number", _one_of(rng, (
        f"{text[:6]} {text[6:12]} {text[12:19]} {text[19:]}", text[:-1], text + "0",
        text.replace("GB", "88"),
    )))  # fmt: skip
    page.mark(row, "unit_number", "unit_number")
    return True


def certificate_again(_rng: Random, page: Page, row: int, _town: Town) -> bool:
    """One certificate, counted in full on a second row."""
    earlier = [at for at in range(row) if page.is_free(at, "certificate")]
    if not earlier:
        return False
    page.take(earlier[-1], "certificate")
    page.put(row, "certificate", page.get(earlier[-1], "certificate"))
    page.mark(row, "certificate", "certificate_twice")
    return True


def former_owner(rng: Random, page: Page, row: int, town: Town) -> bool:
    body = _body(page, row, town, "owner")
    page.put(row, "owner", _one_of(rng, (body.former, body.short)))
    page.mark(row, "owner", "former_owner")
    return True


def free_text(rng: Random, page: Page, row: int, _town: Town) -> bool:
    key = _one_of(rng, [key for key in ("status", "use", "structure") if page.has(key)])
    page.put(row, key, _one_of(rng, {
        "status": ("局里已经办过", "和隔壁单位合用一本证", "老证未换", "登记时间不清楚"),
        "use": ("楼下门面，楼上办公", "基本都在用", "春节后搬走"),
        "structure": ("楼房", "老式房屋", "水泥结构的"),
    }[key]))  # fmt: skip
    page.mark(row, key, "free_text")
    return True


def yes_or_no(rng: Random, page: Page, row: int, _town: Town) -> bool:
    page.put(row, "rented", _one_of(rng, ("部分", "见合同", "借用两间", "自有为主", "租/借")))
    page.mark(row, "rented", "yes_or_no")
    return True


def credit_code(rng: Random, page: Page, row: int, _town: Town) -> bool:
    text = str(page.get(row, "credit_code"))
    last = "1" if text[-1] != "1" else "2"
    page.put(row, "credit_code", _one_of(rng, (
        text.replace("0", "O", 1), text[:9] + "I" + text[10:], text[:-1], text + "0",
        text[:-1] + last, text[:-1] + "Z", text[:12] + "S" + text[13:],
    )))  # fmt: skip
    page.mark(row, "credit_code", "credit_code")
    return True


def scientific(rng: Random, page: Page, row: int, _town: Town) -> bool:
    """What a spreadsheet makes of a code of digits."""
    key = "credit_code" if page.has("credit_code") and rng.random() < 0.5 else "division"
    code = page.get(row, "division")
    value: Any = 1.1320402e17 if key == "credit_code" else f"{code[0]}.{code[1:3]}E+05"
    page.put(row, key, value)
    page.mark(row, key, "number_for_code")
    return True


def lost_digits(rng: Random, page: Page, row: int, _town: Town) -> bool:
    """A digit of the district's code lost, or a district that is no more."""
    code = str(page.get(row, "division"))
    page.put(row, "division", _one_of(rng, (code[:5], code[1:], "320405", "3204O2")))
    page.mark(row, "division", "division")
    return True


def idle_in_use(_rng: Random, page: Page, row: int, _town: Town) -> bool:
    """Idle by the areas and in use by the word, or the other way round."""
    is_idle = page.get(row, "use") == "闲置"
    page.put(row, "use", "在用" if is_idle else "闲置")
    page.mark(row, "use", "idle_in_use")
    return True


def use_split(rng: Random, page: Page, row: int, _town: Town) -> bool:
    """What nobody was given yet is counted as used and as idle."""
    extra = round(page.get(row, "gross") / 4, 2)
    page.put(row, _one_of(rng, ("lent", "let", "self_used")), extra)
    page.mark(row, "gross", "use_split")
    return True
