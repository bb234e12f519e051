-- Passwords and sessions. The web role reads none of the tables: it hands in what a person knows, and
-- these functions say whether it fits. What is kept is the SHA-256 of an Argon2id hash that Python made
-- with the salt; so even SQL of a stranger's on the web's connection could only guess, at the pace
-- that `count_attempt` allows.

-- Counts an attempt before it is tried, so that attempts at once are counted one by one.
-- Seconds to wait when there were too many, else 0.
CREATE OR REPLACE FUNCTION rights.count_attempt(of_subject text, free_attempts integer)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  known rights.sign_in_failure%ROWTYPE;
  this_moment timestamptz := clock_timestamp();
BEGIN
  INSERT INTO rights.sign_in_failure AS f (subject, failed_count, last_failed_at)
  VALUES (sha256(convert_to(of_subject, 'UTF8')), 0, this_moment)
  ON CONFLICT (subject) DO UPDATE SET failed_count = CASE
    WHEN f.last_failed_at < this_moment - interval '1 hour' THEN 0 ELSE f.failed_count END
  RETURNING * INTO known;
  IF known.locked_until > clock_timestamp() THEN
    RETURN ceil(extract(epoch FROM known.locked_until - clock_timestamp()));
  END IF;
  -- From the last free attempt on each failure doubles the wait: 30 s, 60 s, … 15 minutes.
  UPDATE rights.sign_in_failure AS f
  SET failed_count = known.failed_count + 1, last_failed_at = clock_timestamp(),
      locked_until = CASE WHEN known.failed_count + 1 >= free_attempts THEN
        clock_timestamp() + least(30 * 2 ^ least(known.failed_count + 1 - free_attempts, 5), 900)
          * interval '1 second' END
  WHERE f.subject = known.subject;
  RETURN 0;
END $$;

