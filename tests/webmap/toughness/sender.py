"""Sends requests as an account that may do everything."""

import re
from typing import Any, Final

from everybody import OPERATOR, Everybody
from sqlalchemy import text
from werkzeug.test import TestResponse

from gis.db import Role

_KEY: Final = re.compile(r"[a-z_]+(\.[a-z_]+)+")


class Sender:
    """Sends as the operator, and looks whether a refusal left anything behind."""

    def __init__(self, all_of_them: Everybody) -> None:
        self.all = all_of_them
        self.client = all_of_them.browser()
        self.headers = {**all_of_them.callers[OPERATOR], "Accept-Encoding": "identity"}
        self.lines = self.written()

    def written(self) -> int:
        """Lines of history: whatever was kept has one."""
        with self.all.bureau.database.engine(Role.OWNER).connect() as conn:
            tables = conn.execute(
                text(
                    "SELECT table_name FROM information_schema.tables"
                    " WHERE table_schema = 'history'"
                )
            ).scalars()
            counts = " + ".join(f"(SELECT count(*) FROM history.{table})" for table in tables)
            found: int = conn.execute(text(f"SELECT {counts}")).scalar_one()
            return found

    def send(self, method: str, path: str, **sent: Any) -> TestResponse:
        headers = {**self.headers, **sent.pop("headers", {})}
        answer = self.client.open(path, method=method.upper(), headers=headers, **sent)
        assert answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            self._is_a_sentence(answer)
        return answer

    def _is_a_sentence(self, answer: TestResponse) -> None:
        if answer.mimetype == "text/html":
            return
        said = answer.get_json()
        assert answer.mimetype == "application/problem+json"
        assert said["detail"].strip()
        assert not _KEY.fullmatch(said["detail"])
        assert "Traceback" not in answer.text

    def nothing_more_was_written(self) -> None:
        assert self.written() == self.lines

    def version(self, path: str) -> str:
        """Of what a form at this address is about, as its author would see it now."""
        if place := re.match(r"/api/places/(\d+)/", path):
            form = self.client.get(f"/api/places/{place[1]}/edit", headers=self.headers)
            return str((form.get_json() or {}).get("version", ""))
        with self.all.bureau.database.engine(Role.OWNER).connect() as conn:
            table = "filing" if "/filings/" in path else "campaign"
            return str(
                conn.execute(
                    text(f"SELECT version FROM campaign.{table} ORDER BY {table}_id LIMIT 1")
                ).scalar_one()
            )

    def take_back(self, path: str) -> None:
        """Let the place be as it was, for the next one."""
        if place := re.match(r"/api/places/(\d+)/", path):
            card = self.client.get(f"/api/places/{place[1]}", headers=self.headers).get_json()
            if last := (card or {}).get("last_edit"):
                self.client.delete(
                    f"/api/places/{place[1]}/edits/{last['edit_id']}", headers=self.headers
                )
