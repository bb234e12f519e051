"""What people bring into the marked register: files, views, deputies; surveys and what is said."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, text

from assets.campaign.actions.closing import close_campaign
from assets.campaign.actions.filing import explain
from assets.campaign.actions.issue import Draft, issue_campaign
from assets.campaign.actions.review import add_remark
from assets.campaign.queries import filing_rows, find_filing
from assets.campaign.rules import WORKFLOW
from assets.registry import METADATA
from assets.services.attached_files import AttachedFile
from assets.services.attachments import attach
from assets.services.notices import mark_read
from gis.clock import today
from gis.db import Database, Role, transaction
from tests.rights.spots import OTHER_BODY, Spot


@dataclass(frozen=True)
class Filed:
    """Two surveys, one that runs and one that is closed with its report frozen.

    Args:
        attachments: A file of each filing, in their order.
        remarks: What was said of each filing as a whole, in their order.
    """

    campaigns: tuple[int, ...]
    filings: tuple[int, ...]
    attachments: tuple[int, ...]
    remarks: tuple[int, ...]


def filed_by_all(database: Database, operator: str, made: Mapping[str, Spot]) -> Filed:
    """Have every body file twice, with an explanation and a remark for each property."""
    day = today()
    campaigns, filings, attachments, remarks = [], [], [], []
    with transaction(database.engine(Role.WEB), operator) as conn:
        for name in ("在填", "已结"):
            draft = Draft(name=f"示例{name}普查", as_of=day, due_on=day)
            campaign_id = issue_campaign(conn, draft, today=day)
            campaigns.append(campaign_id)
            for filing_id in _filings(conn, campaign_id):
                filings.append(filing_id)
                attachment, remark = _talk_about(conn, filing_id, made)
                attachments.append(attachment)
                remarks.append(remark)
        mark_read(conn)
        close_campaign(conn, campaigns[1], seen_version=1, remark="示例")
    return Filed(tuple(campaigns), tuple(filings), tuple(attachments), tuple(remarks))


def _filings(conn: Connection, campaign_id: int) -> list[int]:
    query = text("SELECT filing_id FROM campaign.filing WHERE campaign_id = :id ORDER BY 1")
    return list(conn.execute(query, {"id": campaign_id}).scalars())


def _talk_about(conn: Connection, filing_id: int, made: Mapping[str, Spot]) -> tuple[int, int]:
    """Mark what is said of each property, and of the filing; its attachment and its remark."""
    of_place = {place: spot for spot in made.values() for place in spot.places.values()}
    for row in filing_rows(conn, filing_id):
        spot = of_place[row.place_id or 0]
        explain(conn, {(row.row_id, "gross_m2"): spot.text("释")})
        add_remark(conn, filing_id, row_id=row.row_id, field=None, words=spot.text("评"))
    # What is said of the filing as a whole is in the cell of the first spot of its body.
    cell = find_filing(conn, filing_id).rights_cell
    query = text("SELECT min(place_id) FROM place.place WHERE rights_cell = :cell")
    spot = of_place[conn.execute(query, {"cell": cell}).scalar_one()]
    content = spot.text("附").encode()
    digest = hashlib.sha256(content).digest()
    file = AttachedFile(spot.text("附") + ".pdf", "pdf", content, digest)
    return (
        attach(conn, WORKFLOW, filing_id, file),
        add_remark(conn, filing_id, row_id=None, field=None, words=spot.text("催")),
    )


def brought_by_others(conn: Connection, spot: Spot, bodies: dict[str, int]) -> dict[str, int]:
    """A file, its load with what was wrong with it, views, a deputy: all somebody else's."""
    account, deputy = (
        conn.execute(
            text(
                "INSERT INTO rights.account (name) VALUES (:name)"
                " ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING account_id"
            ),
            {"name": name},
        ).scalar_one()
        for name in ("录入员", "代理人")
    )
    tables, digest = METADATA.tables, b"0" * 32

    def add(name: str, /, **values: Any) -> int:
        table = tables[name]
        made: int = conn.execute(
            insert(table).values(**values).returning(next(iter(table.primary_key.columns)))
        ).scalar_one()
        return made

    of = {"account_id": account, "file_name": spot.text("表.csv"), "file_sha256": digest}
    upload = add("staging.upload", **of, size_bytes=1)
    load = add("staging.load", **of, state="committed", row_count=1, waiting_count=1)
    job = add("staging.job", account_id=account, kind="check", upload_id=upload, state="done",
              result={"problem": None, "facets": [], "issues": [], "preview": [],
                      "name": spot.text("果")})  # fmt: skip
    plan = add("staging.upload", **of, size_bytes=1)
    add("staging.job", account_id=account, kind="plan", upload_id=plan, state="done",
        result={"building": f"{spot.code}-building", "known": [], "placed": None, "plan": None,
                "problem": None, "seen": "", "has_floor": True,
                "name": spot.text("图")})  # fmt: skip
    at = {"load_id": load, "sheet": "", "row_number": 5}
    said = {"contract": "properties", "name": spot.text("待")}
    add("staging.match_question", **at, **said, row_key="k", kind="site",
        rule="match.several", values={"name": spot.text("待")})  # fmt: skip
    add("staging.match_candidate", **at, place_id=spot.places["site"], score=0.9)
    decision = add("staging.match_decision", **at, row_key="k", choice="new", account_id=account)
    add("staging.held_row", **at, contract="properties", outcome="waiting",
        cells={"名称": spot.text("格")})  # fmt: skip
    add("staging.issue", **at, issue_number=1, rule="match.several", severity="warn",
        original=spot.text("原"))  # fmt: skip
    views = [
        add("services.saved_view", account_id=account, name=spot.text(f"图{body}"),
            link=f"q={spot.text('链')}", organization_id=bodies.get(body))
        for body in (OTHER_BODY, "")
    ]  # fmt: skip
    deputyship = add("services.deputyship", account_id=account, deputy_id=deputy,
                     valid_from="2020-01-01", valid_to="2100-01-01",
                     remark=spot.text("代"))  # fmt: skip
    return {
        "upload_id": upload, "load_id": load, "job_id": job, "decision_id": decision,
        "plan_id": plan, "view_id": views[1], "deputyship_id": deputyship,
    }  # fmt: skip
