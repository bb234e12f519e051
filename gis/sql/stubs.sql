-- A place that is a state secret keeps its kind, its district, its areas and our own code. Everything
-- else of it, and of what hangs in it, is deleted here together with the past of it; so no undo, no
-- card and no export can bring it back. The deletions are generated from the tables (`gis.places.stubs`).

-- The district an area lies in: towns and villages say too much.
CREATE OR REPLACE FUNCTION place.district_of(area_code text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  WITH RECURSIVE up AS (
    SELECT code, level, parent_code, 0 AS step FROM place.admin_area WHERE code = area_code
    UNION ALL
    SELECT a.code, a.level, a.parent_code, up.step + 1
    FROM up JOIN place.admin_area AS a ON a.code = up.parent_code
    WHERE up.level IN ('town', 'village') AND up.step < 5
  )
  SELECT code FROM up WHERE level NOT IN ('town', 'village') ORDER BY step LIMIT 1
$$;

-- What of a text people would recognise a place by, if it is that long: an address also without its
-- province, city and district, as people write it.
CREATE OR REPLACE FUNCTION place.told_by(written text, shortest integer) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
  SELECT told FROM (
    SELECT place.normalised(unnest(ARRAY[written, regexp_replace(written, '^.{1,12}[市区县]', '')])) AS told
  ) AS said WHERE length(told) >= shortest
$$;

-- What people would recognise the places by, as search compares texts. Names of rooms ("会议室") and
-- short words would meet half the register, so only telling ones count.
CREATE OR REPLACE FUNCTION place.telling_texts(ids bigint[]) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT array_agg(DISTINCT told) FROM (
      SELECT address, 5 FROM place.place WHERE place_id = ANY (ids)
      UNION ALL SELECT code, 5 FROM place.place WHERE place_id = ANY (ids)
      UNION ALL SELECT name, 6 FROM place.place WHERE place_id = ANY (ids)
      UNION ALL SELECT address, 5 FROM history.place_place WHERE place_id = ANY (ids)
      UNION ALL SELECT code, 5 FROM history.place_place WHERE place_id = ANY (ids)
      UNION ALL SELECT name, 6 FROM history.place_place WHERE place_id = ANY (ids)
      UNION ALL SELECT address, 5 FROM place.place_version WHERE place_id = ANY (ids)
      UNION ALL SELECT name, 6 FROM place.place_version WHERE place_id = ANY (ids)
      UNION ALL SELECT value, 5 FROM place.identifier WHERE place_id = ANY (ids)
      UNION ALL SELECT value, 5 FROM history.place_identifier WHERE place_id = ANY (ids)
      UNION ALL SELECT t.number, 5 FROM place.title AS t JOIN place.title_place AS l USING (title_id)
        WHERE l.place_id = ANY (ids)
      UNION ALL SELECT t.number, 5 FROM history.place_title AS t
        JOIN place.title_place AS l USING (title_id) WHERE l.place_id = ANY (ids)
    ) AS known (written, least) CROSS JOIN place.told_by(written, least) AS told
$$;

-- Rows of files that never reached the register, and what their lists of issues quote.
CREATE OR REPLACE FUNCTION staging.forget(telling text[], loads bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  UPDATE staging.held_row AS h SET cells = '{}'::jsonb
  WHERE EXISTS (SELECT FROM jsonb_each_text(h.cells) AS cell, unnest(telling) AS told
                WHERE position(told IN place.normalised(cell.value)) > 0);
  UPDATE staging.match_question AS q
  SET values = '{}'::jsonb, name = NULL, address = NULL, holder = NULL, gross_area_m2 = NULL,
      geom = NULL
  WHERE EXISTS (SELECT FROM unnest(telling) AS told
                WHERE position(told IN place.normalised(concat_ws(' ', q.name, q.address))) > 0
                   OR position(told IN place.normalised(q.values::text)) > 0);
  UPDATE staging.issue AS i SET original = NULL, suggestion = NULL, params = NULL, geom = NULL
  WHERE num_nonnulls(i.original, i.suggestion, i.params, i.geom) > 0
    AND (i.load_id = ANY (loads)
         OR EXISTS (SELECT FROM staging.held_row AS h
                    WHERE h.load_id = i.load_id AND h.sheet = coalesce(i.sheet, '')
                      AND h.row_number = i.row_number AND h.cells = '{}'::jsonb)
         OR EXISTS (SELECT FROM unnest(telling) AS told
                    WHERE position(told IN place.normalised(concat_ws(' ', i.original, i.suggestion, i.params)))
                          > 0));
  UPDATE staging.load AS l SET file_name = '涉密'
  WHERE EXISTS (SELECT FROM unnest(telling) AS told
                WHERE position(told IN place.normalised(l.file_name)) > 0);
  UPDATE staging.upload AS u SET file_name = '涉密'
  WHERE EXISTS (SELECT FROM unnest(telling) AS told
                WHERE position(told IN place.normalised(u.file_name)) > 0);
END $$;

-- Rows that say a word places are recognised by go, wherever they hang, with their past. The deletions
-- are generated from the tables.
CREATE OR REPLACE FUNCTION place.forget_words(telling text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  -- <forgotten>
END $$;

-- A place that was a secret when a load first told of it never stood in the register; what other rows
-- say of it goes by the words its own row had.
CREATE OR REPLACE FUNCTION place.forget_unlisted(words text[], names text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  telling text[];
BEGIN
  SELECT array_agg(DISTINCT told) INTO telling FROM (
    SELECT word, 5 FROM unnest(words) AS word UNION ALL SELECT name, 6 FROM unnest(names) AS name
  ) AS known (written, least) CROSS JOIN place.told_by(written, least) AS told;
  IF telling IS NULL THEN RETURN; END IF;
  PERFORM staging.forget(telling, '{}');
  PERFORM place.forget_words(telling);
END $$;

-- Makes stubs of places and of all that hangs in them; parcels go with their site. Returns the places
-- whose derived facts must be renewed. Whoever asks must be allowed to write every one of them.
CREATE OR REPLACE FUNCTION place.make_stubs(asked bigint[], by_decision text)
RETURNS SETOF bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  ids bigint[]; above bigint[]; loads bigint[]; titles bigint[]; telling text[];
BEGIN
  -- No load is half-way through writing to them.
  PERFORM pg_advisory_xact_lock(70, 2);
  WITH RECURSIVE down AS (
    SELECT place_id FROM place.place WHERE place_id = ANY (asked)
    UNION
    SELECT p.place_id FROM down JOIN place.place AS p ON p.parent_id = down.place_id
  )
  SELECT array_agg(place_id) INTO ids FROM down;
  -- What is a stub already has nothing left to take, and its one line stays.
  SELECT array_agg(p.place_id) INTO ids FROM place.place AS p
  WHERE p.place_id = ANY (ids) AND p.security_class < 3;
  IF ids IS NULL THEN RETURN; END IF;
  SELECT ids || coalesce(array_agg(alone.parcel_id), '{}') INTO ids FROM (
    SELECT parcel_id FROM place.site_parcel GROUP BY parcel_id
    HAVING bool_and(site_id = ANY (ids))) AS alone;
  IF EXISTS (SELECT FROM place.place AS p WHERE p.place_id = ANY (ids)
             AND p.rights_cell NOT IN (SELECT cell FROM rights.my_write_cells)) THEN
    RAISE insufficient_privilege;
  END IF;

  telling := place.telling_texts(ids);
  SELECT array_agg(DISTINCT h.history_load_id) INTO loads FROM history.place_place AS h
  WHERE h.place_id = ANY (ids);
  PERFORM staging.forget(telling, loads);
  -- A look at a floor plan holds its drawing, where it lies and its rooms.
  WITH told AS (
    UPDATE staging.job AS j SET result = NULL, options = '{}'::jsonb
    WHERE j.upload_id IN (
      SELECT l.upload_id FROM staging.job AS l
      JOIN place.place AS p ON p.place_id = ANY (ids)
        AND (p.code IN (l.result ->> 'building', l.options ->> 'building')
          OR l.result -> 'known' @> jsonb_build_array(jsonb_build_object('code', p.code)))
      WHERE l.kind IN ('plan', 'plan_load'))
    RETURNING j.upload_id)
  UPDATE staging.upload SET is_kept = false WHERE upload_id IN (SELECT upload_id FROM told);
  DELETE FROM staging.match_candidate WHERE place_id = ANY (ids);
  UPDATE staging.match_decision SET withdrawn_at = now()
  WHERE withdrawn_at IS NULL AND place_id = ANY (ids);
  SELECT array_agg(DISTINCT title_id) INTO titles FROM (
    SELECT title_id FROM place.title_place WHERE place_id = ANY (ids)
    UNION SELECT title_id FROM history.place_title_place WHERE place_id = ANY (ids)) AS t;

  -- A part of a place that stays open leaves it: the link would say where it is. What the open place
  -- states of an area holds the part's already, so the part's own figure goes.
  SELECT coalesce(array_agg(DISTINCT p.parent_id), '{}') INTO above FROM place.place AS p
  WHERE p.place_id = ANY (ids) AND p.parent_id <> ALL (ids);
  WITH RECURSIVE up AS (
    SELECT p.place_id AS part_id, p.parent_id AS at FROM place.place AS p
    WHERE p.place_id = ANY (ids) AND p.parent_id <> ALL (ids)
    UNION ALL
    SELECT up.part_id, p.parent_id FROM up JOIN place.place AS p ON p.place_id = up.at
    WHERE p.parent_id IS NOT NULL
  ),
  inside AS (
    SELECT part_id, part_id AS place_id FROM up
    UNION
    SELECT inside.part_id, p.place_id FROM inside
    JOIN place.place AS p ON p.parent_id = inside.place_id
  )
  DELETE FROM place.area_measure AS m USING inside
  WHERE m.place_id = inside.place_id AND EXISTS (
    SELECT FROM up JOIN place.area_measure AS o ON o.place_id = up.at
    WHERE up.part_id = inside.part_id AND o.area_kind = m.area_kind);

  DELETE FROM place.search_text WHERE place_id = ANY (ids);
  UPDATE place.search_posting AS s
  SET place_ids = kept.place_ids, place_count = cardinality(kept.place_ids)
  FROM (SELECT search_posting_id, ARRAY(SELECT unnest(place_ids) EXCEPT SELECT unnest(ids)) AS place_ids
        FROM place.search_posting WHERE place_ids && ids) AS kept
  WHERE kept.search_posting_id = s.search_posting_id;
  DELETE FROM place.search_posting WHERE place_count = 0;

  -- <deletions>
  PERFORM place.forget_words(telling);
  -- <past>
  DELETE FROM place.title AS t WHERE t.title_id = ANY (titles)
    AND NOT EXISTS (SELECT FROM place.title_place AS l WHERE l.title_id = t.title_id);
  DELETE FROM history.place_title AS h WHERE h.title_id = ANY (titles)
    AND NOT EXISTS (SELECT FROM place.title AS t WHERE t.title_id = h.title_id);

  DELETE FROM history.place_place WHERE place_id = ANY (ids);
  UPDATE place.place AS p
  SET code = CASE WHEN p.code ~ ('^[0-9]{6}([A-Z]{2})?-[A-Z]0*' || p.place_id || '$') THEN p.code
                  ELSE coalesce(area, '000000') || '-X'
                    || lpad(p.place_id::text, greatest(6, length(p.place_id::text)), '0') END,
      name = NULL, address = NULL, geom = NULL, anchor = NULL, located_by = NULL,
      geom_source = NULL, geom_accuracy_m = NULL, use_status = NULL, steward_id = NULL,
      remark = NULL, stated_on = NULL, load_id = NULL, security_class = 3, admin_area_code = area,
      stated_admin_area_code = NULL,
      parent_id = CASE WHEN p.parent_id = ANY (ids) THEN p.parent_id END,
      parent_kind = CASE WHEN p.parent_id = ANY (ids) THEN p.parent_kind END,
      rights_cell = rights.cell_for(NULL, area, 3::smallint)
  FROM (SELECT place_id, place.district_of(coalesce(admin_area_code, stated_admin_area_code)) AS area
        FROM place.place) AS told
  WHERE told.place_id = p.place_id AND p.place_id = ANY (ids);
  -- One line stays, with nothing in it: who made it a stub, and when. It belongs to no load.
  UPDATE history.place_place AS h
  SET <blanks>, code = p.code, admin_area_code = p.admin_area_code, rights_cell = p.rights_cell,
      history_load_id = NULL
  FROM place.place AS p WHERE p.place_id = h.place_id AND h.place_id = ANY (ids);
  INSERT INTO place.secrecy (place_id, decision, marked_on, rights_cell)
  SELECT place_id, by_decision, current_date, rights_cell FROM place.place
  WHERE place_id = ANY (ids) AND (place_id = ANY (asked) OR NOT asked && ids)
  ON CONFLICT (place_id) DO NOTHING;
  DELETE FROM history.place_area_measure WHERE area_measure_id IN (
    SELECT area_measure_id FROM place.area_measure WHERE place_id = ANY (ids)
    UNION SELECT area_measure_id FROM history.place_area_measure WHERE place_id = ANY (ids));
  -- What stays of the areas has no past; a line says so, as it stands from now on.
  -- <found>
  UPDATE history.place_secrecy SET history_load_id = NULL WHERE place_id = ANY (ids);
  RETURN QUERY SELECT unnest(ids || above);
END $$;
