"""Who sits in the sample city's offices: loaded as its truth says, known by numbers alone."""

import csv
import re
from pathlib import Path

from sqlalchemy import text

from assets.space.offices import Fault
from assets.space.posts import judged_posts
from etl.load import LoadOptions, load_file
from etl.sample import geofiles, register, seats
from etl.sample.write import write_city
from etl.terms import save_terms
from gis.clock import today
from gis.db import Database, Role, transaction
from tests.conftest import Operator

_SEATED = """
SELECT r.number, o.name, t.title, t.person_key, count(*) OVER (PARTITION BY s.holding_id),
  p.code
FROM estate.sharer AS s JOIN estate.holding AS h USING (holding_id)
JOIN place.place AS p ON p.place_id = h.place_id JOIN place.room AS r ON r.place_id = h.place_id
JOIN organization.organization AS o ON o.organization_id = s.holder_id
JOIN organization.post AS t USING (post_id)"""


def test_people_of_the_sample_city_sit_where_the_truth_says(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    write_city(tmp_path, scale=0.05)
    with transaction(city.engine(Role.LOADER), operator.token) as conn:
        save_terms(conn)
    for name in (register.FILE, geofiles.GEOPACKAGE, seats.FILE):
        done = load_file(city, tmp_path / name, token=operator.token,
                         options=LoadOptions(any_area=True))  # fmt: skip
    assert (done.rejected, done.waiting) == (0, 0)
    with (tmp_path / "truth" / "seats.csv").open(encoding="utf-8", newline="") as file:
        truth = list(csv.DictReader(file))
    assert {row["planted"] for row in truth} == {"", "second_office", "others_missing"}
    assert all(re.fullmatch(r"YL\d{4}-\d\d", row["person_key"]) for row in truth)
    seated = {
        (row["number"], row["body"], row["title"], row["person_key"], int(row["heads"]),
         row["room"])
        for row in truth if row["planted"] != seats.OTHERS_MISSING
    }  # fmt: skip
    with city.engine(Role.OWNER).connect() as conn:
        assert {tuple(row) for row in conn.execute(text(_SEATED))} == seated
        missing = conn.execute(
            text("SELECT count(DISTINCT row_number) FROM staging.issue WHERE load_id = :id"
                 " AND rule = 'person.others_missing'"),
            {"id": done.load_id},
        ).scalar_one()  # fmt: skip
    assert missing == len({r["room"] for r in truth if r["planted"] == seats.OTHERS_MISSING})
    with transaction(city.engine(Role.WEB), operator.token) as conn:
        judged = judged_posts(conn, today())
    double = {row["person_key"] for row in truth if row["planted"] == seats.SECOND_OFFICE}
    faulty = {one.seats[0].person for one in judged if one.faults}
    assert len(faulty) == len(double)
    assert all(isinstance(one, Fault) for each in judged for one in each.faults)
