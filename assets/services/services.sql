-- What cases, deputies, signatures and numbers need past row security. Each function says itself who may.

-- Whom the account stands in for today, and in which kinds of cases; null: in all. Only those who named it
-- are meant: a deputy's deputy stands in for nobody but the deputy. Who is shut is stood in for by nobody.
CREATE OR REPLACE FUNCTION services.standing_in()
RETURNS TABLE (principal_id bigint, workflows text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT d.account_id, d.workflows
  FROM services.deputyship AS d
  JOIN rights.account AS a ON a.account_id = d.account_id AND a.is_active
  WHERE d.deputy_id = rights.current_writer_id() AND d.ended_at IS NULL
    AND d.valid_from <= current_date AND d.valid_to > current_date
$$;

-- Roles, the domain they are limited to (null: none) and the cells they write, of the account itself (acting_for null) and of those it stands in for.
-- A deputyship lends a part in a case. What the deputy sees and writes stays by the deputy's own grants.
CREATE OR REPLACE FUNCTION services.my_parts()
RETURNS TABLE (acting_for bigint, workflows text[], role text, domain text, cell integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  WITH stood_in AS (SELECT s.principal_id, s.workflows FROM services.standing_in() AS s)
  SELECT NULL::bigint, NULL::text[], g.role, g.domain, g.cell
  FROM rights.cells_granted(ARRAY[rights.current_writer_id()]) AS g WHERE g.can_write
  UNION ALL
  SELECT s.principal_id, s.workflows, g.role, g.domain, g.cell
  FROM rights.cells_granted(ARRAY(SELECT principal_id FROM stood_in)) AS g
  JOIN stood_in AS s ON s.principal_id = g.account_id WHERE g.can_write
$$;

-- Steps that the account took, or somebody it stands in for today, whoever may read of them now: a case that
-- moved to another cell keeps its steps where they were taken, and two persons are still two.
CREATE OR REPLACE FUNCTION services.taken_by_us(of_workflow text)
RETURNS TABLE (step_taken_id bigint, case_id bigint, step text, account_id bigint, on_behalf_of bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  WITH us AS MATERIALIZED (
    SELECT ARRAY(SELECT s.principal_id FROM services.standing_in() AS s)
           || rights.current_account_id() AS accounts
  )
  SELECT s.step_taken_id, s.case_id, s.step, s.account_id, s.on_behalf_of
  FROM us JOIN services.step_taken AS s
    ON s.account_id = ANY (us.accounts) OR s.on_behalf_of = ANY (us.accounts)
  WHERE s.workflow = of_workflow
$$;

-- Of a person, not of a program's token; both sides are told by the log of the audit administrator.
CREATE OR REPLACE FUNCTION services.name_deputy(
  of_name text, for_workflows text[], from_day date, until_day date, stated_remark text,
  from_address text
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  who bigint := rights.acting_account_id();
  whom bigint;
  made bigint;
BEGIN
  IF who IS NULL THEN
    PERFORM rights.refuse('OM403', 'deputy.by_a_person');
  END IF;
  SELECT account_id INTO whom FROM rights.account WHERE name = of_name AND is_active;
  IF whom IS NULL THEN
    PERFORM rights.refuse('OM404', 'account.unknown', jsonb_build_object('name', of_name));
  END IF;
  IF whom = who THEN
    PERFORM rights.refuse('OM400', 'deputy.oneself');
  END IF;
  -- Named twice at once it would be named twice: the second waits here and is told.
  PERFORM FROM rights.account WHERE account_id = who FOR NO KEY UPDATE;
  IF EXISTS (
    SELECT FROM services.deputyship AS d
    WHERE d.account_id = who AND d.deputy_id = whom AND d.ended_at IS NULL
      AND d.workflows IS NOT DISTINCT FROM for_workflows
      AND daterange(d.valid_from, d.valid_to) && daterange(from_day, until_day)
  ) THEN
    PERFORM rights.refuse('OM409', 'deputy.named_already', jsonb_build_object('name', of_name));
  END IF;
  INSERT INTO services.deputyship
    (account_id, deputy_id, workflows, valid_from, valid_to, remark)
  VALUES (who, whom, for_workflows, from_day, until_day, stated_remark)
  RETURNING deputyship_id INTO made;
  INSERT INTO rights.event (kind, account_id, by_account_id, address, details)
  VALUES ('deputy_named', whom, who, from_address,
          jsonb_build_object('deputyship', made, 'from', from_day, 'until', until_day));
  RETURN made;
END $$;

-- By who is stood in for, or by the deputy, who may always decline.
CREATE OR REPLACE FUNCTION services.end_deputyship(which bigint, from_address text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  who bigint := rights.acting_account_id();
  whom bigint;
BEGIN
  UPDATE services.deputyship AS d SET ended_at = clock_timestamp()
  WHERE d.deputyship_id = which AND d.ended_at IS NULL AND d.valid_to > current_date
    AND who IN (d.account_id, d.deputy_id)
  RETURNING d.deputy_id INTO whom;
  IF whom IS NULL THEN
    RETURN false;
  END IF;
  INSERT INTO rights.event (kind, account_id, by_account_id, address, details)
  VALUES ('deputy_ended', whom, who, from_address, jsonb_build_object('deputyship', which));
  RETURN true;
END $$;

-- confirmed, wrong, wait: that whoever holds the session knows the password. The confirmation is good for
-- one signature under this very content, from this session, within two minutes. The caller lets this be
-- committed whatever comes of it.
CREATE OR REPLACE FUNCTION services.confirm(proof bytea, content bytea, from_address text)
RETURNS TABLE (outcome text, wait_s integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  here record;
BEGIN
  SELECT * INTO here FROM rights.try_own_password(proof, from_address, true);
  IF here.outcome <> 'right' THEN
    outcome := here.outcome;
    wait_s := here.wait_s;
    RETURN NEXT;
    RETURN;
  END IF;
  DELETE FROM services.confirmation WHERE confirmed_at < now() - interval '2 minutes';
  INSERT INTO services.confirmation AS c (session_id, content_sha256)
  VALUES (here.session_id, content)
  ON CONFLICT (session_id, content_sha256) DO UPDATE SET confirmed_at = now();
  outcome := 'confirmed';
  RETURN NEXT;
END $$;

-- A step in somebody else's name, or with a signature, is what it says, whoever wrote the row: the deputyship
-- stands today for this kind of case, and this session has just confirmed this content.
CREATE OR REPLACE FUNCTION services.check_step() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF NEW.on_behalf_of IS NOT NULL AND NOT EXISTS (
    SELECT FROM services.standing_in() AS s
    WHERE s.principal_id = NEW.on_behalf_of
      AND (s.workflows IS NULL OR NEW.workflow = ANY (s.workflows))
  ) THEN
    PERFORM rights.refuse('OM403', 'deputy.none');
  END IF;
  IF NEW.signed_sha256 IS NOT NULL THEN
    DELETE FROM services.confirmation AS c USING rights.this_session AS here
    WHERE c.session_id = here.session_id AND c.content_sha256 = NEW.signed_sha256
      AND c.confirmed_at >= now() - interval '2 minutes';
    IF NOT FOUND THEN
      PERFORM rights.refuse('OM403', 'workflow.needs_signature');
    END IF;
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER check_step BEFORE INSERT ON services.step_taken
  FOR EACH ROW EXECUTE FUNCTION services.check_step();

-- The next number of a series. The row of the counter stays locked until the transaction ends: who comes
-- second waits and gets the next one, or the same if the first gave up. So there is neither a gap nor a twin.
CREATE OR REPLACE FUNCTION services.take_number(
  of_series text, of_year integer, of_body bigint, pattern text, width integer, of_subject text,
  of_cell integer
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  who bigint := rights.current_writer_id();
  counter bigint;
  taken bigint;
  result text;
BEGIN
  IF who IS NULL OR of_cell NOT IN (SELECT cell FROM rights.my_shared_write_cells) THEN
    PERFORM rights.refuse('OM403', 'account.may_not_write');
  END IF;
  INSERT INTO services.number_counter AS c (series, year, organization_id, last_number)
  VALUES (of_series, of_year, of_body, 1)
  ON CONFLICT ON CONSTRAINT uq_number_counter_series DO UPDATE SET last_number = c.last_number + 1
  RETURNING c.number_counter_id, c.last_number INTO counter, taken;
  IF EXISTS (SELECT FROM services.number_given AS g
             WHERE g.series = of_series AND g.subject = of_subject) THEN
    PERFORM rights.refuse('OM409', 'number.given_already');
  END IF;
  -- What stands on a paper already is left out: a body that keeps the issuer's word of the one it took
  -- over from goes on where that one stopped. Who is just giving the same is waited for.
  LOOP
    result :=
      replace(pattern, '{number}', lpad(taken::text, greatest(width, length(taken::text)), '0'));
    INSERT INTO services.number_given
      (series, year, organization_id, number, written, subject, account_id, rights_cell)
    VALUES (of_series, of_year, of_body, taken, result, of_subject, who, of_cell)
    ON CONFLICT (series, written) DO NOTHING;
    EXIT WHEN FOUND;
    taken := taken + 1;
  END LOOP;
  UPDATE services.number_counter SET last_number = taken
  WHERE number_counter_id = counter AND last_number <> taken;
  RETURN result;
END $$;

-- A file that is being attached. It is touched where it is known, so that it is not removed just now. Who hands
-- it in learns nothing: it is answered alike whether it was known or not.
CREATE OR REPLACE FUNCTION services.keep_content(digest bytea, file bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF rights.current_writer_id() IS NULL THEN
    PERFORM rights.refuse('OM403', 'account.may_not_write');
  END IF;
  INSERT INTO services.attachment_content AS c (sha256, content) VALUES (digest, file)
  ON CONFLICT (sha256) DO UPDATE SET kept_at = clock_timestamp();
END $$;

-- To whoever sees the attachment.
CREATE OR REPLACE FUNCTION services.content_of(which bigint) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT c.content FROM services.attachment AS a
  JOIN services.attachment_content AS c ON c.sha256 = a.sha256
  WHERE a.attachment_id = which AND a.rights_cell IN (SELECT cell FROM rights.my_cells)
$$;

-- To whoever sees the file in the archive of its place.
CREATE OR REPLACE FUNCTION services.archived_content(which bigint) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT c.content FROM estate.archive_file AS f
  JOIN services.attachment_content AS c ON c.sha256 = f.sha256
  WHERE f.archive_file_id = which AND f.removed_at IS NULL AND f.rights_cell IN (SELECT cell FROM rights.my_cells)
$$;

-- Files that nothing is attached by and no archive holds. One that was handed in within the hour may be about to be.
-- One that was taken out of an archive is held for thirty days, in which it may be put back.
CREATE OR REPLACE FUNCTION services.forget_orphans(older_than interval DEFAULT '1 hour') RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE removed bigint;
BEGIN
  DELETE FROM estate.archive_file WHERE removed_at < now() - interval '30 days';
  DELETE FROM services.attachment_content AS c
  WHERE c.kept_at < now() - older_than
    AND NOT EXISTS (SELECT FROM services.attachment AS a WHERE a.sha256 = c.sha256)
    AND NOT EXISTS (SELECT FROM estate.archive_file AS f WHERE f.sha256 = c.sha256);
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END $$;

GRANT EXECUTE ON FUNCTION services.forget_orphans(interval) TO onemap_loader;
GRANT EXECUTE ON FUNCTION services.keep_content(bytea, bytea), services.content_of(bigint),
  services.archived_content(bigint),
  services.standing_in(), services.my_parts(), services.taken_by_us(text),
  services.name_deputy(text, text[], date, date, text, text),
  services.end_deputyship(bigint, text), services.confirm(bytea, bytea, text),
  services.take_number(text, integer, bigint, text, integer, text, integer)
  TO onemap_web, onemap_operator;
