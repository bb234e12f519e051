-- Cards, lists of rooms and filters by holder come from these: an open map hears of a change.
CREATE OR REPLACE TRIGGER data_changed AFTER INSERT OR UPDATE OR DELETE ON estate.holding
  FOR EACH STATEMENT EXECUTE FUNCTION place.data_changed();
CREATE OR REPLACE TRIGGER data_changed AFTER INSERT OR UPDATE OR DELETE ON estate.holding_party
  FOR EACH STATEMENT EXECUTE FUNCTION place.data_changed();
