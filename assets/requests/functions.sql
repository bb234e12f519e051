-- What requests need past row security.

-- The request whose approval gave a room out by an edit: told to who made the edit, and takes it back, whether or
-- not the request is still seen. Only a number: what it says of the request is asked under row security.
CREATE OR REPLACE FUNCTION requests.given_by(of_edit bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT r.request_id FROM requests.request AS r
  WHERE r.given_edit_ids @> ARRAY[of_edit] AND EXISTS (
    SELECT FROM place.edit AS e
    WHERE e.edit_id = of_edit AND e.account_id = rights.current_account_id())
$$;
GRANT EXECUTE ON FUNCTION requests.given_by(bigint) TO onemap_web, onemap_operator;

-- Whether a room that a request gave out is still given, one is still asked back for it, one was given back for it:
-- yes or no, to who sees the request, of rooms too that one may not see. Nobody takes back the rest alone.
CREATE OR REPLACE FUNCTION requests.stands_of(of_request bigint)
RETURNS TABLE (is_given boolean, is_asked boolean, is_returned boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT
    EXISTS (SELECT FROM place.edit AS e WHERE e.edit_id = ANY (r.given_edit_ids)
            AND NOT EXISTS (SELECT FROM place.edit AS u WHERE u.undoes_edit_id = e.edit_id)),
    EXISTS (SELECT FROM requests.room_return AS b
            WHERE b.request_id = r.request_id AND b.state = 'open'),
    EXISTS (SELECT FROM requests.room_return AS b
            WHERE b.request_id = r.request_id AND b.state = 'returned')
  FROM requests.request AS r
  WHERE r.request_id = of_request AND r.rights_cell IN (SELECT m.cell FROM rights.my_cells AS m)
$$;
GRANT EXECUTE ON FUNCTION requests.stands_of(bigint) TO onemap_web, onemap_operator;
