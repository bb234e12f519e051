"""What `onemap plan` says of a plan: how it was taken, what is wrong, whose area differs."""

from collections.abc import Iterator
from typing import Any, Final

from etl.plans.checking import Checked, RoomLine
from etl.plans.model import Finding
from webmap.console import Console

_SHOWN: Final = 40
_LIST: Final = ", "


def plan_values(checked: Checked) -> dict[str, Any]:
    """A plan for programs: positions in units of the drawing, lengths in m, areas in m2."""
    plan, placement = checked.plan, checked.placement
    return {
        "file": checked.drawing.file,
        "building": checked.floor.building_code,
        "floor": checked.floor.level,
        "unit_m": plan.unit_m,
        "unit_by": plan.unit_by,
        "layers": {
            "rooms": plan.layers.rooms, "numbers": plan.layers.numbers, "floor": plan.layers.floor
        },
        "placement": {
            "by": placement.by,
            "residual_m": round(placement.residual_m, 3),
            "turned": round(placement.turned, 2),
            "stretch": round(placement.stretch, 5),
            "is_mirrored": placement.is_mirrored,
            "share": None if placement.share is None else round(placement.share, 4),
        },
        "findings": [
            {"fault": one.fault.value, "x": round(one.x, 3), "y": round(one.y, 3),
             "layer": one.layer, "rooms": _numbers(checked, one), **one.params}
            for one in plan.findings
        ],
        "rooms": [_room_values(line) for line in checked.lines],
        "missing": [{"code": one.code, "number": one.number} for one in checked.missing],
    }  # fmt: skip


def _room_values(line: RoomLine) -> dict[str, Any]:
    known = line.known
    return {
        "number": line.number,
        "code": known.code if known else None,
        "polygon_m2": round(line.polygon_m2, 2),
        "surveyed_m2": known.surveyed_m2 if known else None,
        "ledger_m2": known.ledger_m2 if known else None,
        "difference_m2": None if line.difference_m2 is None else round(line.difference_m2, 2),
        "is_apart": line.is_apart,
        "is_sound": line.is_sound,
    }


def plan_lines(console: Console, checked: Checked) -> Iterator[str]:
    """Lines for people: how it was taken and placed, findings, rooms whose areas differ."""
    yield from _taken_lines(console, checked)
    findings = checked.plan.findings
    for one in findings[:_SHOWN]:
        rooms = _LIST.join(_numbers(checked, one))
        yield console.text(
            "plan.finding", message=console.text(one.key, **one.params), layer=one.layer,
            x=f"{one.x:.2f}", y=f"{one.y:.2f}",
            rooms=console.text("plan.of_rooms", rooms=rooms) if rooms else "",
        )  # fmt: skip
    if len(findings) > _SHOWN:
        yield console.text("plan.more", count=len(findings) - _SHOWN)
    yield from _area_lines(console, checked)
    new = [line.number for line in checked.lines if line.number and line.known is None]
    missing = [one.number or one.code for one in checked.missing]
    for key, names in (("plan.not_registered", new), ("plan.not_drawn", missing)):
        if names:
            shown = _LIST.join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
            yield console.text(key, count=len(names), names=shown)
    sound = sum(line.is_sound and line.known is not None for line in checked.lines)
    yield console.text("plan.result", rooms=len(checked.lines), sound=sound, findings=len(findings))


def _taken_lines(console: Console, checked: Checked) -> Iterator[str]:
    drawing, plan, placement = checked.drawing, checked.plan, checked.placement
    names = [
        _LIST.join(one) or "-"
        for one in (plan.layers.rooms, plan.layers.numbers, plan.layers.floor)
    ]
    yield console.text(
        "plan.taken", version=drawing.version or "-", unit=f"{plan.unit_m:g}",
        unit_by=console.text(f"plan.unit_by.{plan.unit_by}"),
        rooms=names[0], numbers=names[1], floor=names[2],
    )  # fmt: skip
    for name, path in (drawing.outside or {}).items():
        yield console.text("plan.outside_file", name=name, path=path)
    if plan.other_texts:
        yield console.text("plan.other_texts", count=plan.other_texts)
    yield console.text(
        f"plan.placed.{placement.by}", metres=f"{placement.residual_m:.2f}",
        turned=f"{placement.turned:.1f}", stretch=f"{placement.stretch:.4f}",
        share=None if placement.share is None else round(placement.share * 100, 1),
    )  # fmt: skip
    if placement.is_mirrored:
        yield console.text("plan.mirrored")


def _area_lines(console: Console, checked: Checked) -> Iterator[str]:
    apart = [line for line in checked.lines if line.is_apart]
    for line in apart[:_SHOWN]:
        known = line.known
        yield console.text(
            "plan.area", number=line.number, polygon=f"{line.polygon_m2:.2f}",
            surveyed=_shown(known.surveyed_m2 if known else None),
            ledger=_shown(known.ledger_m2 if known else None),
            difference=_shown(line.difference_m2, "+.2f"),
        )  # fmt: skip
    if len(apart) > _SHOWN:
        yield console.text("plan.more_areas", count=len(apart) - _SHOWN)


def _shown(area_m2: float | None, form: str = ".2f") -> str:
    return "-" if area_m2 is None else format(area_m2, form)


def _numbers(checked: Checked, finding: Finding) -> list[str]:
    """What the rooms of a finding are called, by number, else by their area."""
    lines = (checked.lines[position] for position in finding.rooms)
    return [line.number or f"{line.polygon_m2:.2f} m²" for line in lines]
