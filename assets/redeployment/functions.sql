-- What redeployment needs past row security.

-- Whether a plan speaks of rooms that who asks may not see: yes or no, to who sees the plan. Nobody carries out, or
-- changes, the rest alone.
CREATE OR REPLACE FUNCTION redeployment.hides_rooms(of_plan bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT EXISTS (
    SELECT FROM redeployment.plan AS p JOIN redeployment.plan_room AS r ON r.plan_id = p.plan_id
    WHERE p.plan_id = of_plan
      AND (p.is_shared OR p.made_by = rights.current_account_id())
      AND p.rights_cell IN (SELECT m.cell FROM rights.my_cells AS m)
      AND r.rights_cell NOT IN (SELECT m.cell FROM rights.my_cells AS m)
      AND r.kind <> 'leave' AND NOT EXISTS (
        SELECT FROM redeployment.plan_room AS n
        WHERE n.plan_id = r.plan_id AND n.place_id = r.place_id AND n.step > r.step))
$$;
GRANT EXECUTE ON FUNCTION redeployment.hides_rooms(bigint) TO onemap_web, onemap_operator;

-- The plan that an edit carried out: told to who made the edit, and takes it back, whether or not the plan is still
-- seen. Only a number: what it says of the plan is asked under row security.
CREATE OR REPLACE FUNCTION redeployment.merged_by(of_edit bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT p.plan_id FROM redeployment.plan AS p
  WHERE p.merged_edit_ids @> ARRAY[of_edit] AND EXISTS (
    SELECT FROM place.edit AS e
    WHERE e.edit_id = of_edit AND e.account_id = rights.current_account_id())
$$;
GRANT EXECUTE ON FUNCTION redeployment.merged_by(bigint) TO onemap_web, onemap_operator;

-- Whether an edit that carried a plan out still stands, of rooms too that one may not see: yes or no, to who sees the
-- plan. Nobody takes back the rest alone.
CREATE OR REPLACE FUNCTION redeployment.stands(of_plan bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT EXISTS (
    SELECT FROM redeployment.plan AS p JOIN place.edit AS e ON e.edit_id = ANY (p.merged_edit_ids)
    WHERE p.plan_id = of_plan
      AND (p.is_shared OR p.made_by = rights.current_account_id())
      AND p.rights_cell IN (SELECT m.cell FROM rights.my_cells AS m)
      AND NOT EXISTS (SELECT FROM place.edit AS u WHERE u.undoes_edit_id = e.edit_id))
$$;
GRANT EXECUTE ON FUNCTION redeployment.stands(bigint) TO onemap_web, onemap_operator;
