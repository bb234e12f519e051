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
    SELECT FROM rights.standing_grant AS g JOIN rights.account AS a USING (account_id)
    WHERE g.account_id = who AND g.role = office AND g.is_office AND g.holds_today AND a.is_active)
$$;

-- The account that acts, if it holds the office or is the operator. A program's token is nobody here.
CREATE OR REPLACE FUNCTION rights.acting_as(office text) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE who bigint := rights.acting_account_id();
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

-- How somebody signs in is changed for them by a system administrator; for who holds an office on the command
-- line only: else the system administrator could sign in as the one who grants.
CREATE OR REPLACE FUNCTION rights.refuse_for_offices(who bigint, whom bigint, key text)
RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF rights.is_operator(whom) THEN
    PERFORM rights.refuse('OM400', 'account.operator_has_none');
  END IF;
  IF NOT rights.is_operator(who) AND EXISTS (
    SELECT FROM rights."grant" AS g JOIN rights.role AS role USING (role)
    WHERE g.account_id = whom AND role.is_office AND g.revoked_at IS NULL
  ) THEN
    PERFORM rights.refuse('OM403', key);
  END IF;
END $$;

-- A password to hand over, good for choosing one's own.
CREATE OR REPLACE FUNCTION rights.reset_password(
  of_name text, salt bytea, time_cost integer, memory_kib integer, parallelism integer,
  verifier bytea, from_address text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  who bigint := rights.acting_as('system_admin');
  whom bigint := rights.account_of(of_name);
BEGIN
  PERFORM rights.refuse_for_offices(who, whom, 'account.office_password');
  PERFORM rights.put_credential(whom, salt, time_cost, memory_kib, parallelism, verifier, true);
  PERFORM rights.forget_attempt('account ' || of_name, true);
  PERFORM rights.end_sessions(whom);
  INSERT INTO rights.event (kind, account_id, by_account_id, address)
  VALUES ('password_reset', whom, who, from_address);
END $$;

-- After a step that takes an office from an account: somebody else must hold it still.
CREATE OR REPLACE FUNCTION rights.require_offices_filled(of_account bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE office text;
BEGIN
  FOR office IN
    SELECT DISTINCT g.role FROM rights."grant" AS g JOIN rights.role AS role USING (role)
    WHERE g.account_id = of_account AND role.is_office
      AND (NOT g.needs_second OR g.confirmed_at IS NOT NULL)
      -- Taken in this very transaction, or standing.
      AND (g.revoked_at IS NULL OR g.revoked_at = now())
  LOOP
    IF NOT EXISTS (
      SELECT FROM rights.account AS a WHERE rights.holds_office(a.account_id, office)
    ) THEN
      PERFORM rights.refuse('OM409', 'grant.last_of_office', jsonb_build_object('role', jsonb_build_object('phrase', 'role.' || office, 'params', '{}'::jsonb)));
    END IF;
  END LOOP;
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
  PERFORM pg_advisory_xact_lock(70, 7);
  UPDATE rights.account SET is_active = to_active WHERE account_id = whom AND is_active <> to_active;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM rights.require_offices_filled(whom);
  DELETE FROM rights.session WHERE account_id = whom;
  PERFORM rights.end_sessions(whom);
  INSERT INTO rights.event (kind, account_id, by_account_id, address)
  VALUES (CASE WHEN to_active THEN 'account_opened' ELSE 'account_shut' END, whom, who, from_address);
END $$;

-- Whether an account holds an office, or will once a grant is confirmed.
CREATE OR REPLACE FUNCTION rights.has_office(who bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT EXISTS (
    SELECT FROM rights."grant" AS g JOIN rights.role AS role USING (role)
    WHERE g.account_id = who AND role.is_office AND g.revoked_at IS NULL)
$$;

-- Lets whoever the site's provider calls so sign in to the account; null: nobody any more.
CREATE OR REPLACE FUNCTION rights.link_account(of_name text, subject text, from_address text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  who bigint := rights.acting_as('system_admin');
  whom bigint := rights.account_of(of_name);
BEGIN
  PERFORM pg_advisory_xact_lock(70, 7);
  IF whom = who OR rights.is_operator(whom) THEN
    PERFORM rights.refuse('OM403', 'account.not_itself');
  ELSIF subject IS NOT NULL AND rights.has_office(whom) THEN
    PERFORM rights.refuse('OM409', 'account.office_no_provider');
  ELSIF EXISTS (SELECT FROM rights.account AS a
                WHERE a.provider_subject = subject AND a.account_id <> whom) THEN
    PERFORM rights.refuse('OM409', 'account.subject_taken', jsonb_build_object('subject', subject));
  END IF;
  UPDATE rights.account SET provider_subject = subject
  WHERE account_id = whom AND provider_subject IS DISTINCT FROM subject;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  DELETE FROM rights.session WHERE account_id = whom AND kind = 'web';
  PERFORM rights.bump_version();
  INSERT INTO rights.event (kind, account_id, by_account_id, address)
  VALUES (CASE WHEN subject IS NULL THEN 'account_unlinked' ELSE 'account_linked' END, whom, who,
          from_address);
END $$;

-- Accounts for whoever administers them, the operator's own left out.
CREATE OR REPLACE FUNCTION rights.listed_accounts()
RETURNS TABLE (account_id bigint, name text, title text, is_active boolean, created_at timestamptz,
               has_password boolean, must_change boolean, password_changed_at timestamptz,
               last_signed_in_at timestamptz, is_locked boolean, provider_subject text,
               has_code boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE who bigint := rights.acting_account_id();
BEGIN
  IF who IS NULL OR NOT (rights.is_operator(who) OR rights.holds_office(who, 'system_admin')
          OR rights.holds_office(who, 'security_admin')) THEN
    PERFORM rights.refuse('OM403', 'account.not_your_office');
  END IF;
  RETURN QUERY
  SELECT a.account_id, a.name, a.title, a.is_active, a.created_at, c.account_id IS NOT NULL,
         coalesce(c.must_change, false), c.changed_at, e.last_at,
         greatest(rights.seconds_to_wait('account ' || a.name),
                  rights.seconds_to_wait('code ' || a.name)) > 0,
         a.provider_subject, rights.has_code(a.account_id)
  FROM rights.account AS a
  LEFT JOIN rights.credential AS c ON c.account_id = a.account_id
  LEFT JOIN LATERAL (
    SELECT max(e.happened_at) AS last_at FROM rights.event AS e
    WHERE e.account_id = a.account_id AND e.kind = 'signed_in'
  ) AS e ON true
  WHERE NOT rights.is_operator(a.account_id)
  ORDER BY a.name;
END $$;

-- Whether the account looks after the server: figures of its work are for it, also by a program's token.
CREATE OR REPLACE FUNCTION rights.may_watch() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT rights.is_operator(rights.current_account_id())
      OR rights.holds_office(rights.current_account_id(), 'system_admin')
$$;

-- Offices of the person who asks; the operator may act for each.
CREATE OR REPLACE FUNCTION rights.my_offices() RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT coalesce(array_agg(role.role ORDER BY role.role), '{}') FROM rights.role AS role
  WHERE role.is_office AND (rights.is_operator(rights.acting_account_id())
                            OR rights.holds_office(rights.acting_account_id(), role.role))
$$;

CREATE OR REPLACE FUNCTION rights.heads_the_directory(body bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  WITH RECURSIVE under AS (
    SELECT o.organization_id, o.valid_to FROM organization.organization AS o
    WHERE o.organization_id = body AND o.parent_id IS NULL
    UNION
    SELECT below.organization_id, below.valid_to
    FROM under JOIN organization.organization AS below ON below.parent_id = under.organization_id
  )
  SELECT count(*) > 1 AND 2 * count(*) >= (
    SELECT count(*) FROM organization.organization AS o
    WHERE o.valid_to IS NULL OR o.valid_to > current_date)
  FROM under WHERE under.valid_to IS NULL OR under.valid_to > current_date
$$;

-- Grants that need a second person: offices, the high classes, the whole city. The whole is also what
-- a head of the directory amounts to, under which at least half of all bodies in force stand (in a flat
-- directory a department with bodies of its own is no such head), or an area no smaller than a city.
CREATE OR REPLACE FUNCTION rights.is_sensitive(
  of_role text, of_body bigint, of_area text, of_class smallint
) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT of_class >= 2
    OR EXISTS (SELECT FROM rights.role WHERE role = of_role AND is_office)
    OR ((of_body IS NULL OR rights.heads_the_directory(of_body))
        AND (of_area IS NULL OR EXISTS (
          SELECT FROM place.admin_area
          WHERE code = of_area AND (parent_code IS NULL OR level IN ('province', 'city')))))
$$;

-- Whether nobody but its holder knows the account's password. On the command line also one that was
-- handed over there: the first offices are filled before anybody has signed in.
CREATE OR REPLACE FUNCTION rights.is_its_holders(whom bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT EXISTS (SELECT FROM rights.credential AS c WHERE c.account_id = whom AND NOT c.must_change)
    OR (EXISTS (SELECT FROM rights.this_session AS s
                WHERE s.kind = 'command' AND rights.is_operator(s.account_id))
        AND coalesce((SELECT rights.is_operator(e.by_account_id) FROM rights.event AS e
                      WHERE e.account_id = whom AND e.kind IN ('account_added', 'password_reset')
                      ORDER BY e.event_id DESC LIMIT 1), true))
$$;

-- What holds for a grant on the day it is made, and again on the day it is confirmed.
CREATE OR REPLACE FUNCTION rights.check_grant(
  this_grant bigint, whom bigint, of_role text, of_body bigint
) RETURNS void LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  body text;
  heirs text;
BEGIN
  IF NOT (SELECT is_active FROM rights.account WHERE account_id = whom) THEN
    PERFORM rights.refuse('OM409', 'grant.account_shut');
  END IF;
  SELECT o.name INTO body FROM organization.organization AS o
  WHERE o.organization_id = of_body AND (o.valid_to <= current_date OR EXISTS (
    SELECT FROM organization.succession AS s
    WHERE s.from_organization_id = o.organization_id AND s.happened_on <= current_date));
  IF body IS NOT NULL THEN
    SELECT string_agg(heir.name, '、' ORDER BY heir.name) INTO heirs
    FROM organization.succession AS s
    JOIN organization.organization AS heir ON heir.organization_id = s.to_organization_id
    WHERE s.from_organization_id = of_body;
    PERFORM rights.refuse(
      'OM409', CASE WHEN heirs IS NULL THEN 'grant.dissolved' ELSE 'grant.dissolved_into' END,
      jsonb_build_object('name', body, 'heirs', heirs));
  END IF;
  IF EXISTS (
    SELECT FROM rights."grant" AS g JOIN rights.role AS role USING (role)
    WHERE g.account_id = whom AND g.grant_id IS DISTINCT FROM this_grant AND g.revoked_at IS NULL
      AND (g.valid_to IS NULL OR g.valid_to > current_date)
      AND (role.is_office OR (SELECT r.is_office FROM rights.role AS r WHERE r.role = of_role))
  ) THEN
    PERFORM rights.refuse('OM409', 'grant.office_apart');
  END IF;
  IF (SELECT r.is_office FROM rights.role AS r WHERE r.role = of_role) AND EXISTS (
    SELECT FROM rights.account WHERE account_id = whom AND provider_subject IS NOT NULL
  ) THEN
    PERFORM rights.refuse('OM409', 'account.office_no_provider');
  END IF;
  -- Else who made the account would hold the office too, by the password they handed over.
  IF (SELECT r.is_office FROM rights.role AS r WHERE r.role = of_role)
     AND NOT rights.is_its_holders(whom) THEN
    PERFORM rights.refuse('OM409', 'grant.office_first_password');
  END IF;
END $$;

CREATE OR REPLACE FUNCTION rights.make_grant(
  of_name text, of_role text, of_body bigint, of_area text, of_class smallint, of_domain text,
  first_day date, end_day date, why text, from_address text
) RETURNS TABLE (grant_id bigint, is_pending boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  who bigint := rights.acting_as('security_admin');
  whom bigint := rights.account_of(of_name);
  is_office boolean := (SELECT r.is_office FROM rights.role AS r WHERE r.role = of_role);
BEGIN
  PERFORM pg_advisory_xact_lock(70, 7);
  IF whom = who OR rights.is_operator(whom) THEN
    PERFORM rights.refuse('OM403', 'grant.to_oneself');
  ELSIF is_office IS NULL OR of_role = 'operator' THEN
    PERFORM rights.refuse('OM400', 'grant.unknown_role', jsonb_build_object('role', of_role));
  ELSIF of_class NOT BETWEEN 0 AND 3 THEN
    PERFORM rights.refuse('OM400', 'grant.bad_class');
  ELSIF coalesce(end_day <= greatest(first_day, current_date), false) THEN
    PERFORM rights.refuse('OM400', 'grant.bad_days');
  ELSIF is_office AND (of_body IS NOT NULL OR of_area IS NOT NULL OR of_class <> 0
                       OR end_day IS NOT NULL) THEN
    PERFORM rights.refuse('OM400', 'grant.office_is_whole');
  ELSIF of_role = 'clerk' AND of_body IS NULL THEN
    PERFORM rights.refuse('OM400', 'grant.clerk_needs_body');
  ELSIF of_domain IS NOT NULL AND of_role <> 'officer' THEN
    PERFORM rights.refuse('OM400', 'grant.domain_of_officers');
  ELSIF of_domain IS NOT NULL AND NOT EXISTS (
    SELECT FROM rights.domain AS d WHERE d.domain = of_domain
  ) THEN
    PERFORM rights.refuse('OM404', 'grant.unknown_domain', jsonb_build_object(
      'domain', of_domain,
      'known', (SELECT string_agg(d.domain, ', ' ORDER BY d.domain) FROM rights.domain AS d)));
  ELSIF of_area IS NOT NULL AND NOT EXISTS (
    SELECT FROM place.admin_area AS a WHERE a.code = of_area
  ) THEN
    PERFORM rights.refuse('OM404', 'grant.unknown_area', jsonb_build_object('area', of_area));
  END IF;
  PERFORM rights.check_grant(NULL, whom, of_role, of_body);
  -- As long as no security administrator is there, nobody could confirm the first ones.
  is_pending := rights.is_sensitive(of_role, of_body, of_area, of_class)
    AND NOT (rights.is_operator(who) AND NOT EXISTS (
      SELECT FROM rights.account AS a
      WHERE a.account_id <> whom AND rights.holds_office(a.account_id, 'security_admin')));
  INSERT INTO rights."grant" AS g (account_id, role, organization_id, admin_area_code,
    max_security_class, domain, valid_from, valid_to, reason, made_by, needs_second)
  VALUES (whom, of_role, of_body, of_area, of_class, of_domain, first_day, end_day, why, who,
          is_pending)
  RETURNING g.grant_id INTO grant_id;
  INSERT INTO rights.event (kind, account_id, by_account_id, address, details)
  VALUES (CASE WHEN is_pending THEN 'grant_asked' ELSE 'granted' END, whom, who, from_address,
          jsonb_strip_nulls(jsonb_build_object('grant', grant_id, 'role', of_role, 'domain', of_domain)));
  IF NOT is_pending THEN
    PERFORM rights.grants_changed(whom);
  END IF;
  RETURN NEXT;
END $$;

-- Rights follow, and browsers that were open under the old ones sign in again. Who comes to an office or
-- leaves it also loses the tokens that were made before.
CREATE OR REPLACE FUNCTION rights.grants_changed(of_account bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM rights.settle_scope(of_account);
  DELETE FROM rights.session WHERE account_id = of_account AND (
    kind IN ('web', 'one_time')
    OR kind = 'api' AND EXISTS (
      SELECT FROM rights."grant" AS g JOIN rights.role AS role USING (role)
      WHERE g.account_id = of_account AND role.is_office
        AND (NOT g.needs_second OR g.confirmed_at IS NOT NULL)
        AND (g.revoked_at IS NULL OR g.revoked_at = now())));
  PERFORM rights.bump_version();
END $$;

CREATE OR REPLACE FUNCTION rights.confirm_grant(which bigint, from_address text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  who bigint := rights.acting_as('security_admin');
  asked rights."grant"%ROWTYPE;
BEGIN
  PERFORM pg_advisory_xact_lock(70, 7);
  SELECT * INTO asked FROM rights."grant" AS g
  WHERE g.grant_id = which AND g.needs_second AND g.confirmed_at IS NULL AND g.revoked_at IS NULL;
  IF asked.grant_id IS NULL THEN
    PERFORM rights.refuse('OM404', 'grant.none_pending', jsonb_build_object('grant', which));
  ELSIF who IN (asked.made_by, asked.account_id) THEN
    PERFORM rights.refuse('OM403', 'grant.second_person');
  END IF;
  PERFORM rights.check_grant(which, asked.account_id, asked.role, asked.organization_id);
  UPDATE rights."grant" SET confirmed_by = who, confirmed_at = now() WHERE grant_id = which;
  INSERT INTO rights.event (kind, account_id, by_account_id, address, details)
  VALUES ('grant_confirmed', asked.account_id, who, from_address,
          jsonb_build_object('grant', which, 'role', asked.role));
  PERFORM rights.grants_changed(asked.account_id);
END $$;

CREATE OR REPLACE FUNCTION rights.revoke_grant(which bigint, from_address text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  who bigint := rights.acting_as('security_admin');
  whom bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(70, 7);
  SELECT g.account_id INTO whom FROM rights."grant" AS g
  WHERE g.grant_id = which AND g.revoked_at IS NULL;
  IF whom IS NULL THEN
    PERFORM rights.refuse('OM404', 'grant.none', jsonb_build_object('grant', which));
  ELSIF whom = who OR rights.is_operator(whom) THEN
    PERFORM rights.refuse('OM403', 'grant.to_oneself');
  END IF;
  UPDATE rights."grant" SET revoked_by = who, revoked_at = now() WHERE grant_id = which;
  PERFORM rights.require_offices_filled(whom);
  INSERT INTO rights.event (kind, account_id, by_account_id, address, details)
  VALUES ('grant_revoked', whom, who, from_address, jsonb_build_object('grant', which));
  PERFORM rights.grants_changed(whom);
END $$;

-- Grants that stand, wait or are to come; for whoever administers accounts or reads the log.
CREATE OR REPLACE FUNCTION rights.listed_grants()
RETURNS TABLE (grant_id bigint, account text, title text, role text, body text, area text,
               admin_area_code text, max_security_class smallint, domain text, valid_from date,
               valid_to date,
               reason text, made_at timestamptz, made_by text, confirmed_by text, state text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF cardinality(rights.my_offices()) = 0 THEN
    PERFORM rights.refuse('OM403', 'account.not_your_office');
  END IF;
  RETURN QUERY
  SELECT g.grant_id, a.name, a.title, g.role, o.name, d.name, g.admin_area_code,
         g.max_security_class, g.domain, g.valid_from, g.valid_to, g.reason, g.made_at, maker.name,
         second.name,
         CASE WHEN g.needs_second AND g.confirmed_at IS NULL THEN 'pending'
              WHEN g.valid_from > current_date THEN 'coming' ELSE 'standing' END
  FROM rights."grant" AS g JOIN rights.account AS a USING (account_id)
  LEFT JOIN organization.organization AS o USING (organization_id)
  LEFT JOIN place.admin_area AS d ON d.code = g.admin_area_code
  LEFT JOIN rights.account AS maker ON maker.account_id = g.made_by
  LEFT JOIN rights.account AS second ON second.account_id = g.confirmed_by
  WHERE g.revoked_at IS NULL AND (g.valid_to IS NULL OR g.valid_to > current_date)
    AND NOT rights.is_operator(g.account_id)
  ORDER BY a.name, g.grant_id;
END $$;

-- The log, newest first; for the audit administrator alone.
CREATE OR REPLACE FUNCTION rights.listed_events(before_event bigint, most integer)
RETURNS TABLE (event_id bigint, happened_at timestamptz, kind text, account text, by_account text,
               address text, details jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM rights.acting_as('audit_admin');
  RETURN QUERY
  SELECT e.event_id, e.happened_at, e.kind, a.name, b.name, e.address, e.details
  FROM rights.event AS e
  LEFT JOIN rights.account AS a ON a.account_id = e.account_id
  LEFT JOIN rights.account AS b ON b.account_id = e.by_account_id
  WHERE before_event IS NULL OR e.event_id < before_event
  ORDER BY e.event_id DESC LIMIT most;
END $$;
