-- How many people each body has, day by day: the newest count of each kind, of a day the first source,
-- a stated total before the sum of ranks. Made anew for the bodies of every statement that counts.
CREATE OR REPLACE FUNCTION organization.settle_headcounts(asked bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  -- Of two that count the same body at once, the later sees what the earlier wrote.
  PERFORM pg_advisory_xact_lock(70, 9);
  DELETE FROM organization.headcount_total WHERE asked IS NULL OR organization_id = ANY (asked);
  INSERT INTO organization.headcount_total
    (organization_id, kind, rights_cell, is_of_one_cell, people, valid_from, valid_to)
  WITH counted AS MATERIALIZED (
    SELECT c.organization_id, c.kind, c.counted_on, c.source, c.rank_code, c.people, c.rights_cell
    FROM organization.headcount AS c WHERE asked IS NULL OR c.organization_id = ANY (asked)
  ),
  body AS (
    SELECT organization_id, kind, min(rights_cell) AS rights_cell,
      min(rights_cell) = max(rights_cell) AS is_of_one_cell
    FROM counted GROUP BY 1, 2
  ),
  total AS (
    SELECT organization_id, kind, counted_on, source,
      coalesce(sum(people) FILTER (WHERE rank_code IS NULL), sum(people)) AS people
    FROM counted GROUP BY 1, 2, 3, 4
  ),
  daily AS (
    SELECT DISTINCT ON (organization_id, kind, counted_on) organization_id, kind, counted_on, people
    FROM total ORDER BY organization_id, kind, counted_on, source
  )
  SELECT organization_id, kind, body.rights_cell, true, daily.people, daily.counted_on,
    lead(daily.counted_on) OVER (PARTITION BY organization_id, kind ORDER BY daily.counted_on)
  FROM daily JOIN body USING (organization_id, kind) WHERE body.is_of_one_cell
  UNION ALL
  SELECT DISTINCT organization_id, kind, counted.rights_cell, false, NULL::integer, NULL::date,
    NULL::date
  FROM counted JOIN body USING (organization_id, kind) WHERE NOT body.is_of_one_cell;
END $$;

CREATE OR REPLACE FUNCTION organization.headcounts_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE touched bigint[] := '{}';
BEGIN
  IF TG_OP <> 'DELETE' THEN
    touched := ARRAY(SELECT DISTINCT organization_id FROM new_rows);
  END IF;
  IF TG_OP <> 'INSERT' THEN
    touched := touched || ARRAY(SELECT DISTINCT organization_id FROM old_rows);
  END IF;
  IF cardinality(touched) > 0 THEN
    PERFORM organization.settle_headcounts(touched);
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER headcounts_changed_insert AFTER INSERT ON organization.headcount
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION organization.headcounts_changed();
CREATE OR REPLACE TRIGGER headcounts_changed_update AFTER UPDATE ON organization.headcount
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION organization.headcounts_changed();
CREATE OR REPLACE TRIGGER headcounts_changed_delete AFTER DELETE ON organization.headcount
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION organization.headcounts_changed();
SELECT organization.settle_headcounts(NULL);
