-- A person puts a place on the map, or takes it off again. The district and with it the rights cell of
-- the place and of its parts may change, so this runs as the owner, after asking whether the account
-- may write every row as it is and as it will be. Nothing happens when the place moved meanwhile.
CREATE OR REPLACE FUNCTION place.put_location(
  for_place bigint, seen public.geometry, at public.geometry, by_means text, by_source text,
  within_m numeric, area text
) RETURNS SETOF bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE found_anchor public.geometry;
BEGIN
  SELECT p.anchor INTO found_anchor FROM place.place AS p
  WHERE p.place_id = for_place FOR UPDATE;
  IF NOT FOUND OR public.st_asbinary(found_anchor) IS DISTINCT FROM public.st_asbinary(seen) THEN
    RETURN;
  END IF;
  DROP TABLE IF EXISTS pg_temp.put_place;
  CREATE TEMP TABLE put_place ON COMMIT DROP AS
  WITH RECURSIVE down AS (
    SELECT p.place_id, at AS anchor, by_means AS located_by
    FROM place.place AS p WHERE p.place_id = for_place
    UNION ALL
    SELECT p.place_id,
           CASE WHEN p.located_by IN ('own', 'coordinates', 'address') THEN p.anchor
                ELSE down.anchor END,
           CASE WHEN p.located_by IN ('own', 'coordinates', 'address') THEN p.located_by
                WHEN down.anchor IS NOT NULL THEN 'ancestor' END
    FROM down JOIN place.place AS p ON p.parent_id = down.place_id
  )
  SELECT down.*, p.rights_cell AS old_cell, p.steward_id, p.security_class, NULL::integer AS cell
  FROM down JOIN place.place AS p USING (place_id);
  UPDATE pg_temp.put_place AS d SET cell = c.cell
  FROM (SELECT array_agg(steward_id) AS stewards, array_agg(area) AS areas,
               array_agg(security_class) AS classes
        FROM (SELECT DISTINCT steward_id, security_class FROM pg_temp.put_place) AS one) AS every,
       rights.cells_for(every.stewards, every.areas, every.classes) AS c
  WHERE (c.organization_id, c.security_class) IS NOT DISTINCT FROM (d.steward_id, d.security_class);
  IF EXISTS (SELECT FROM pg_temp.put_place AS d
             WHERE d.old_cell NOT IN (SELECT w.cell FROM rights.my_write_cells AS w)
                OR d.cell NOT IN (SELECT w.cell FROM rights.my_write_cells AS w)) THEN
    RAISE insufficient_privilege;
  END IF;
  UPDATE place.place AS p
  SET anchor = d.anchor, located_by = d.located_by, admin_area_code = area, rights_cell = d.cell,
      geom = CASE WHEN p.place_id = for_place THEN at ELSE p.geom END,
      geom_source = CASE WHEN p.place_id = for_place THEN by_source ELSE p.geom_source END,
      geom_accuracy_m = CASE WHEN p.place_id = for_place THEN within_m ELSE p.geom_accuracy_m END
  FROM pg_temp.put_place AS d WHERE d.place_id = p.place_id;
  RETURN QUERY SELECT d.place_id FROM pg_temp.put_place AS d;
END $$;
