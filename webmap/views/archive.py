"""Archives of places: what each holds by category, what lacks; files added, sorted, taken out."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, render_template, request
from sqlalchemy import RowMapping

from assets.certificates.archive_report import empty_of
from assets.services import archive
from gis.clock import today
from gis.errors import InputError
from webmap.asked import as_of_date, json_object, short_text, stated_day, whole_number
from webmap.language import language, say, script_messages
from webmap.session import asking
from webmap.views.attachments import saved, sent_file
from webmap.views.campaigns import seen_version
from webmap.views.jobs import account_word

pages = Blueprint("archive_pages", __name__)
blueprint = Blueprint("archive", __name__)

HERE: Final = "/archive"
_A_PAGE: Final = 100
_MOST_OFFSET: Final = 10_000_000
_ANY: Final = "any"


@pages.get(HERE)
def show_archives() -> str:
    """Properties with what their archives hold, a page of them."""
    as_of = as_of_date()
    known = archive.categories(as_of)
    asked = _asked([one.category for one in known])
    offset = asked["offset"]
    missing = [one.category for one in known if asked["missing"] in (_ANY, one.category)]
    with asking(is_one_moment=True, is_long=True) as conn:
        found = archive.archives(
            conn, as_of, words=asked["q"], missing=missing, limit=_A_PAGE, offset=offset
        )
    total = found[0]["total"] if found else 0
    return _page(
        "list.html",
        as_of=as_of,
        asked=asked,
        categories=known,
        rows=found,
        total=total,
        first=offset + 1,
        last=offset + len(found),
        before=_address(asked, as_of, max(offset - _A_PAGE, 0)) if offset else None,
        after=_address(asked, as_of, offset + _A_PAGE) if offset + _A_PAGE < total else None,
    )


@pages.get(f"{HERE}/<int:place_id>")
def show_archive(place_id: int) -> str:
    """The archive of a place with those of its parts, by category."""
    known = archive.categories(today())
    with asking(is_one_moment=True) as conn:
        head = archive.head_of(conn, place_id)
        files = archive.files_of(conn, place_id)
        removed = archive.removed_files(conn, place_id)
    held = {one["category"]: one["total"] for one in files}
    # A category that holds no longer is shown as long as something stands in it.
    names = list(dict.fromkeys([*(one.category for one in known), *held]))
    return _page(
        "one.html",
        head=head,
        today=today(),
        sources={one.category: one for one in archive.categories()},
        choices=[one.category for one in known],
        empty=empty_of(known, held),
        groups=[
            (name, [_file(one) for one in files if one["category"] == name], held.get(name, 0))
            for name in names
        ],
        removed=[{**one, "who": account_word(one["who"])} for one in removed],
        kept_days=archive.KEPT_DAYS,
    )


@blueprint.post(f"{HERE}/<int:place_id>/files")
def add_file(place_id: int) -> tuple[Response, int]:
    """Add `file` of a form to the archive of a place, with what it is."""
    with asking() as conn:
        # Nobody's bytes are read before we know who may send them.
        archive.may_add(conn, place_id)
    file = sent_file()
    said = _said(request.form)
    with asking() as conn:
        made = archive.add(conn, place_id, said, file)
    return jsonify({"location": f"{HERE}/{place_id}", "archive_file_id": made}), 201


@blueprint.get(f"{HERE}/files/<int:archive_file_id>")
def save_file(archive_file_id: int) -> Response:
    """The file, to save; browsers show nothing of it."""
    with asking() as conn:
        kept = archive.kept_file(conn, archive_file_id)
    return saved(kept)


@blueprint.post(f"{HERE}/files/<int:archive_file_id>/describe")
def describe_file(archive_file_id: int) -> Response:
    """Say anew what a file is, and move it to another category."""
    body = json_object()
    said, seen = _said(body), seen_version(body)
    with asking() as conn:
        place_id = archive.describe(conn, archive_file_id, said, seen_version=seen)
    return jsonify({"location": f"{HERE}/{place_id}", "archive_file_id": archive_file_id})


@blueprint.post(f"{HERE}/files/<int:archive_file_id>/remove")
def remove_file(archive_file_id: int) -> Response:
    """Take a file out of its archive; the past says that it was there."""
    seen = seen_version(json_object())
    with asking() as conn:
        place_id = archive.remove(conn, archive_file_id, seen_version=seen)
    return jsonify({"location": f"{HERE}/{place_id}", "archive_file_id": archive_file_id})


@blueprint.post(f"{HERE}/files/<int:archive_file_id>/restore")
def restore_file(archive_file_id: int) -> Response:
    """Put back a file that was taken out."""
    seen = seen_version(json_object())
    with asking() as conn:
        place_id = archive.restore(conn, archive_file_id, seen_version=seen)
    return jsonify({"location": f"{HERE}/{place_id}", "archive_file_id": archive_file_id})


def _page(template: str, **values: Any) -> str:
    return render_template(
        f"archive/{template}", messages=dict(script_messages(language())), **values
    )


def _asked(known: Sequence[str]) -> dict[str, Any]:
    missing = short_text("missing")
    if missing is not None and missing not in (_ANY, *known):
        raise InputError("archive.unknown_category", value=missing[:40])
    return {
        "q": short_text("q"),
        "missing": missing,
        "offset": whole_number("offset", least=0, most=_MOST_OFFSET, default=0) or 0,
    }


def _address(asked: Mapping[str, Any], as_of: date, offset: int) -> str:
    said = {**asked, "as_of": as_of.isoformat(), "offset": offset}
    return f"{HERE}?{urlencode({name: one for name, one in said.items() if one})}"


def _said(body: Mapping[str, Any]) -> archive.Described:
    words = {name: body.get(name) for name in ("category", "title", "dated_on", "is_original")}
    for name, value in words.items():
        if value is not None and not isinstance(value, str):
            raise InputError("asked.not_text", name=name)
    return archive.checked(
        words["category"] or "",
        words["title"] or "",
        stated_day(words["dated_on"]),
        words["is_original"] == "on",
        today=today(),
    )


def _file(row: RowMapping) -> dict[str, Any]:
    return {**row, "who": account_word(row["who"]) or say("campaign.page.nobody")}
