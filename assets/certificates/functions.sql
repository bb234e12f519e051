-- Whether an edition of a certificate has rooms that the account may not see: nobody cancels or changes it over
-- them. It tells that there are some and nothing of them; of one that the account does not see, nothing but yes.
CREATE OR REPLACE FUNCTION certificates.hides_rooms(of_edition bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT NOT EXISTS (
    SELECT FROM certificates.edition AS e
    WHERE e.edition_id = of_edition AND e.rights_cell IN (SELECT m.cell FROM rights.my_cells AS m)
  ) OR EXISTS (
    SELECT FROM certificates.certified_room AS r
    WHERE r.edition_id = of_edition
      AND r.rights_cell NOT IN (SELECT m.cell FROM rights.my_cells AS m)
  )
$$;
GRANT EXECUTE ON FUNCTION certificates.hides_rooms(bigint) TO onemap_web, onemap_operator;
-- The register and cards of places show them: what is open hears of a change.
CREATE OR REPLACE TRIGGER data_changed AFTER INSERT OR UPDATE OR DELETE ON certificates.certificate
  FOR EACH STATEMENT EXECUTE FUNCTION place.data_changed();
-- So do the list of titles, the card of a property and the page of a case of what is put on record.
CREATE OR REPLACE TRIGGER data_changed AFTER INSERT OR UPDATE OR DELETE ON certificates.ownership_record
  FOR EACH STATEMENT EXECUTE FUNCTION place.data_changed();
