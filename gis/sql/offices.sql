-- What administrators do. Each function asks who calls it, so that no page and no command can forget to.
-- A refusal carries the key of its sentence as message and the sentence's values as detail.

CREATE OR REPLACE FUNCTION rights.refuse(code text, key text, params jsonb DEFAULT '{}')
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = code, MESSAGE = key, DETAIL = params::text;
END $$;

-- The account that whoever runs the server acts as, on the command line.
CREATE OR REPLACE FUNCTION rights.is_operator(who bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT EXISTS (SELECT FROM rights.account WHERE account_id = who AND name = 'operator')
$$;

CREATE OR REPLACE FUNCTION rights.holds_office(who bigint, office text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT EXISTS (
    SELECT FROM rights."grant" AS g JOIN rights.account AS a USING (account_id)
    WHERE g.account_id = who AND g.role = office AND a.is_active
      AND (g.valid_from IS NULL OR g.valid_from <= current_date)
      AND (g.valid_to IS NULL OR g.valid_to > current_date))
$$;

-- The account that acts, if it holds the office or is the operator.
CREATE OR REPLACE FUNCTION rights.acting_as(office text) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE who bigint := rights.current_account_id();
BEGIN
  IF who IS NULL OR NOT (rights.is_operator(who) OR rights.holds_office(who, office)) THEN
    PERFORM rights.refuse('OM403', 'account.not_your_office');
  END IF;
  RETURN who;
END $$;

CREATE OR REPLACE FUNCTION rights.account_of(of_name text) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE found bigint;
BEGIN
  SELECT account_id INTO found FROM rights.account WHERE name = of_name;
  IF found IS NULL THEN
    PERFORM rights.refuse('OM404', 'account.unknown', jsonb_build_object('name', of_name));
  END IF;
  RETURN found;
END $$;

CREATE OR REPLACE FUNCTION rights.add_account(
  new_name text, new_title text, salt bytea, time_cost integer, memory_kib integer,
  parallelism integer, verifier bytea, from_address text
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  who bigint := rights.acting_as('system_admin');
  made bigint;
BEGIN
  INSERT INTO rights.account (name, title) VALUES (new_name, new_title)
  ON CONFLICT (name) DO NOTHING RETURNING account_id INTO made;
  IF made IS NULL THEN
    PERFORM rights.refuse('OM409', 'account.taken', jsonb_build_object('name', new_name));
  END IF;
  PERFORM rights.put_credential(made, salt, time_cost, memory_kib, parallelism, verifier, true);
  PERFORM rights.settle_scope(made);
  INSERT INTO rights.event (kind, account_id, by_account_id, address)
  VALUES ('account_added', made, who, from_address);
  RETURN made;
END $$;

-- A password to hand over, good for choosing one's own. Who holds an office gets it from the command
-- line only: else the system administrator could sign in as the one who grants.
CREATE OR REPLACE FUNCTION rights.reset_password(
  of_name text, salt bytea, time_cost integer, memory_kib integer, parallelism integer,
  verifier bytea, from_address text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  who bigint := rights.acting_as('system_admin');
  whom bigint := rights.account_of(of_name);
BEGIN
  IF rights.is_operator(whom) THEN
    PERFORM rights.refuse('OM400', 'account.operator_has_none');
  END IF;
  IF NOT rights.is_operator(who) AND EXISTS (
    SELECT FROM rights."grant" AS g WHERE g.account_id = whom AND g.role LIKE '%\_admin'
  ) THEN
    PERFORM rights.refuse('OM403', 'account.office_password');
  END IF;
  PERFORM rights.put_credential(whom, salt, time_cost, memory_kib, parallelism, verifier, true);
  PERFORM rights.forget_attempt('account ' || of_name, true);
  PERFORM rights.end_sessions(whom);
  INSERT INTO rights.event (kind, account_id, by_account_id, address)
  VALUES ('password_reset', whom, who, from_address);
END $$;

-- At once everywhere: what the web's workers believe of a session belongs to one version of rights.
CREATE OR REPLACE FUNCTION rights.end_sessions(of_account bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  DELETE FROM rights.session WHERE account_id = of_account AND kind <> 'command';
  SELECT rights.bump_version();
$$;

CREATE OR REPLACE FUNCTION rights.set_account_active(
  of_name text, to_active boolean, from_address text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  who bigint := rights.acting_as('system_admin');
  whom bigint := rights.account_of(of_name);
BEGIN
  IF whom = who OR rights.is_operator(whom) THEN
    PERFORM rights.refuse('OM403', 'account.not_itself');
  END IF;
  UPDATE rights.account SET is_active = to_active WHERE account_id = whom AND is_active <> to_active;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  DELETE FROM rights.session WHERE account_id = whom;
  PERFORM rights.end_sessions(whom);
  INSERT INTO rights.event (kind, account_id, by_account_id, address)
  VALUES (CASE WHEN to_active THEN 'account_opened' ELSE 'account_shut' END, whom, who, from_address);
END $$;

-- Accounts for whoever administers them, the operator's own left out.
CREATE OR REPLACE FUNCTION rights.listed_accounts()
RETURNS TABLE (account_id bigint, name text, title text, is_active boolean, created_at timestamptz,
               has_password boolean, must_change boolean, password_changed_at timestamptz,
               last_signed_in_at timestamptz, is_locked boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE who bigint := rights.current_account_id();
BEGIN
  IF NOT (rights.is_operator(who) OR rights.holds_office(who, 'system_admin')
          OR rights.holds_office(who, 'security_admin')) THEN
    PERFORM rights.refuse('OM403', 'account.not_your_office');
  END IF;
  RETURN QUERY
  SELECT a.account_id, a.name, a.title, a.is_active, a.created_at, c.account_id IS NOT NULL,
         coalesce(c.must_change, false), c.changed_at, e.last_at,
         rights.seconds_to_wait('account ' || a.name) > 0
  FROM rights.account AS a
  LEFT JOIN rights.credential AS c ON c.account_id = a.account_id
  LEFT JOIN LATERAL (
    SELECT max(e.happened_at) AS last_at FROM rights.event AS e
    WHERE e.account_id = a.account_id AND e.kind = 'signed_in'
  ) AS e ON true
  WHERE NOT rights.is_operator(a.account_id)
  ORDER BY a.name;
END $$;
