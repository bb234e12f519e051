"""Certificates to take away: the register as text, one of them as Word or PDF."""

from typing import Final

from flask import Blueprint, Response
from sqlalchemy import Connection

from assets.certificates.queries import Certificate, find
from assets.certificates.reports import build_register
from assets.certificates.rules import Entitled
from assets.space.queries import bodies, verdicts
from assets.space.rules import ROOM_CLASSES as LIMITED
from gis.audit.accesses import AccessKind, note_access
from gis.clock import today
from gis.errors import InputError
from webmap.asked import as_of_date, whole_number
from webmap.attached import attached
from webmap.language import language, say
from webmap.session import asking
from webmap.views.certificates import HERE, called, narrowed, what_was_asked
from webmap.web_settings import kept_settings

blueprint = Blueprint("certificate_papers", __name__)
_PAPERS: Final = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


@blueprint.get(f"{HERE}.csv")
def take_register() -> Response:
    """The register as text, narrowed as on its page."""
    # Writing files needs libraries that no other page does.
    from webmap.issue_files import MEDIA_TYPES, report_csv  # noqa: PLC0415

    as_of, asked = as_of_date(), what_was_asked()
    with asking(is_long=True, is_one_moment=True) as conn:
        report = build_register(conn, as_of, **narrowed(conn, as_of, asked))
        note_access(conn, AccessKind.REPORT, "certificates", as_of=as_of.isoformat())
    name = say("certificates.register_of", called=called())
    content = report_csv(report, language())
    return attached(content, f"{name}-{as_of.isoformat()}.csv", MEDIA_TYPES["csv"])


@blueprint.get(f"{HERE}/<int:certificate_id>/paper.<ending>")
def take_paper(certificate_id: int, ending: str) -> Response:
    """A certificate as it is printed; `?edition=` gives an earlier one."""
    # Writing papers needs libraries that no other page does.
    from assets.certificates.paper import certificate_paper  # noqa: PLC0415
    from assets.services.papers.pdf import pdf_of  # noqa: PLC0415

    if ending not in _PAPERS:
        known = ", ".join(_PAPERS)
        raise InputError("export.no_such_format", format=ending[:20], known=known)
    edition = whole_number("edition", least=1, most=100_000)
    with asking(is_long=True, is_one_moment=True) as conn:
        one = find(conn, certificate_id, today(), edition=edition)
        public_url = kept_settings().public_url
        entitled = _entitled(conn, one)
        paper = certificate_paper(conn, one, language(), public_url=public_url, entitled=entitled)
    content = pdf_of(paper) if ending == "pdf" else paper
    with asking() as conn:  # what could not be made was not taken
        note_access(conn, AccessKind.REPORT, "certificate", number=one.head["number"])
    return attached(content, f"{one.head['number']}.{ending}", _PAPERS[ending])


def _entitled(conn: Connection, one: Certificate) -> Entitled | None:
    """What its holder may have as the edition began to hold; null: no verdict knows the body."""
    day = min(one.edition["since"], today())
    found = bodies(conn, day, organization_id=one.head["holder_id"])
    if not found:
        return None
    (judged,) = verdicts(conn, day, of=found)
    may_have = judged.entitlement
    areas = {name: may_have.area_m2(name) for name in (None, *LIMITED)}
    return Entitled(day, may_have.quota, areas, is_verified=not may_have.uses_unverified)
