"""The notice by which a body is told to put something right, as a paper (巡检问题整改单)."""

from collections.abc import Mapping, Sequence
from typing import Any

from assets.services.papers.word import OfficialPaper
from gis.clock import ZONE
from gis.i18n import translate
from gis.rights.actions import OPERATOR


def notice_paper(
    one: Mapping[str, Any], steps: Sequence[Mapping[str, Any]], language: str
) -> bytes:
    """A notice with what was done since, as a Word file.

    Args:
        one: As `find_rectification` tells it.
        steps: As `steps_taken` tells them, the newest first.
        language: `zh` or `en`.
    """

    def say(key: str, **values: Any) -> str:
        return translate(language, key, **values)

    def row(name: str, value: object) -> list[str]:
        return [say(f"inspection.report.{name}"), "–" if value in (None, "") else str(value)]

    paper = OfficialPaper(say("rectification.paper.title"), language)
    paper.subtitle(one["number"])
    paper.addressee(one["organization_name"])
    paper.paragraph(say("rectification.paper.told", due_on=one["due_on"].isoformat()))
    rows = [
        row("origin", say(f"rectification.origin.{one['origin']}")),
        row("demand", one["told"]),
        row("issued_on", one["issued_on"]),
        row("due_on", one["due_on"]),
        row("state", say(f"rectification.state.{one['state']}")),
    ]
    if one["inspection_name"]:
        rows += [row("inspection", one["inspection_name"]), row("place", one["place_name"])]
    hidden = say("rectification.page.figure_hidden")
    for name, day in (("over_m2", "judged_on"), ("rechecked_over_m2", "rechecked_on")):
        if one["judged_on"] is not None and one[day] is not None:
            rows.append(row(name, hidden if one[name] is None else one[name]))
    header = [say("rectification.paper.what"), say("rectification.paper.said")]
    paper.table(say("rectification.paper.matter"), header, rows)
    done = [
        [
            say(f"rectification.step.{step['step']}"),
            say("account.operator") if step["who"] == OPERATOR else step["who"] or "–",
            f"{step['made_at'].astimezone(ZONE):%Y-%m-%d}",
            step["remark"] or "–",
        ]
        for step in reversed(steps)
    ]
    names = ("step", "who", "day", "said")
    paper.table(
        say("rectification.paper.steps"), [say(f"rectification.paper.{one}") for one in names], done
    )
    return paper.content()
