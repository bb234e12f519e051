"""A register of a million places straight in the tables, named as people name them, for search."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, text

from assets.estate.actions import refresh_derived
from gis.crs import STORAGE_SRID
from gis.db import Database, Role, run_script, transaction
from gis.organizations.search import refresh_body_texts
from gis.places.actions import touch
from gis.rights import actions as rights_actions
from gis.rights.actions import Grant

DISTRICTS: Final = 6
BUREAUS: Final = 40
AGENCIES: Final = 1_200
ROOMS_A_BUILDING: Final = 40
BUILDINGS_A_SITE: Final = 4

# Words of which names are made; the benchmark asks for them in twos and by their initials.
TRADES: Final = (
    "财政", "公安", "教育", "交通", "水利", "农业", "商务", "文化", "卫生", "审计", "统计", "税务",
    "司法", "民政", "人社", "住建", "环保", "林业", "气象", "档案", "信访", "体育", "旅游", "粮食",
    "物价", "园林", "消防", "海关", "邮政", "电力", "通信", "城管", "规划", "国土", "安监", "质检",
    "药监", "科技", "外事", "侨务",
)  # fmt: skip
ROADS: Final = (
    "龙城", "延陵", "和平", "通江", "晋陵", "关河", "劳动", "怀德", "长江", "太湖", "中吴", "武进",
    "常武", "花园", "广化", "清潭", "红梅", "青龙", "飞龙", "汉江", "黄河", "河海", "新桥", "薛冶",
)  # fmt: skip
_ROOM_NAMES: Final = ("会议室", "办公室", "档案室", "值班室", "接待室", "机房", "文印室", "储藏室")

_FILL: Final = """
INSERT INTO place.admin_area (code, name, level)
  SELECT '32040' || i, '示例' || i || '区', 'district' FROM generate_series(1, {districts}) AS i;
INSERT INTO organization.organization (code, name)
  VALUES ('SEEN', '示例一市'), ('OTHER', '示例二市');
INSERT INTO organization.organization (code, name, parent_id)
  SELECT 'B' || i, t.trade || '局', o.organization_id
  FROM unnest(ARRAY[{trades}]) WITH ORDINALITY AS t (trade, i)
  JOIN organization.organization AS o ON o.code = CASE WHEN i % 4 > 0 THEN 'SEEN' ELSE 'OTHER' END;
INSERT INTO organization.organization (code, name, parent_id, credit_code)
  SELECT 'A' || i, '示例' || i || '号' || replace(o.name, '局', '') || '管理所', o.organization_id,
    '11320400' || to_char(i, 'FM000000000') || 'X'
  FROM generate_series(1, {agencies}) AS i
  JOIN organization.organization AS o ON o.code = 'B' || (i % {bureaus} + 1);
INSERT INTO rights.cell (organization_id, admin_area_code, security_class)
  SELECT o.organization_id, '32040' || (substr(o.code, 2)::int % {districts} + 1), 0
  FROM organization.organization AS o WHERE o.code LIKE 'A%';
CREATE TEMP TABLE agency ON COMMIT DROP AS
  SELECT substr(o.code, 2)::int AS n, o.organization_id, c.cell, c.admin_area_code,
    replace(up.name, '局', '') AS trade
  FROM organization.organization AS o JOIN rights.cell AS c USING (organization_id)
  JOIN organization.organization AS up ON up.organization_id = o.parent_id;
CREATE UNIQUE INDEX ON pg_temp.agency (n);
CREATE TEMP TABLE wanted ON COMMIT DROP AS
  SELECT n, CASE WHEN n % {a_site} = 0 THEN 'site' WHEN n % {a_building} < 1 THEN 'building'
    ELSE 'room' END AS kind, n / {a_site} AS site, n / {a_building} AS building
  FROM generate_series(0, {count} - 1) AS n;
INSERT INTO place.place (kind, code, name, address, admin_area_code, steward_id, rights_cell,
    parent_id, parent_kind, anchor, located_by)
  SELECT 'site', a.admin_area_code || '-S' || to_char(w.n, 'FM0000000'),
    a.trade || '第' || w.site || '办公区', (ARRAY[{roads}])[1 + w.site % {road_count}] || '路'
      || (w.site % 900 + 1) || '号', a.admin_area_code, a.organization_id, a.cell, NULL, NULL,
    ST_Point(119.6 + (w.site % 997) * 0.0005, 31.5 + (w.site % 991) * 0.0005, {srid}), 'own'
  FROM pg_temp.wanted AS w JOIN pg_temp.agency AS a ON a.n = w.site % {agencies} + 1
  WHERE w.kind = 'site' ORDER BY w.n;
CREATE TEMP TABLE made_site ON COMMIT DROP AS
  SELECT substr(code, 9)::int / {a_site} AS site, place_id, admin_area_code, steward_id,
    rights_cell, anchor FROM place.place WHERE kind = 'site';
