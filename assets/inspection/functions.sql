-- What inspections need past row security.

-- Whether a body has rooms on a day that the account may not see, or does not see that it has: who sees only
-- some of them does not say that it has no more than it may. It tells that there are some and nothing of them,
-- and to whoever writes nothing of the body not even that.
CREATE OR REPLACE FUNCTION inspection.hides_rooms(of_body bigint, on_day date) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT NOT EXISTS (
    SELECT FROM rights.my_domain_write_cells AS w JOIN rights.cell AS c ON c.cell = w.cell
    WHERE w.domain = 'inspection' AND c.organization_id = of_body
  ) OR EXISTS (
    SELECT FROM estate.holding_party AS y
    JOIN estate.holding AS h ON h.holding_id = y.holding_id AND h.kind = 'occupies'
    WHERE y.holder_id = of_body AND daterange(h.valid_from, h.valid_to) @> on_day
      -- Of a part of something there are no leaves.
      AND (h.rights_cell NOT IN (SELECT m.cell FROM rights.my_cells AS m) OR EXISTS (
        SELECT FROM estate.holding_leaf AS l
        WHERE l.holding_id = h.holding_id AND l.during @> on_day
          AND l.rights_cell NOT IN (SELECT m.cell FROM rights.my_cells AS m)))
  )
$$;
GRANT EXECUTE ON FUNCTION inspection.hides_rooms(bigint, date) TO onemap_web, onemap_operator;

-- A notice goes with the finding it is for when the place of that becomes a state secret, and with it all that
-- was written and handed in about it. Nothing else deletes a notice.
CREATE OR REPLACE FUNCTION inspection.forget_cases() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  gone bigint[] := ARRAY(SELECT rectification_id FROM deleted);
  told bigint[]; files bigint[]; contents bytea[];
BEGIN
  IF gone = '{}' THEN RETURN NULL; END IF;
  DELETE FROM services.step_taken
  WHERE workflow = 'rectification' AND case_id = ANY (gone);
  told := ARRAY(
    SELECT n.notice_id FROM services.notice AS n
    WHERE n.address = ANY (SELECT '/rectifications/' || id FROM unnest(gone) AS id));
  DELETE FROM services.notice_read WHERE notice_id = ANY (told);
  DELETE FROM services.notice WHERE notice_id = ANY (told);
  SELECT array_agg(a.attachment_id), array_agg(a.sha256) INTO files, contents
  FROM services.attachment AS a WHERE a.workflow = 'rectification' AND a.case_id = ANY (gone);
  DELETE FROM services.attachment WHERE attachment_id = ANY (files);
  DELETE FROM history.services_attachment WHERE attachment_id = ANY (files);
  DELETE FROM services.attachment_content AS c
  WHERE c.sha256 = ANY (contents)
    AND NOT EXISTS (SELECT FROM services.attachment AS a WHERE a.sha256 = c.sha256);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER forget_cases AFTER DELETE ON inspection.rectification
  REFERENCING OLD TABLE AS deleted
  FOR EACH STATEMENT EXECUTE FUNCTION inspection.forget_cases();

-- Cards of places and pages of inspections show them: what is open hears of a change. Answers come one by one from
-- every telephone and are on no map: their page asks for them.
CREATE OR REPLACE TRIGGER data_changed AFTER INSERT OR UPDATE OR DELETE ON inspection.inspection
  FOR EACH STATEMENT EXECUTE FUNCTION place.data_changed();
CREATE OR REPLACE TRIGGER data_changed AFTER INSERT OR UPDATE OR DELETE ON inspection.visit
  FOR EACH STATEMENT EXECUTE FUNCTION place.data_changed();
CREATE OR REPLACE TRIGGER data_changed AFTER INSERT OR UPDATE OR DELETE ON inspection.finding
  FOR EACH STATEMENT EXECUTE FUNCTION place.data_changed();
CREATE OR REPLACE TRIGGER data_changed AFTER INSERT OR UPDATE OR DELETE ON inspection.rectification
  FOR EACH STATEMENT EXECUTE FUNCTION place.data_changed();
