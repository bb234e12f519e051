-- Cards, lists of rooms and filters by holder come from these: an open map hears of a change.
CREATE OR REPLACE TRIGGER data_changed AFTER INSERT OR UPDATE OR DELETE ON estate.holding
  FOR EACH STATEMENT EXECUTE FUNCTION place.data_changed();
CREATE OR REPLACE TRIGGER data_changed AFTER INSERT OR UPDATE OR DELETE ON estate.holding_party
  FOR EACH STATEMENT EXECUTE FUNCTION place.data_changed();
CREATE OR REPLACE TRIGGER data_changed AFTER INSERT OR UPDATE OR DELETE ON estate.sharer
  FOR EACH STATEMENT EXECUTE FUNCTION place.data_changed();

-- So do the archives of places.
CREATE OR REPLACE TRIGGER data_changed AFTER INSERT OR UPDATE OR DELETE ON estate.archive_file
  FOR EACH STATEMENT EXECUTE FUNCTION place.data_changed();

-- Stated shares of a holding sum to 1 and are stated of all or of none, and those of a body's people
-- sum to its share; asked when a transaction ends: in between they may be written one by one. Rows
-- without a share, as loads bring them by the hundred thousand, queue nothing.
CREATE OR REPLACE FUNCTION estate.check_shares() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  asked bigint := coalesce(new.holding_id, old.holding_id);
BEGIN
  IF EXISTS (
    SELECT FROM estate.holding_party AS p WHERE p.holding_id = asked
    HAVING count(p.share) > 0 AND (count(p.share) <> count(*) OR sum(p.share) <> 1)
  ) THEN
    RAISE EXCEPTION 'shares of a holding do not sum to 1' USING ERRCODE = 'check_violation',
      SCHEMA = 'estate', TABLE = 'holding_party', CONSTRAINT = 'ck_holding_party_sum';
  END IF;
  IF EXISTS (
    SELECT FROM estate.sharer AS s
    JOIN estate.holding_party AS p USING (holding_id, holder_id)
    WHERE s.holding_id = asked
    GROUP BY p.holder_id, p.share HAVING sum(s.share) IS DISTINCT FROM p.share
  ) THEN
    RAISE EXCEPTION 'sharers of a body do not sum to its share' USING ERRCODE = 'check_violation',
      SCHEMA = 'estate', TABLE = 'sharer', CONSTRAINT = 'ck_sharer_sum';
  END IF;
  RETURN NULL;
END $$;
-- A party without a share beside others that have one is seen at once, of all rows of a statement.
CREATE OR REPLACE FUNCTION estate.check_unshared() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF EXISTS (
    SELECT FROM added AS a JOIN estate.holding_party AS p USING (holding_id)
    WHERE a.share IS NULL AND p.share IS NOT NULL
  ) THEN
    RAISE EXCEPTION 'a party without a share' USING ERRCODE = 'check_violation',
      SCHEMA = 'estate', TABLE = 'holding_party', CONSTRAINT = 'ck_holding_party_sum';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER unshared AFTER INSERT ON estate.holding_party
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION estate.check_unshared();
DROP TRIGGER IF EXISTS shares_sum_insert ON estate.holding_party;
CREATE CONSTRAINT TRIGGER shares_sum_insert AFTER INSERT ON estate.holding_party
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.share IS NOT NULL)
  EXECUTE FUNCTION estate.check_shares();
DROP TRIGGER IF EXISTS shares_sum_update ON estate.holding_party;
CREATE CONSTRAINT TRIGGER shares_sum_update AFTER UPDATE ON estate.holding_party
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.share IS DISTINCT FROM old.share)
  EXECUTE FUNCTION estate.check_shares();
DROP TRIGGER IF EXISTS shares_sum_delete ON estate.holding_party;
CREATE CONSTRAINT TRIGGER shares_sum_delete AFTER DELETE ON estate.holding_party
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (old.share IS NOT NULL)
  EXECUTE FUNCTION estate.check_shares();
DROP TRIGGER IF EXISTS sharers_sum ON estate.sharer;
CREATE CONSTRAINT TRIGGER sharers_sum AFTER INSERT OR UPDATE OR DELETE ON estate.sharer
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  EXECUTE FUNCTION estate.check_shares();
