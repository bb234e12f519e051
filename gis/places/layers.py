"""The reference layer every map has: administrative areas."""

from typing import Final

from gis.layers import Attribute, Layer

ADMIN_AREA: Final = Layer(
    name="admin_area",
    title_key="layer.admin_area",
    group="reference",
    geometry="polygon",
    min_zoom=4,
    max_zoom=14,
    label_zoom=4,
    attributes=(
        Attribute("level", "layer.admin_area.level"),
        Attribute("is_indicative", "layer.admin_area.is_indicative", "boolean"),
    ),
    notice_key="layer.admin_area.notice",
    view_sql="""SELECT
    NULL::bigint AS place_id, a.kind, a.code, a.name, a.code AS admin_area_code,
    a.valid_from, a.valid_to, a.geom, public.ST_PointOnSurface(a.geom) AS anchor,
    a.level, a.is_indicative
  FROM place.admin_area AS a
  WHERE a.level = 'district' AND a.kind = 'statutory'""",
)
