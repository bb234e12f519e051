"""The paper of a certificate to take away: Word, and PDF where the machine makes them."""

from typing import Final

from flask import Blueprint, Response

from assets.certificates.queries import find
from gis.audit.accesses import AccessKind, note_access
from gis.clock import today
from gis.errors import InputError
from webmap.asked import whole_number
from webmap.attached import attached
from webmap.language import language
from webmap.session import asking
from webmap.views.certificates import HERE
from webmap.web_settings import kept_settings

blueprint = Blueprint("certificate_papers", __name__)
_PAPERS: Final = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


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
        paper = certificate_paper(conn, one, language(), public_url=public_url)
    content = pdf_of(paper) if ending == "pdf" else paper
    with asking() as conn:  # what could not be made was not taken
        note_access(conn, AccessKind.REPORT, "certificate", number=one.head["number"])
    return attached(content, f"{one.head['number']}.{ending}", _PAPERS[ending])
