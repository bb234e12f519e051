-- Triggers beside history's own: cells that agree, caches that know, scopes that follow.
CREATE OR REPLACE TRIGGER check_cells_insert AFTER INSERT ON place.place
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION place.check_cells();
CREATE OR REPLACE TRIGGER check_cells_update AFTER UPDATE ON place.place
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION place.check_cells();
CREATE OR REPLACE TRIGGER derived_update AFTER UPDATE ON place.place
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION place.derived_follows_cells();
CREATE OR REPLACE TRIGGER derived_delete AFTER DELETE ON place.place
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION place.derived_goes_with_places();

DROP TRIGGER IF EXISTS count_change ON rights.pending_change;
CREATE CONSTRAINT TRIGGER count_change AFTER INSERT ON rights.pending_change
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION rights.count_change();

-- What tiles and cards show comes from these.
CREATE OR REPLACE TRIGGER data_changed AFTER INSERT OR UPDATE OR DELETE ON place.place
  FOR EACH STATEMENT EXECUTE FUNCTION place.data_changed();
CREATE OR REPLACE TRIGGER data_changed AFTER INSERT OR UPDATE OR DELETE ON place.admin_area
  FOR EACH STATEMENT EXECUTE FUNCTION place.data_changed();
CREATE OR REPLACE TRIGGER data_changed AFTER INSERT OR UPDATE OR DELETE ON place.site
  FOR EACH STATEMENT EXECUTE FUNCTION place.data_changed();
CREATE OR REPLACE TRIGGER data_changed AFTER INSERT OR UPDATE OR DELETE ON place.building
  FOR EACH STATEMENT EXECUTE FUNCTION place.data_changed();
CREATE OR REPLACE TRIGGER data_changed AFTER INSERT OR UPDATE OR DELETE ON place.room
  FOR EACH STATEMENT EXECUTE FUNCTION place.data_changed();
CREATE OR REPLACE TRIGGER data_changed AFTER INSERT OR UPDATE OR DELETE ON place.area_measure
  FOR EACH STATEMENT EXECUTE FUNCTION place.data_changed();
CREATE OR REPLACE TRIGGER data_changed AFTER INSERT OR UPDATE OR DELETE ON place.counted_by
  FOR EACH STATEMENT EXECUTE FUNCTION place.data_changed();

-- A cell changes only where the code of its area does.
CREATE OR REPLACE TRIGGER scopes_are_stale AFTER INSERT OR UPDATE ON rights.cell
  FOR EACH STATEMENT EXECUTE FUNCTION rights.scopes_are_stale();
CREATE OR REPLACE TRIGGER scopes_are_stale AFTER INSERT OR UPDATE OR DELETE ON rights."grant"
  FOR EACH STATEMENT EXECUTE FUNCTION rights.scopes_are_stale();
CREATE OR REPLACE TRIGGER scopes_are_stale_tree AFTER UPDATE OF parent_id ON organization.organization
  FOR EACH STATEMENT EXECUTE FUNCTION rights.scopes_are_stale();
CREATE OR REPLACE TRIGGER scopes_are_stale AFTER INSERT OR UPDATE OR DELETE ON organization.succession
  FOR EACH STATEMENT EXECUTE FUNCTION rights.scopes_are_stale();
CREATE OR REPLACE TRIGGER scopes_are_stale AFTER INSERT OR UPDATE OR DELETE ON place.admin_area_succession
  FOR EACH STATEMENT EXECUTE FUNCTION rights.scopes_are_stale();
CREATE OR REPLACE TRIGGER scopes_are_stale_tree
  AFTER INSERT OR UPDATE OF parent_code, valid_to ON place.admin_area
  FOR EACH STATEMENT EXECUTE FUNCTION rights.scopes_are_stale();
