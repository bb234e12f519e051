-- One-time codes of a second factor (RFC 6238): six digits, thirty seconds, HMAC-SHA-1, as every authenticator
-- app makes them. The secret is read by these functions alone; it is shown while it waits to be confirmed.

CREATE OR REPLACE FUNCTION rights.code_at(secret bytea, step bigint) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog AS $$
DECLARE
  mac bytea := public.hmac(int8send(step), secret, 'sha1');
  at integer := get_byte(mac, 19) & 15;
  number bigint := ((get_byte(mac, at) & 127)::bigint << 24) | (get_byte(mac, at + 1) << 16)
                   | (get_byte(mac, at + 2) << 8) | get_byte(mac, at + 3);
BEGIN
  RETURN lpad((number % 1000000)::text, 6, '0');
END $$;

-- Whether a code fits that account's secret now, a step early or late; each step counts once.
CREATE OR REPLACE FUNCTION rights.use_code(whom bigint, stated text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE this_step bigint := floor(extract(epoch FROM clock_timestamp()) / 30);
BEGIN
  UPDATE rights.code_secret AS c
  SET last_step = fitting.step
  FROM generate_series(this_step - 1, this_step + 1) AS fitting (step)
  WHERE c.account_id = whom AND fitting.step > c.last_step
    AND rights.code_at(c.secret, fitting.step) = stated;
  RETURN FOUND;
END $$;

-- One of those on paper; each is good once.
CREATE OR REPLACE FUNCTION rights.use_spare_code(whom bigint, stated text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  DELETE FROM rights.spare_code
  WHERE account_id = whom AND code_digest = sha256(convert_to(stated, 'UTF8'));
  RETURN FOUND;
END $$;

CREATE OR REPLACE FUNCTION rights.has_code(whom bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT EXISTS (SELECT FROM rights.code_secret
                 WHERE account_id = whom AND confirmed_at IS NOT NULL)
$$;

-- What the account of the session has: none, waiting (with its secret, for a quarter of an hour), or on.
CREATE OR REPLACE FUNCTION rights.my_code()
RETURNS TABLE (state text, secret bytea, spare_count integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT CASE WHEN c.confirmed_at IS NOT NULL THEN 'on' WHEN c.account_id IS NOT NULL THEN 'waiting'
              ELSE 'none' END,
         CASE WHEN c.confirmed_at IS NULL THEN c.secret END,
         (SELECT count(*)::integer FROM rights.spare_code AS s WHERE s.account_id = who.account_id)
  FROM (SELECT rights.acting_account_id() AS account_id) AS who
  LEFT JOIN rights.code_secret AS c ON c.account_id = who.account_id
    AND (c.confirmed_at IS NOT NULL OR c.made_at > now() - interval '15 minutes')
$$;

-- begun, wrong, wait, or taken (there is one already). The secret waits until a code of it was seen.
CREATE OR REPLACE FUNCTION rights.begin_code(known_proof bytea, from_address text)
RETURNS TABLE (outcome text, wait_s integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE here record;
BEGIN
  SELECT * INTO here FROM rights.try_own_password(known_proof, from_address, true);
  outcome := here.outcome;
  wait_s := here.wait_s;
  IF outcome = 'right' THEN
    INSERT INTO rights.code_secret AS c (account_id, secret)
    VALUES (here.account_id, public.gen_random_bytes(20))
    ON CONFLICT (account_id) DO UPDATE
      SET secret = excluded.secret, made_at = now(), last_step = 0
      WHERE c.confirmed_at IS NULL;
    outcome := CASE WHEN FOUND THEN 'begun' ELSE 'taken' END;
  END IF;
  RETURN NEXT;
END $$;

-- right, wrong or wait, of a code of that account. Codes have a count of their own, which no right password
-- resets: else whoever knew the password could try all of them.
CREATE OR REPLACE FUNCTION rights.try_code(
  whom bigint, stated text, may_be_spare boolean, from_address text
) RETURNS TABLE (outcome text, wait_s integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE subject text := 'code ' || (SELECT a.name FROM rights.account AS a WHERE a.account_id = whom);
BEGIN
  wait_s := greatest(rights.count_attempt(subject, 5),
                     rights.count_attempt('address ' || from_address, 40));
  IF wait_s > 0 THEN
    outcome := 'wait';
  ELSIF rights.use_code(whom, stated) OR may_be_spare AND rights.use_spare_code(whom, stated) THEN
    PERFORM rights.forget_attempt(subject, true);
    PERFORM rights.forget_attempt('address ' || from_address, false);
    outcome := 'right';
  ELSE
    INSERT INTO rights.event (kind, account_id, address, details)
    VALUES ('sign_in_failed', whom, from_address, '{"by": "code"}');
    outcome := 'wrong';
  END IF;
  RETURN NEXT;
END $$;

-- confirmed, wrong, wait, taken (on already), or ended (it waited too long). The digests are of codes to keep on paper. Other
-- browsers of the account are signed out: they came in without a code.
CREATE OR REPLACE FUNCTION rights.confirm_code(
  stated text, spare_digests bytea[], from_address text
) RETURNS TABLE (outcome text, wait_s integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE here rights.this_session%ROWTYPE;
BEGIN
  SELECT * INTO here FROM rights.this_session WHERE NOT must_change;
  PERFORM FROM rights.code_secret
  WHERE account_id = here.account_id AND confirmed_at IS NULL
    AND made_at > now() - interval '15 minutes' FOR UPDATE;
  IF NOT FOUND THEN
    outcome := CASE WHEN rights.has_code(here.account_id) THEN 'taken' ELSE 'ended' END;
    RETURN NEXT;
    RETURN;
  END IF;
  SELECT t.outcome, t.wait_s INTO outcome, wait_s
  FROM rights.try_code(here.account_id, stated, false, from_address) AS t;
  IF outcome = 'right' THEN
    UPDATE rights.code_secret SET confirmed_at = now() WHERE account_id = here.account_id;
    DELETE FROM rights.spare_code WHERE account_id = here.account_id;
    INSERT INTO rights.spare_code (account_id, code_digest)
    SELECT here.account_id, unnest(spare_digests);
    DELETE FROM rights.session AS s
    WHERE s.account_id = here.account_id AND s.session_id <> here.session_id
      AND s.kind IN ('web', 'one_time');
    INSERT INTO rights.event (kind, account_id, by_account_id, address)
    VALUES ('code_set_up', here.account_id, here.account_id, from_address);
    PERFORM rights.bump_version();
    outcome := 'confirmed';
  END IF;
  RETURN NEXT;
END $$;

-- dropped, wrong or wait: one's own, by password and a code.
CREATE OR REPLACE FUNCTION rights.drop_my_code(
  known_proof bytea, stated text, from_address text
) RETURNS TABLE (outcome text, wait_s integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE here record;
BEGIN
  SELECT * INTO here FROM rights.try_own_password(known_proof, from_address, true);
  outcome := here.outcome;
  wait_s := here.wait_s;
  IF outcome = 'right' THEN
    SELECT t.outcome, t.wait_s INTO outcome, wait_s
    FROM rights.try_code(here.account_id, stated, true, from_address) AS t;
  END IF;
  IF outcome = 'right' THEN
    PERFORM rights.remove_code(here.account_id, here.account_id, from_address);
    outcome := 'dropped';
  END IF;
  RETURN NEXT;
END $$;

CREATE OR REPLACE FUNCTION rights.remove_code(whom bigint, who bigint, from_address text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  DELETE FROM rights.code_secret WHERE account_id = whom;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  DELETE FROM rights.spare_code WHERE account_id = whom;
  INSERT INTO rights.event (kind, account_id, by_account_id, address)
  VALUES ('code_removed', whom, who, from_address);
  RETURN true;
END $$;

-- Of somebody whose phone is lost: by whom and for whom passwords are reset.
CREATE OR REPLACE FUNCTION rights.drop_code_of(of_name text, from_address text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  who bigint := rights.acting_as('system_admin');
  whom bigint := rights.account_of(of_name);
BEGIN
  PERFORM rights.refuse_for_offices(who, whom, 'code.office');
  PERFORM rights.forget_attempt('code ' || of_name, true);
  IF NOT rights.remove_code(whom, who, from_address) THEN
    PERFORM rights.refuse('OM404', 'code.none', jsonb_build_object('name', of_name));
  END IF;
END $$;

-- signed_in, must_change, wrong, wait, or ended, for a session that waits for its code; it goes on under a
-- new token.
CREATE OR REPLACE FUNCTION rights.sign_in_with_code(
  stated text, session_digest bytea, from_address text, lifetime integer
) RETURNS TABLE (outcome text, wait_s integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE here rights.waiting_session%ROWTYPE;
BEGIN
  SELECT * INTO here FROM rights.waiting_session;
  IF NOT FOUND THEN
    outcome := 'ended';
    RETURN NEXT;
    RETURN;
  END IF;
  SELECT t.outcome, t.wait_s INTO outcome, wait_s
  FROM rights.try_code(here.account_id, stated, true, from_address) AS t;
  IF outcome = 'right' THEN
    PERFORM rights.settle_grants();
    UPDATE rights.session AS s
    SET token_digest = session_digest, waits_for_code = false, seen_at = now(),
        expires_at = now() + lifetime * interval '1 second'
    WHERE s.session_id = here.session_id;
    INSERT INTO rights.event (kind, account_id, by_account_id, address, details)
    VALUES ('signed_in', here.account_id, here.account_id, from_address, '{"by": "code"}');
    outcome := CASE WHEN here.must_change THEN 'must_change' ELSE 'signed_in' END;
  END IF;
  RETURN NEXT;
END $$;

CREATE OR REPLACE FUNCTION rights.waits_for_code() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT EXISTS (SELECT FROM rights.waiting_session)
$$;
