-- A token of a program, in the name of an account; an API token makes no further ones. Only the operator
-- makes one for somebody else.
CREATE OR REPLACE FUNCTION rights.make_api_token(
  of_name text, token_title text, digest bytea, days integer, may_write boolean, from_address text
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  who bigint := rights.acting_account_id();
  whom bigint := who;
  made bigint;
BEGIN
  IF who IS NULL OR (of_name IS NOT NULL AND NOT rights.is_operator(who)) THEN
    PERFORM rights.refuse('OM403', 'token.by_a_person');
  END IF;
  IF of_name IS NOT NULL THEN
    whom := rights.account_of(of_name);
  END IF;
  INSERT INTO rights.session (account_id, token_digest, kind, expires_at, title, can_write, address)
  VALUES (whom, digest, 'api', now() + days * interval '1 day', token_title, may_write, from_address)
  RETURNING session_id INTO made;
  INSERT INTO rights.event (kind, account_id, by_account_id, address, details)
  VALUES ('token_made', whom, who, from_address,
          jsonb_build_object('token', made, 'title', token_title, 'writes', may_write));
  RETURN made;
END $$;

-- Of the account, or of all for the operator; tokens that have ended are not listed.
CREATE OR REPLACE FUNCTION rights.api_tokens()
RETURNS TABLE (token_id bigint, account text, title text, can_write boolean, created_at timestamptz,
               expires_at timestamptz, seen_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT s.session_id, a.name, s.title, s.can_write, s.created_at, s.expires_at,
         nullif(s.seen_at, s.created_at)
  FROM rights.session AS s JOIN rights.account AS a USING (account_id)
  WHERE s.kind = 'api' AND s.expires_at > now()
    AND (s.account_id = rights.current_account_id()
         OR rights.is_operator(rights.acting_account_id()))
  ORDER BY s.session_id DESC
$$;

CREATE OR REPLACE FUNCTION rights.end_api_token(which bigint, from_address text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  -- A token that may write may end tokens of its own account, also itself; one for reading none.
  who bigint := rights.current_writer_id();
  whom bigint;
BEGIN
  DELETE FROM rights.session AS s
  WHERE s.session_id = which AND s.kind = 'api'
    AND (s.account_id = who OR rights.is_operator(rights.acting_account_id()))
  RETURNING s.account_id INTO whom;
  IF whom IS NULL THEN
    RETURN false;
  END IF;
  INSERT INTO rights.event (kind, account_id, by_account_id, address, details)
  VALUES ('token_ended', whom, who, from_address, jsonb_build_object('token', which));
  PERFORM rights.bump_version();
  RETURN true;
END $$;