CREATE OR REPLACE FUNCTION rights.forget_attempt(of_subject text, whole boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF whole THEN
    DELETE FROM rights.sign_in_failure WHERE subject = sha256(convert_to(of_subject, 'UTF8'));
  ELSE
    UPDATE rights.sign_in_failure SET failed_count = greatest(failed_count - 1, 0),
      locked_until = NULL
    WHERE subject = sha256(convert_to(of_subject, 'UTF8'));
  END IF;
END $$;

CREATE OR REPLACE FUNCTION rights.seconds_to_wait(of_subject text) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT coalesce(max(ceil(extract(epoch FROM f.locked_until - clock_timestamp())))::integer, 0)
  FROM rights.sign_in_failure AS f
  WHERE f.subject = sha256(convert_to(of_subject, 'UTF8')) AND f.locked_until > clock_timestamp()
$$;

-- Seconds before a password of the account that holds the session is worth trying again; else 0.
CREATE OR REPLACE FUNCTION rights.own_wait_s() RETURNS integer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  RETURN coalesce((
    SELECT rights.seconds_to_wait('account ' || a.name)
    FROM rights.this_session AS s JOIN rights.account AS a USING (account_id)), 0);
END $$;

-- Salt and cost of an account's password, unless one has to wait; a name without one gets a salt of its own that stays the
-- same, so that nobody learns which names there are.
CREATE OR REPLACE FUNCTION rights.password_salt(
  of_name text, from_address text, usual_time_cost integer, usual_memory_kib integer,
  usual_parallelism integer
) RETURNS TABLE (wait_s integer, salt bytea, time_cost integer, memory_kib integer,
                 parallelism integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT greatest(rights.seconds_to_wait('account ' || of_name),
                  rights.seconds_to_wait('address ' || from_address)),
         coalesce(c.salt, substr(sha256(s.decoy || convert_to(of_name, 'UTF8')), 1, 16)),
         coalesce(c.time_cost, usual_time_cost), coalesce(c.memory_kib, usual_memory_kib),
         coalesce(c.parallelism, usual_parallelism)
  FROM rights.sign_in_secret AS s
  LEFT JOIN rights.account AS a ON a.name = of_name
  LEFT JOIN rights.credential AS c ON c.account_id = a.account_id
$$;

-- A new session in a browser. For an account with one-time codes it waits for one, ten minutes, and until then
-- means nobody.
CREATE OR REPLACE FUNCTION rights.open_web_session(
  whom bigint, session_digest bytea, from_address text, way text, idle integer, lifetime integer,
  is_first boolean
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE waits boolean := rights.has_code(whom);
BEGIN
  DELETE FROM rights.session WHERE expires_at <= now();
  INSERT INTO rights.session (account_id, token_digest, kind, expires_at, idle_s, must_change,
                              waits_for_code, address)
  VALUES (whom, session_digest, 'web',
          now() + CASE WHEN waits THEN interval '10 minutes' ELSE lifetime * interval '1 second' END,
          idle, is_first, waits, from_address);
  IF waits THEN
    RETURN 'needs_code';
  END IF;
  INSERT INTO rights.event (kind, account_id, by_account_id, address, details)
  VALUES ('signed_in', whom, whom, from_address, jsonb_build_object('by', way));
  RETURN CASE WHEN is_first THEN 'must_change' ELSE 'signed_in' END;
END $$;

-- signed_in, needs_code, must_change (a session that may only choose a password), wrong, or wait (with seconds).
-- A wrong name, a wrong password and an account that was shut are one answer.
CREATE OR REPLACE FUNCTION rights.sign_in(
  of_name text, proof bytea, session_digest bytea, from_address text, idle integer, lifetime integer
) RETURNS TABLE (outcome text, wait_s integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  who bigint;
  fits bigint;
  is_first boolean;
BEGIN
  DELETE FROM rights.sign_in_failure WHERE last_failed_at < now() - interval '1 day';
  SELECT a.account_id INTO who FROM rights.account AS a WHERE a.name = of_name;
  wait_s := greatest(rights.count_attempt('account ' || of_name, 5),
                     rights.count_attempt('address ' || from_address, 40));
  IF wait_s > 0 THEN
    outcome := 'wait';
    RETURN NEXT;
    RETURN;
  END IF;
  SELECT a.account_id, c.must_change INTO fits, is_first
  FROM rights.account AS a JOIN rights.credential AS c ON c.account_id = a.account_id
  WHERE a.account_id = who AND a.is_active AND c.verifier = sha256(proof)
    AND (c.expires_at IS NULL OR c.expires_at > now());
  IF fits IS NULL THEN
    INSERT INTO rights.event (kind, account_id, address) VALUES ('sign_in_failed', who, from_address);
    outcome := 'wrong';
    RETURN NEXT;
    RETURN;
  END IF;
  PERFORM rights.settle_grants();
  PERFORM rights.forget_attempt('account ' || of_name, true);
  PERFORM rights.forget_attempt('address ' || from_address, false);
  outcome := rights.open_web_session(fits, session_digest, from_address, 'password', idle, lifetime,
                                     is_first);
  RETURN NEXT;
END $$;

-- Somebody whom the site's provider vouches for: signed_in, needs_code, wrong, or wait as after wrong passwords.
-- Nobody enters here who holds an office or may come to hold one: whoever runs the provider would.
CREATE OR REPLACE FUNCTION rights.enter_by_provider(
  subject text, nonce bytea, session_digest bytea, from_address text, idle integer, lifetime integer
) RETURNS TABLE (outcome text, wait_s integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  who bigint;
  fits bigint;
BEGIN
  outcome := 'wrong';
  DELETE FROM rights.used_nonce WHERE used_at < now() - interval '1 day';
  SELECT a.account_id, rights.seconds_to_wait('account ' || a.name) INTO who, wait_s
  FROM rights.account AS a WHERE a.provider_subject = subject;
  IF wait_s > 0 THEN
    outcome := 'wait';
    RETURN NEXT;
    RETURN;
  END IF;
  INSERT INTO rights.used_nonce (nonce_digest) VALUES (nonce) ON CONFLICT DO NOTHING;
  IF FOUND THEN
    SELECT a.account_id INTO fits FROM rights.account AS a
    WHERE a.account_id = who AND a.is_active AND NOT rights.has_office(who);
  END IF;
  IF fits IS NULL THEN
    INSERT INTO rights.event (kind, account_id, address, details)
    VALUES ('sign_in_failed', who, from_address, '{"by": "provider"}');
    RETURN NEXT;
    RETURN;
  END IF;
  PERFORM rights.settle_grants();
  outcome := rights.open_web_session(fits, session_digest, from_address, 'provider', idle, lifetime,
                                     false);
  RETURN NEXT;
END $$;

-- The session of the token as it stands, also one that must choose a password or give a code first.
CREATE OR REPLACE VIEW rights.held_session WITH (security_barrier) AS
  SELECT session.session_id, session.account_id, session.token_digest, session.must_change,
         session.kind, session.waits_for_code
  FROM rights.session AS session
  JOIN rights.account AS account ON account.account_id = session.account_id
  WHERE session.token_digest = pg_catalog.sha256(pg_catalog.convert_to(
          nullif(pg_catalog.current_setting('onemap.session', true), ''), 'UTF8'))
    AND session.kind IN ('web', 'command')
    AND session.expires_at > pg_catalog.now()
    AND (session.idle_s IS NULL
         OR session.seen_at + session.idle_s * interval '1 second' > pg_catalog.now())
    AND account.is_active;

-- The same, unless it waits for a code: such a one is nobody's, whatever password opened it.
CREATE OR REPLACE VIEW rights.this_session WITH (security_barrier) AS
  SELECT held.session_id, held.account_id, held.token_digest, held.must_change, held.kind
  FROM rights.held_session AS held WHERE NOT held.waits_for_code;

CREATE OR REPLACE VIEW rights.waiting_session WITH (security_barrier) AS
  SELECT held.session_id, held.account_id, held.token_digest, held.must_change, held.kind
  FROM rights.held_session AS held WHERE held.waits_for_code;

-- The account, if a person acts: in a browser with a password of their own, or on the command line.
-- What a program does by a token is never done by an office.
CREATE OR REPLACE FUNCTION rights.acting_account_id() RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  RETURN (SELECT s.account_id FROM rights.this_session AS s WHERE NOT s.must_change);
END $$;

CREATE OR REPLACE FUNCTION rights.must_change_password() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT EXISTS (SELECT FROM rights.this_session WHERE must_change)
$$;

-- Whoever holds the session, with salt and cost of the password; null where the account has none.
CREATE OR REPLACE FUNCTION rights.own_account()
RETURNS TABLE (name text, title text, salt bytea, time_cost integer, memory_kib integer,
               parallelism integer, must_change boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT a.name, a.title, c.salt, c.time_cost, c.memory_kib, c.parallelism, s.must_change
  FROM rights.this_session AS s JOIN rights.account AS a USING (account_id)
  LEFT JOIN rights.credential AS c USING (account_id)
$$;

CREATE OR REPLACE FUNCTION rights.put_credential(
  of_account bigint, new_salt bytea, new_time_cost integer, new_memory_kib integer,
  new_parallelism integer, new_verifier bytea, is_first boolean
) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  INSERT INTO rights.credential AS c (account_id, salt, time_cost, memory_kib, parallelism, verifier,
                                      must_change, expires_at)
  VALUES (of_account, new_salt, new_time_cost, new_memory_kib, new_parallelism, new_verifier, is_first,
          CASE WHEN is_first THEN now() + interval '7 days' END)
  ON CONFLICT (account_id) DO UPDATE SET salt = excluded.salt, time_cost = excluded.time_cost,
    memory_kib = excluded.memory_kib, parallelism = excluded.parallelism,
    verifier = excluded.verifier, must_change = excluded.must_change,
    expires_at = excluded.expires_at, changed_at = now();
$$;

-- right, wrong or wait (with seconds), of a password that whoever holds the session gives once more; which session it is where it
-- is right. Attempts are counted as those to sign in are, so the caller lets this be committed whatever comes of it.
-- With `chosen_alone` a password that somebody else handed over is wrong until another was chosen.
CREATE OR REPLACE FUNCTION rights.try_own_password(
  proof bytea, from_address text, chosen_alone boolean
) RETURNS TABLE (outcome text, wait_s integer, account_id bigint, session_id bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  here rights.this_session%ROWTYPE;
  who text;
BEGIN
  outcome := 'wrong';
  SELECT * INTO here FROM rights.this_session;
  SELECT a.name INTO who FROM rights.account AS a WHERE a.account_id = here.account_id;
  IF who IS NULL OR chosen_alone AND here.must_change THEN
    RETURN NEXT;
    RETURN;
  END IF;
  wait_s := rights.count_attempt('account ' || who, 5);
  IF wait_s > 0 THEN
    outcome := 'wait';
  ELSIF EXISTS (
    SELECT FROM rights.credential AS c WHERE c.account_id = here.account_id
      AND c.verifier = sha256(proof) AND NOT (chosen_alone AND c.must_change)
      AND (c.expires_at IS NULL OR c.expires_at > now())
  ) THEN
    PERFORM rights.forget_attempt('account ' || who, true);
    outcome := 'right';
    account_id := here.account_id;
    session_id := here.session_id;
  ELSE
    INSERT INTO rights.event (kind, account_id, by_account_id, address)
    VALUES ('sign_in_failed', here.account_id, here.account_id, from_address);
  END IF;
  RETURN NEXT;
END $$;

-- changed, wrong, wait. The session goes on under a new token; all others of the account end.
CREATE OR REPLACE FUNCTION rights.change_password(
  known_proof bytea, new_salt bytea, new_time_cost integer, new_memory_kib integer,
  new_parallelism integer, new_verifier bytea, session_digest bytea, from_address text
) RETURNS TABLE (outcome text, wait_s integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  here record;
BEGIN
  SELECT * INTO here FROM rights.try_own_password(known_proof, from_address, false);
  IF here.outcome <> 'right' THEN
    outcome := here.outcome;
    wait_s := here.wait_s;
    RETURN NEXT;
    RETURN;
  END IF;
  PERFORM rights.put_credential(here.account_id, new_salt, new_time_cost, new_memory_kib,
                                new_parallelism, new_verifier, false);
  DELETE FROM rights.session AS s
  WHERE s.account_id = here.account_id AND s.session_id <> here.session_id
    AND s.kind IN ('web', 'one_time');
  UPDATE rights.session AS s SET token_digest = session_digest, must_change = false
  WHERE s.session_id = here.session_id;
  INSERT INTO rights.event (kind, account_id, by_account_id, address)
  VALUES ('password_changed', here.account_id, here.account_id, from_address);
  PERFORM rights.bump_version();
  outcome := 'changed';
  RETURN NEXT;
END $$;

-- The account of the session, which was seen now; written once a minute and never waited for.
CREATE OR REPLACE FUNCTION rights.note_presence() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE who bigint := rights.current_account_id();
BEGIN
  IF who IS NOT NULL THEN
    UPDATE rights.session SET seen_at = now() WHERE session_id = (
      SELECT s.session_id FROM rights.session AS s
      WHERE s.token_digest = sha256(convert_to(current_setting('onemap.session', true), 'UTF8'))
        AND s.seen_at < now() - interval '1 minute'
      FOR UPDATE SKIP LOCKED);
  END IF;
  RETURN who;
END $$;

-- The browsers in which the account is signed in.
CREATE OR REPLACE FUNCTION rights.my_sessions()
RETURNS TABLE (session_id bigint, created_at timestamptz, seen_at timestamptz, address text,
               is_this boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT s.session_id, s.created_at, s.seen_at, s.address,
         s.token_digest = sha256(convert_to(current_setting('onemap.session', true), 'UTF8'))
  FROM rights.session AS s
  WHERE s.account_id = rights.current_account_id() AND s.kind = 'web' AND s.expires_at > now()
    AND (s.idle_s IS NULL OR s.seen_at + s.idle_s * interval '1 second' > now())
  ORDER BY s.seen_at DESC, s.session_id DESC
$$;

CREATE OR REPLACE FUNCTION rights.end_my_session(which bigint, from_address text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE who bigint := rights.current_writer_id();
BEGIN
  DELETE FROM rights.session
  WHERE session_id = which AND account_id = who AND kind = 'web';
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO rights.event (kind, account_id, by_account_id, address)
  VALUES ('session_ended', who, who, from_address);
  -- What a worker of the web believes of a session, it believes of one version of rights.
  PERFORM rights.bump_version();
  RETURN true;
END $$;

CREATE OR REPLACE FUNCTION rights.sign_out(from_address text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  who bigint;
  waited boolean;
BEGIN
  DELETE FROM rights.session AS s USING rights.held_session AS here
  WHERE s.session_id = here.session_id RETURNING s.account_id, s.waits_for_code INTO who, waited;
  IF who IS NOT NULL AND NOT waited THEN
    INSERT INTO rights.event (kind, account_id, by_account_id, address)
    VALUES ('signed_out', who, who, from_address);
  END IF;
END $$;