CREATE UNIQUE INDEX ON pg_temp.made_site (site);
INSERT INTO place.place (kind, code, name, admin_area_code, steward_id, rights_cell,
    parent_id, parent_kind, anchor, located_by)
  SELECT 'building', s.admin_area_code || '-B' || to_char(w.n, 'FM0000000'),
    w.building || '号楼', s.admin_area_code, s.steward_id, s.rights_cell, s.place_id, 'site',
    s.anchor, 'ancestor'
  FROM pg_temp.wanted AS w JOIN pg_temp.made_site AS s USING (site)
  WHERE w.kind = 'building' ORDER BY w.n;
CREATE TEMP TABLE made_building ON COMMIT DROP AS
  SELECT substr(code, 9)::int / {a_building} AS building, place_id
  FROM place.place WHERE kind = 'building';
CREATE UNIQUE INDEX ON pg_temp.made_building (building);
INSERT INTO place.place (kind, code, name, admin_area_code, steward_id, rights_cell,
    parent_id, parent_kind, anchor, located_by)
  SELECT 'room', s.admin_area_code || '-R' || to_char(w.n, 'FM0000000'),
    (ARRAY[{rooms}])[1 + w.n % {room_count}] || w.n % 900, s.admin_area_code, s.steward_id,
    s.rights_cell, coalesce(b.place_id, b2.place_id), 'building', s.anchor, 'ancestor'
  FROM pg_temp.wanted AS w JOIN pg_temp.made_site AS s USING (site)
  LEFT JOIN pg_temp.made_building AS b USING (building)
  LEFT JOIN pg_temp.made_building AS b2 ON b2.building = w.building + 1
  WHERE w.kind = 'room' AND coalesce(b.place_id, b2.place_id) IS NOT NULL ORDER BY w.n;
INSERT INTO place.identifier (place_id, scheme, value, rights_cell)
  SELECT place_id, 'asset_card', 'GD' || to_char(place_id, 'FM00000000'), rights_cell
  FROM place.place WHERE kind = 'building';
INSERT INTO place.title (number, state, kind, rights_cell)
  SELECT '苏（2021）常州市不动产权第' || to_char(place_id, 'FM0000000') || '号', 'registered',
    'real_estate', rights_cell FROM place.place WHERE kind = 'site';
INSERT INTO place.title_place (title_id, place_id, rights_cell)
  SELECT t.title_id, p.place_id, p.rights_cell FROM place.title AS t JOIN place.place AS p
  ON p.place_id = substring(t.number FROM '第(\\d+)号')::bigint;
INSERT INTO estate.holding (place_id, kind, extent, source, rights_cell)
  SELECT place_id, 'occupies', 'part', 'census', rights_cell FROM place.place WHERE kind = 'site';
INSERT INTO estate.holding_party (holding_id, holder_id, rights_cell)
  SELECT h.holding_id, p.steward_id, h.rights_cell
  FROM estate.holding AS h JOIN place.place AS p USING (place_id);
"""


@dataclass(frozen=True)
class Register:
    """A filled database and who asks it."""

    token: str
    """Session of an account with three grants, which sees some four fifths of the places."""
    place_count: int


def build(database: Database, count: int) -> Register:
    """Fills a migrated database with about so many places, as a load would leave it; commits."""
    with transaction(database.engine(Role.OWNER), None) as conn:
        run_script(conn, _script(count))
        touch(conn)
        run_script(conn, "INSERT INTO pg_temp.touched_place SELECT place_id FROM place.place")
        refresh_derived(conn)
        refresh_body_texts(conn)
        made = conn.execute(text("SELECT count(*) FROM place.place")).scalar_one()
        token = _asker(conn)
    with database.admin().connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("VACUUM ANALYZE"))
    return Register(token, made)


def _script(count: int) -> str:
    def listed(words: tuple[str, ...]) -> str:
        return ", ".join(f"'{word}'" for word in words)

    return _FILL.format(
        count=count, districts=DISTRICTS, bureaus=BUREAUS, agencies=AGENCIES,
        a_building=ROOMS_A_BUILDING + 1, a_site=(ROOMS_A_BUILDING + 1) * BUILDINGS_A_SITE,
        trades=listed(TRADES), roads=listed(ROADS), road_count=len(ROADS),
        rooms=listed(_ROOM_NAMES), room_count=len(_ROOM_NAMES), srid=STORAGE_SRID,
    )  # fmt: skip


def _asker(conn: Connection) -> str:
    seen = conn.execute(
        text("SELECT organization_id FROM organization.organization WHERE code = 'SEEN'")
    ).scalar_one()
    grants = [
        Grant("viewer", seen),
        Grant("viewer", admin_area_code="320401"),
        Grant("viewer", admin_area_code="320402"),
    ]
    account_id = rights_actions.ensure_account(conn, "bench", grants)
    return rights_actions.open_session(conn, account_id, kind="web", lifetime=timedelta(hours=2))
