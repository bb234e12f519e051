-- Figures of districts for whoever may know them without seeing a place. As the owner, past row
-- security; they count only what lies in the caller's cells, by whole districts and as of today.
-- Nothing that a caller says narrows them: no shape, no filter, no day.

-- The nearest district that an area belongs to, itself included; of what lies under none, the area itself.
CREATE OR REPLACE VIEW estate.district_of_area WITH (security_barrier) AS
  WITH RECURSIVE inside (district, code) AS (
    SELECT a.code, a.code FROM place.admin_area AS a WHERE a.level = 'district'
    UNION
    SELECT inside.district, below.code
    FROM inside JOIN place.admin_area AS below
      ON below.parent_code = inside.code AND below.level <> 'district'
  )
  SELECT coalesce(inside.district, a.code) AS district, a.code
  FROM place.admin_area AS a LEFT JOIN inside USING (code);

CREATE OR REPLACE FUNCTION estate.district_figures()
RETURNS TABLE (
  district text, property_count bigint, building_count bigint, room_count bigint,
  idle_room_count bigint, agency_count bigint, gross_area_m2 numeric, land_area_m2 numeric,
  usable_area_m2 numeric, idle_area_m2 numeric
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  WITH counted AS (
    SELECT p.place_id, d.district, p.kind, p.use_status,
           p.kind = 'site' OR p.kind = 'building' AND p.parent_id IS NULL AS is_property
    FROM place.place AS p LEFT JOIN estate.district_of_area AS d ON d.code = p.admin_area_code
    WHERE p.rights_cell IN (SELECT mine.cell FROM rights.my_figure_cells AS mine)
      AND p.security_class < 3
      AND (p.valid_from IS NULL OR p.valid_from <= current_date)
      AND (p.valid_to IS NULL OR p.valid_to > current_date)
  ), placed AS (
    SELECT c.district, count(*) FILTER (WHERE c.is_property) AS properties,
           count(*) FILTER (WHERE c.kind = 'building') AS buildings,
           count(*) FILTER (WHERE c.kind = 'room') AS rooms,
           count(*) FILTER (WHERE c.kind = 'room' AND c.use_status = 'idle') AS idle_rooms
    FROM counted AS c GROUP BY c.district
  ), measured AS (
    SELECT c.district, sum(a.net_area_m2) FILTER (WHERE a.area_kind = 'gross') AS gross,
           sum(a.net_area_m2) FILTER (WHERE a.area_kind = 'land') AS land,
           sum(a.net_area_m2) FILTER (WHERE a.area_kind = 'usable') AS usable,
           sum(a.net_area_m2) FILTER (
             WHERE a.area_kind = 'usable' AND c.kind = 'room' AND c.use_status = 'idle') AS idle
    FROM counted AS c JOIN place.counted_area AS a USING (place_id) GROUP BY c.district
  ), held AS (
    SELECT c.district, count(DISTINCT party.holder_id) AS agencies
    FROM counted AS c JOIN estate.holding AS h ON h.place_id = c.place_id AND h.kind = 'occupies'
      AND (h.valid_from IS NULL OR h.valid_from <= current_date)
      AND (h.valid_to IS NULL OR h.valid_to > current_date)
    JOIN estate.holding_party AS party USING (holding_id) GROUP BY c.district
  )
  SELECT p.district, p.properties, p.buildings, p.rooms, p.idle_rooms, coalesce(h.agencies, 0),
         coalesce(m.gross, 0), coalesce(m.land, 0), coalesce(m.usable, 0), coalesce(m.idle, 0)
  FROM placed AS p LEFT JOIN measured AS m ON m.district IS NOT DISTINCT FROM p.district
  LEFT JOIN held AS h ON h.district IS NOT DISTINCT FROM p.district
  ORDER BY p.district NULLS LAST
$$;

-- Places that are not disclosed, by district: at least three, in threes, else no row at all. Whether a
-- district has a row, and what it says, depends on the register alone and never on who asks, so what two
-- persons are told differs by a district or by nothing. All figures are multiples of three, so no two of
-- them, of two days either, differ by one or two. What is left out is in no sum.
CREATE OR REPLACE FUNCTION estate.undisclosed_figures()
RETURNS TABLE (district text, place_count bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT d.district, count(*) / 3 * 3
  FROM place.place AS p JOIN estate.district_of_area AS d ON d.code = p.admin_area_code
  -- Most registers have none, which their cells tell without a look at the places.
  WHERE p.rights_cell IN (SELECT cell.cell FROM rights.cell AS cell WHERE cell.security_class = 3)
    AND p.security_class = 3 AND p.parent_id IS NULL
    AND (p.valid_from IS NULL OR p.valid_from <= current_date)
    AND (p.valid_to IS NULL OR p.valid_to > current_date)
  GROUP BY d.district
  HAVING count(*) >= 3
     AND bool_and(p.rights_cell IN (SELECT mine.cell FROM rights.my_figure_cells AS mine))
  ORDER BY d.district
$$;

REVOKE EXECUTE ON FUNCTION estate.district_figures(), estate.undisclosed_figures() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION estate.district_figures(), estate.undisclosed_figures() TO {readers};
