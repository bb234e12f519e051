-- A person puts places on the map, or takes them off again. The district and with it the rights cell of
-- a place and of its parts may change, so this runs as the owner, after asking whether the account may
-- write every row as it is and as it will be. A place that moved meanwhile is left out of the answer; one
-- that may not be written comes back without its parts, and stays where it is.
CREATE OR REPLACE FUNCTION place.put_locations(
  for_places bigint[], seen public.geometry[], at public.geometry[], areas text[], by_means text,
  by_source text, within_m numeric
) RETURNS TABLE (root_id bigint, put_id bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM FROM place.place AS p WHERE p.place_id = ANY (for_places) ORDER BY p.place_id FOR UPDATE;
  DROP TABLE IF EXISTS pg_temp.put_place;
  CREATE TEMP TABLE put_place ON COMMIT DROP AS
  WITH RECURSIVE down AS (
    SELECT w.place_id AS root_id, w.place_id, w.area, w.at AS anchor, by_means AS located_by
    FROM unnest(for_places, seen, at, areas) AS w (place_id, seen, at, area)
    JOIN place.place AS p USING (place_id)
    WHERE public.st_asbinary(p.anchor) IS NOT DISTINCT FROM public.st_asbinary(w.seen)
    UNION ALL
    SELECT down.root_id, p.place_id, down.area,
           CASE WHEN p.located_by IN ('own', 'coordinates', 'address') THEN p.anchor
                ELSE down.anchor END,
           CASE WHEN p.located_by IN ('own', 'coordinates', 'address') THEN p.located_by
                WHEN down.anchor IS NOT NULL THEN 'ancestor' END
    FROM down JOIN place.place AS p ON p.parent_id = down.place_id
  )
  SELECT down.*, p.rights_cell AS old_cell, p.steward_id, p.security_class, NULL::integer AS cell
  FROM down JOIN place.place AS p USING (place_id);
  UPDATE pg_temp.put_place AS d SET cell = c.cell
  FROM (SELECT array_agg(steward_id) AS stewards, array_agg(one.area) AS areas,
               array_agg(security_class) AS classes
        FROM (SELECT DISTINCT p.steward_id, p.area, p.security_class
              FROM pg_temp.put_place AS p) AS one) AS every,
       rights.cells_for(every.stewards, every.areas, every.classes) AS c
  WHERE coalesce(c.organization_id, 0) = coalesce(d.steward_id, 0)
    AND coalesce(c.admin_area_code, '') = coalesce(d.area, '')
    AND c.security_class = d.security_class;
  RETURN QUERY
  WITH refused AS (
    SELECT DISTINCT d.root_id FROM pg_temp.put_place AS d
    WHERE d.old_cell NOT IN (SELECT w.cell FROM rights.my_write_cells AS w)
       OR d.cell NOT IN (SELECT w.cell FROM rights.my_write_cells AS w)
  ), left_alone AS (
    DELETE FROM pg_temp.put_place AS d USING refused WHERE d.root_id = refused.root_id
  )
  SELECT refused.root_id, NULL::bigint FROM refused;
  UPDATE place.place AS p
  SET anchor = d.anchor, located_by = d.located_by, admin_area_code = d.area, rights_cell = d.cell,
      geom = CASE WHEN p.place_id = d.root_id THEN d.anchor ELSE p.geom END,
      geom_source = CASE WHEN p.place_id = d.root_id THEN by_source ELSE p.geom_source END,
      geom_accuracy_m = CASE WHEN p.place_id = d.root_id THEN within_m ELSE p.geom_accuracy_m END
  FROM pg_temp.put_place AS d WHERE d.place_id = p.place_id;
  RETURN QUERY SELECT d.root_id, d.place_id FROM pg_temp.put_place AS d;
END $$;

-- Whether parts of a place, however deep, that the account may not see exist on a day or later: such a
-- place is not closed over their heads. It tells that there are some, and nothing of them.
CREATE OR REPLACE FUNCTION place.has_hidden_parts(of_place bigint, on_day date) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  WITH RECURSIVE down AS (
    SELECT p.place_id, p.rights_cell, p.valid_to FROM place.place AS p WHERE p.parent_id = of_place
    UNION ALL
    SELECT p.place_id, p.rights_cell, p.valid_to
    FROM down JOIN place.place AS p ON p.parent_id = down.place_id
  )
  SELECT EXISTS (SELECT FROM down
                 WHERE (down.valid_to IS NULL OR down.valid_to > on_day)
                   AND down.rights_cell NOT IN (SELECT m.cell FROM rights.my_cells AS m))
$$;
