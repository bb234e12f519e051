-- Who is asking, and which cells they reach. Re-created after every migration.
-- Names are schema-qualified and search_path is pinned: a function that resolves a name by the
-- caller's path could be made to leak everything.

-- The account of the session's token, for these functions alone; no row means nobody.
CREATE OR REPLACE VIEW rights.me WITH (security_barrier) AS
  SELECT account.account_id, account.scope_id, session.can_write
  FROM rights.session AS session
  JOIN rights.account AS account ON account.account_id = session.account_id
  WHERE session.token_digest = pg_catalog.sha256(pg_catalog.convert_to(
          nullif(pg_catalog.current_setting('onemap.session', true), ''), 'UTF8'))
    AND session.kind <> 'one_time'
    AND NOT session.must_change
    AND NOT session.waits_for_code
    AND session.expires_at > pg_catalog.now()
    AND (session.idle_s IS NULL
         OR session.seen_at + session.idle_s * interval '1 second' > pg_catalog.now())
    AND account.is_active;

-- In PL/pgSQL, which keeps its plans: a function in plain SQL is planned anew in every query, for
-- each table of a tile (0.3 ms each).
CREATE OR REPLACE FUNCTION rights.current_account_id() RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = pg_catalog AS $$
BEGIN
  RETURN (SELECT me.account_id FROM rights.me AS me);
END $$;

-- The account, if the session may change anything: a token for reading may not.
CREATE OR REPLACE FUNCTION rights.current_writer_id() RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = pg_catalog AS $$
BEGIN
  RETURN (SELECT me.account_id FROM rights.me AS me WHERE me.can_write);
END $$;

-- Grants that give something on their days: confirmed where they need it, and not taken back.
CREATE OR REPLACE VIEW rights.standing_grant WITH (security_barrier) AS
  SELECT g.grant_id, g.account_id, g.role, g.organization_id, g.admin_area_code,
         g.max_security_class, g.domain, g.valid_from, g.valid_to, role.can_write, role.is_office,
         role.sees_rows,
         (g.valid_from IS NULL OR g.valid_from <= current_date)
         AND (g.valid_to IS NULL OR g.valid_to > current_date) AS holds_today
  FROM rights."grant" AS g JOIN rights.role AS role ON role.role = g.role
  WHERE g.revoked_at IS NULL AND (NOT g.needs_second OR g.confirmed_at IS NOT NULL);

CREATE OR REPLACE FUNCTION rights.current_scope_id() RETURNS integer
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = pg_catalog AS $$
BEGIN
  RETURN (SELECT me.scope_id FROM rights.me AS me);
END $$;

-- Read with the owner's rights on purpose: the asking role may see neither sessions nor scopes.
CREATE OR REPLACE VIEW rights.my_cells WITH (security_barrier) AS
  SELECT scope_cell.cell FROM rights.scope_cell AS scope_cell
  WHERE scope_cell.scope_id = (SELECT rights.current_scope_id()) AND scope_cell.sees_rows;

-- The cells that figures of the account count, of which it need not see a row. Functions of the owner's
-- that add up whole districts read this, and nobody else does.
CREATE OR REPLACE VIEW rights.my_figure_cells WITH (security_barrier) AS
  SELECT scope_cell.cell FROM rights.scope_cell AS scope_cell
  WHERE scope_cell.scope_id = (SELECT rights.current_scope_id());

-- The account, unless all it has are figures: such a one reads no directory and no announcement either.
CREATE OR REPLACE FUNCTION rights.current_reader_id() RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = pg_catalog AS $$
BEGIN
  RETURN (
    SELECT me.account_id FROM rights.me AS me
    WHERE EXISTS (SELECT FROM rights.scope_cell AS sc WHERE sc.scope_id = me.scope_id AND sc.sees_rows)
       OR NOT EXISTS (SELECT FROM rights.standing_grant AS g
                      WHERE g.account_id = me.account_id AND g.holds_today AND NOT g.sees_rows));
END $$;

-- Of which areas and classes the account reaches all cells, whichever body's, or some.
CREATE OR REPLACE VIEW rights.my_groups WITH (security_barrier) AS
  SELECT scope_group.admin_area_code, scope_group.security_class, scope_group.is_whole
  FROM rights.scope_group AS scope_group
  WHERE scope_group.scope_id = (SELECT rights.current_scope_id());

-- Where the account writes anything at all: what domains share belongs to none of them.
CREATE OR REPLACE VIEW rights.my_shared_write_cells WITH (security_barrier) AS
  SELECT scope_cell.cell, scope_cell.domains FROM rights.scope_cell AS scope_cell
  WHERE scope_cell.scope_id = (SELECT rights.current_scope_id()) AND scope_cell.can_write
    AND (SELECT rights.current_writer_id()) IS NOT NULL;

-- Where it writes in each domain.
CREATE OR REPLACE VIEW rights.my_domain_write_cells WITH (security_barrier) AS
  SELECT domain.domain, mine.cell FROM rights.my_shared_write_cells AS mine
  JOIN rights.domain AS domain ON mine.domains IS NULL OR domain.domain = ANY (mine.domains);

-- Where it writes places and bodies themselves.
CREATE OR REPLACE VIEW rights.my_write_cells WITH (security_barrier) AS
  SELECT mine.cell FROM rights.my_shared_write_cells AS mine
  WHERE mine.domains IS NULL
     OR (SELECT domain.domain FROM rights.domain AS domain WHERE domain.keeps_places)
        = ANY (mine.domains);

-- The cells the account reaches as bits, for tables that every tile reads. Concatenating unpacks the
-- value once; as it is stored it would be unpacked for every row.
CREATE OR REPLACE FUNCTION rights.my_cell_bits() RETURNS bit varying
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = pg_catalog AS $$
BEGIN
  RETURN (
    SELECT scope.cell_bits || B'' FROM rights.me AS me JOIN rights.scope AS scope USING (scope_id)
  );
END $$;

-- What the account reaches, each cell doubled and one more where it sees rows and not figures alone.
-- Asked before something long is made, and below when it is handed out.
CREATE OR REPLACE FUNCTION rights.my_reach() RETURNS integer[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  RETURN ARRAY(
    SELECT sc.cell * 2 + sc.sees_rows::integer FROM rights.scope_cell AS sc
    WHERE sc.scope_id = (SELECT rights.current_scope_id()));
END $$;

-- Whether any of that is out of reach now. A cell that is no more holds nothing that could be kept back.
CREATE OR REPLACE FUNCTION rights.has_lost_reach(before integer[]) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM unnest(before) AS had (reach) JOIN rights.cell AS c ON c.cell = had.reach / 2
    WHERE NOT EXISTS (
      SELECT FROM rights.scope_cell AS sc
      WHERE sc.scope_id = (SELECT rights.current_scope_id()) AND sc.cell = c.cell
        AND sc.sees_rows::integer >= had.reach % 2));
END $$;

-- Whether nothing is kept from the account: it may change what carries no cell, such as the directory
-- of bodies, on which rights themselves rest.
CREATE OR REPLACE FUNCTION rights.may_write_all() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT EXISTS (
    SELECT FROM rights.standing_grant AS g
    WHERE g.account_id = rights.current_writer_id() AND g.can_write AND g.holds_today
      AND g.organization_id IS NULL AND g.admin_area_code IS NULL
      AND g.max_security_class = 3 AND g.domain IS NULL)
$$;

-- Whether a grant of today lets the account write places and bodies anywhere. By grants: a register that has
-- nothing yet has no cells to ask for.
CREATE OR REPLACE FUNCTION rights.may_write_somewhere() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT EXISTS (
    SELECT FROM rights.standing_grant AS g
    WHERE g.account_id = rights.current_writer_id() AND g.can_write AND g.holds_today
      AND NOT g.is_office
      AND (g.domain IS NULL
           OR g.domain = (SELECT domain.domain FROM rights.domain AS domain WHERE domain.keeps_places)))
$$;

-- Which groups of cells, of one area and class, each scope reaches in whole or in part. Settled in
-- the transaction that makes a cell: a scope that does not reach it has no whole group any more.
CREATE OR REPLACE FUNCTION rights.settle_groups() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  -- Who settled before a cell that another transaction makes was to be seen would write over what
  -- that one took away: the statement below sees what stands when the wait is over.
  PERFORM FROM rights.version FOR UPDATE;
  WITH every AS (
    SELECT coalesce(admin_area_code, '') AS admin_area_code, security_class, count(*) AS cells
    FROM rights.cell GROUP BY 1, 2
  ),
  reached AS (
    SELECT sc.scope_id, coalesce(c.admin_area_code, '') AS admin_area_code, c.security_class,
           count(*) AS cells
    FROM rights.scope_cell AS sc JOIN rights.cell AS c USING (cell)
    WHERE sc.sees_rows GROUP BY 1, 2, 3
  ),
  gone AS (
    DELETE FROM rights.scope_group AS old
    WHERE (old.scope_id, old.admin_area_code, old.security_class) NOT IN (
      SELECT scope_id, admin_area_code, security_class FROM reached)
  )
  INSERT INTO rights.scope_group AS sg (scope_id, admin_area_code, security_class, is_whole)
  SELECT scope_id, admin_area_code, security_class, reached.cells = every.cells
  FROM reached JOIN every USING (admin_area_code, security_class)
  ON CONFLICT (scope_id, admin_area_code, security_class) DO UPDATE SET is_whole = excluded.is_whole
  WHERE sg.is_whole <> excluded.is_whole;
END $$;

-- The cells that accounts reach, by each role that their grants of today give them, and by the domain to
-- which a grant is limited; null: all.
-- Rights on an abolished body pass to its successors: a grant over the successor covers the old.
CREATE OR REPLACE FUNCTION rights.cells_granted(of_accounts bigint[])
RETURNS TABLE (account_id bigint, role text, domain text, cell integer, can_write boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  WITH RECURSIVE
  active AS (
    SELECT g.account_id, g.role, g.domain, g.organization_id, g.admin_area_code,
           g.max_security_class, g.can_write
    FROM rights.standing_grant AS g
    WHERE g.account_id = ANY (of_accounts) AND g.holds_today AND NOT g.is_office
  ),
  under (top, organization_id) AS (
    SELECT DISTINCT organization_id, organization_id FROM active WHERE organization_id IS NOT NULL
    UNION
    SELECT under.top, below.organization_id
    FROM under
    JOIN (
      SELECT parent_id AS above, organization_id FROM organization.organization
      UNION ALL
      SELECT to_organization_id, from_organization_id FROM organization.succession
    ) AS below ON below.above = under.organization_id
  ),
  -- A grant on an abolished area is one on those that took over.
  heir (top, code) AS (
    SELECT DISTINCT admin_area_code, admin_area_code FROM active WHERE admin_area_code IS NOT NULL
    UNION
    SELECT heir.top, s.to_code FROM heir
    JOIN place.admin_area AS was ON was.code = heir.code AND was.valid_to <= current_date
    JOIN place.admin_area_succession AS s
      ON s.from_code = was.code AND s.happened_on <= current_date
  ),
  -- What is still kept under an abolished area is its only successor's.
  inside (top, code) AS (
    SELECT top, code FROM heir
    UNION
    SELECT inside.top, below.code FROM inside
    JOIN (
      SELECT parent_code AS above, code FROM place.admin_area
      UNION ALL
      SELECT max(s.to_code), s.from_code FROM place.admin_area_succession AS s
      JOIN place.admin_area AS was ON was.code = s.from_code AND was.valid_to <= current_date
      WHERE s.happened_on <= current_date GROUP BY s.from_code HAVING count(*) = 1
    ) AS below ON below.above = inside.code
  )
  -- One arm for each way a grant is limited, so that each joins by equals. One condition for all would
  -- look through the bodies and areas of the grants for every pair of a grant and a cell.
  SELECT reached.account_id, reached.role, reached.domain, reached.cell, bool_or(reached.can_write)
  FROM (
    SELECT active.account_id, active.role, active.domain, cell.cell, active.can_write
    FROM active JOIN under ON under.top = active.organization_id
    JOIN rights.cell AS cell ON cell.organization_id = under.organization_id
    WHERE active.admin_area_code IS NULL AND cell.security_class <= active.max_security_class
    UNION ALL
    SELECT active.account_id, active.role, active.domain, cell.cell, active.can_write
    FROM active JOIN under ON under.top = active.organization_id
    JOIN inside ON inside.top = active.admin_area_code
    JOIN rights.cell AS cell ON cell.organization_id = under.organization_id
      AND cell.admin_area_code = inside.code
    WHERE cell.security_class <= active.max_security_class
    UNION ALL
    SELECT active.account_id, active.role, active.domain, cell.cell, active.can_write
    FROM active JOIN inside ON inside.top = active.admin_area_code
    JOIN rights.cell AS cell ON cell.admin_area_code = inside.code
    WHERE active.organization_id IS NULL AND cell.security_class <= active.max_security_class
    UNION ALL
    SELECT active.account_id, active.role, active.domain, cell.cell, active.can_write
    FROM active JOIN rights.cell AS cell ON cell.security_class <= active.max_security_class
    WHERE active.organization_id IS NULL AND active.admin_area_code IS NULL
  ) AS reached
  GROUP BY reached.account_id, reached.role, reached.domain, reached.cell
$$;

-- The cells a scope reaches, from the grants of any account that holds it (all hold the same).
-- One transaction at a time: each must see the cells of the one before.
CREATE OR REPLACE FUNCTION rights.recompute_scopes() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT FROM rights.version FOR UPDATE;
  WITH
  holder AS (
    SELECT DISTINCT ON (scope_id) scope_id, account_id FROM rights.account
    WHERE scope_id IS NOT NULL ORDER BY scope_id, account_id
  ),
  reached AS (
    SELECT holder.scope_id, granted.cell, bool_or(granted.can_write) AS can_write,
           -- Undisclosed places are shown to none but who keeps them: others know what reports say.
           bool_or(role.sees_rows AND (cell.security_class < 3 OR granted.can_write)) AS sees_rows,
           CASE WHEN NOT bool_or(granted.can_write AND granted.domain IS NULL) THEN
             array_agg(DISTINCT granted.domain ORDER BY granted.domain)
               FILTER (WHERE granted.can_write) END AS domains
    FROM rights.cells_granted(ARRAY(SELECT account_id FROM holder)) AS granted
    JOIN holder USING (account_id) JOIN rights.role AS role ON role.role = granted.role
    JOIN rights.cell AS cell ON cell.cell = granted.cell
    GROUP BY holder.scope_id, granted.cell
  ),
  gone AS (
    DELETE FROM rights.scope_cell AS old
    WHERE NOT EXISTS (SELECT FROM reached
                      WHERE reached.scope_id = old.scope_id AND reached.cell = old.cell)
  )
  INSERT INTO rights.scope_cell AS sc (scope_id, cell, can_write, sees_rows, domains)
  SELECT scope_id, cell, can_write, sees_rows, domains FROM reached
  ON CONFLICT (scope_id, cell) DO UPDATE
    SET can_write = excluded.can_write, sees_rows = excluded.sees_rows, domains = excluded.domains
  WHERE (sc.can_write, sc.sees_rows, sc.domains)
        IS DISTINCT FROM (excluded.can_write, excluded.sees_rows, excluded.domains);
  UPDATE rights.scope AS s SET cell_bits = n.cell_bits
  FROM (
    SELECT scope_id,
      (string_agg(repeat('0', gap) || '1', '' ORDER BY cell)
       || repeat('0', (SELECT max(cell) FROM rights.cell) - max(cell)))::bit varying AS cell_bits
    FROM (
      SELECT scope_id, cell,
        cell - 1 - lag(cell, 1, -1) OVER (PARTITION BY scope_id ORDER BY cell) AS gap
      FROM rights.scope_cell WHERE sees_rows
    ) AS spread
    GROUP BY scope_id
    UNION ALL
    SELECT scope_id, NULL FROM rights.scope AS none
    WHERE NOT EXISTS (SELECT FROM rights.scope_cell AS sc WHERE sc.scope_id = none.scope_id AND sc.sees_rows)
  ) AS n
  WHERE n.scope_id = s.scope_id AND s.cell_bits IS DISTINCT FROM n.cell_bits;
  SELECT rights.settle_groups();
$$;

-- The scope of an account's grants, which it shares with all that hold the same ones, also none.
CREATE OR REPLACE FUNCTION rights.settle_scope(of_account bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  held bytea := (
    SELECT sha256(convert_to(coalesce(string_agg(held, E'\n' ORDER BY held COLLATE "C"), ''), 'UTF8'))
    FROM (
      SELECT ROW(role, organization_id, admin_area_code, max_security_class, domain, valid_from,
                 valid_to)::text AS held
      FROM rights.standing_grant WHERE account_id = of_account
    ) AS grants);
  found integer;
BEGIN
  INSERT INTO rights.scope (grants_digest) VALUES (held)
  ON CONFLICT (grants_digest) DO UPDATE SET grants_digest = held RETURNING scope_id INTO found;
  UPDATE rights.account SET scope_id = found
  WHERE account_id = of_account AND scope_id IS DISTINCT FROM found;
  PERFORM rights.recompute_scopes();
END $$;

CREATE OR REPLACE FUNCTION rights.scopes_are_stale() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM rights.recompute_scopes();
  PERFORM rights.bump_version();
  RETURN NULL;
END $$;

-- Cells of combinations not seen before are made here, by the loader and by actions alike.
CREATE OR REPLACE FUNCTION rights.cell_for(
  for_organization_id bigint, for_admin_area_code text, for_security_class smallint
) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE found integer;
BEGIN
  SELECT cell.cell INTO found FROM rights.cell AS cell
  WHERE cell.organization_id IS NOT DISTINCT FROM for_organization_id
    AND cell.admin_area_code IS NOT DISTINCT FROM for_admin_area_code
    AND cell.security_class = for_security_class;
  IF found IS NULL THEN
    INSERT INTO rights.cell (organization_id, admin_area_code, security_class)
    VALUES (for_organization_id, for_admin_area_code, for_security_class)
    ON CONFLICT ON CONSTRAINT uq_cell_combination DO NOTHING;
    SELECT cell.cell INTO found FROM rights.cell AS cell
    WHERE cell.organization_id IS NOT DISTINCT FROM for_organization_id
      AND cell.admin_area_code IS NOT DISTINCT FROM for_admin_area_code
      AND cell.security_class = for_security_class;
  END IF;
  RETURN found;
END $$;

-- The cells of many combinations at once, in any order: one statement makes the missing ones, so the
-- scopes are recomputed once and not for each. Compared by equals: what is merely not distinct cannot
-- be hashed, and a province has as many cells as bodies. No body has number 0, no area an empty code.
CREATE OR REPLACE FUNCTION rights.cells_for(
  for_organizations bigint[], for_areas text[], for_classes smallint[]
) RETURNS TABLE (organization_id bigint, admin_area_code text, security_class smallint, cell integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
#variable_conflict use_column
BEGIN
  -- An insert of no row would still have every scope recomputed and every cache emptied.
  IF EXISTS (
    SELECT FROM unnest(for_organizations, for_areas, for_classes) AS w (o, a, c)
    WHERE NOT EXISTS (
      SELECT FROM rights.cell AS known
      WHERE coalesce(known.organization_id, 0) = coalesce(w.o, 0)
        AND coalesce(known.admin_area_code, '') = coalesce(w.a, '')
        AND known.security_class = w.c)
  ) THEN
    INSERT INTO rights.cell (organization_id, admin_area_code, security_class)
    SELECT DISTINCT w.o, w.a, w.c
    FROM unnest(for_organizations, for_areas, for_classes) AS w (o, a, c)
    WHERE NOT EXISTS (
      SELECT FROM rights.cell AS known
      WHERE coalesce(known.organization_id, 0) = coalesce(w.o, 0)
        AND coalesce(known.admin_area_code, '') = coalesce(w.a, '')
        AND known.security_class = w.c)
    ON CONFLICT ON CONSTRAINT uq_cell_combination DO NOTHING;
  END IF;
  RETURN QUERY
  SELECT known.organization_id, known.admin_area_code, known.security_class, known.cell
  FROM rights.cell AS known
  JOIN (SELECT DISTINCT w.o, w.a, w.c
        FROM unnest(for_organizations, for_areas, for_classes) AS w (o, a, c)) AS w
    ON coalesce(known.organization_id, 0) = coalesce(w.o, 0)
      AND coalesce(known.admin_area_code, '') = coalesce(w.a, '')
      AND known.security_class = w.c;
END $$;

-- An undone load leaves no cell that nothing uses any more: first those of the bodies that go, then,
-- when every row is back where it was, the others. Rows of domains that follow no place refer to their
-- cell by a foreign key, by which they are found here. A cell that history names is needed to take
-- back the load that led out of it; but lines of undone loads and of undos ask for none.
CREATE OR REPLACE FUNCTION rights.forget_unused_cells(of_organizations bigint[] DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  unused integer[] := ARRAY(
    SELECT cell FROM rights.cell
    WHERE of_organizations IS NULL OR organization_id = ANY (of_organizations));
  used_by regclass;
  past regclass;
BEGIN
  -- Every table that keeps a history and a cell of its own; a cell that is part of a foreign key to a
  -- place follows the place's, which is asked itself. Tables without history refer to the cell.
  FOR used_by IN
    SELECT a.attrelid::regclass
    FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind = 'r'
    JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname <> 'history'
    WHERE a.attname = 'rights_cell' AND NOT a.attisdropped
      AND (EXISTS (SELECT FROM pg_constraint AS k
                   WHERE k.conrelid = c.oid AND k.contype = 'f' AND a.attnum = ANY (k.conkey)
                     AND k.confrelid = 'rights.cell'::regclass)
        OR to_regclass('history.' || quote_ident(n.nspname || '_' || c.relname)) IS NOT NULL
       AND NOT EXISTS (SELECT FROM pg_constraint AS k
                       WHERE k.conrelid = c.oid AND k.contype = 'f' AND a.attnum = ANY (k.conkey)))
  LOOP
    EXIT WHEN cardinality(unused) = 0;
    EXECUTE format('SELECT ARRAY(SELECT unnest($1) EXCEPT SELECT rights_cell FROM %s)', used_by)
      INTO unused USING unused;
    past := to_regclass((
      SELECT 'history.' || quote_ident(n.nspname || '_' || c.relname)
      FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = used_by));
    CONTINUE WHEN past IS NULL OR of_organizations IS NOT NULL OR cardinality(unused) = 0;
    EXECUTE format(
      'SELECT ARRAY(SELECT unnest($1) EXCEPT SELECT h.rights_cell FROM %s AS h'
      ' LEFT JOIN staging.load AS l ON l.load_id = h.history_load_id'
      ' WHERE h.rights_cell = ANY ($1)'
      ' AND (l.state = ''undone'' OR l.options ? ''undoes'') IS NOT TRUE)', past)
      INTO unused USING unused;
  END LOOP;
  DELETE FROM rights.scope_cell WHERE cell = ANY (unused);
  DELETE FROM rights.cell WHERE cell = ANY (unused);
  PERFORM rights.settle_groups();
END $$;

-- Caches are keyed by these counters: data of the register, and rights.
CREATE OR REPLACE FUNCTION rights.bump_version() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  UPDATE rights.version SET rights_version = rights_version + 1;
  SELECT pg_notify('onemap_version', 'rights');
$$;

-- Whether a day came, since areas were last settled, on which one begins, ends or is taken over.
CREATE OR REPLACE FUNCTION rights.areas_are_due() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT EXISTS (
    SELECT FROM (
      SELECT valid_from AS day FROM place.admin_area
      UNION ALL SELECT valid_to FROM place.admin_area
      UNION ALL SELECT happened_on FROM place.admin_area_succession
    ) AS come
    WHERE come.day <= current_date AND come.day > coalesce(
      (SELECT areas_settled_on FROM rights.version), '-infinity'))
$$;

-- Rights follow areas whose day came: nothing was written on that day that would have told them.
CREATE OR REPLACE FUNCTION rights.settle_areas() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF rights.areas_are_due() THEN
    UPDATE rights.version SET areas_settled_on = current_date;
    PERFORM rights.recompute_scopes();
    PERFORM rights.bump_version();
  END IF;
END $$;

-- Whether a day came, since grants were last settled, on which one begins or ends.
CREATE OR REPLACE FUNCTION rights.grants_are_due() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT EXISTS (
    SELECT FROM rights.standing_grant AS g CROSS JOIN rights.version AS v
    WHERE (g.valid_from <= current_date AND g.valid_from > coalesce(v.grants_settled_on, '-infinity'))
       OR (g.valid_to <= current_date AND g.valid_to > coalesce(v.grants_settled_on, '-infinity')))
$$;

-- Grants begin and end at midnight; nothing was written then that would have told the scopes.
CREATE OR REPLACE FUNCTION rights.settle_grants() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF NOT rights.grants_are_due() THEN
    RETURN false;
  END IF;
  UPDATE rights.version SET grants_settled_on = current_date;
  PERFORM rights.recompute_scopes();
  PERFORM rights.bump_version();
  RETURN true;
END $$;

-- Once a transaction: a load of many statements is one new version. The counter itself moves only
-- at commit (a deferred trigger), so no writer waits for another's load.
CREATE OR REPLACE FUNCTION place.data_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  INSERT INTO rights.pending_change (transaction_id) VALUES (pg_current_xact_id()::text::bigint)
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION rights.count_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  DELETE FROM rights.pending_change WHERE transaction_id = new.transaction_id;
  UPDATE rights.version SET data_version = data_version + 1;
  PERFORM pg_notify('onemap_version', 'data');
  RETURN NULL;
END $$;

-- A place's cell must say what the place says, or rights and register would disagree.
CREATE OR REPLACE FUNCTION place.check_cells() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF EXISTS (
    SELECT FROM new_rows AS n JOIN rights.cell AS cell ON cell.cell = n.rights_cell
    WHERE (cell.organization_id, cell.admin_area_code, cell.security_class)
          IS DISTINCT FROM (n.steward_id, n.admin_area_code, n.security_class)
  ) THEN
    RAISE EXCEPTION 'rights_cell contradicts steward, area or class of a place'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_place_rights_cell';
  END IF;
  RETURN NULL;
END $$;

-- What is derived carries no foreign keys, so it follows its place here. Postings under the old cell
-- are left: whoever reads them finds no text that they may see.
CREATE OR REPLACE FUNCTION place.derived_follows_cells() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  WITH moved AS (
    UPDATE place.search_text AS t SET rights_cell = n.rights_cell
    FROM new_rows AS n JOIN old_rows AS o USING (place_id)
    WHERE t.place_id = n.place_id AND o.rights_cell <> n.rights_cell
    RETURNING t.place_id, t.text, t.rights_cell
  )
  INSERT INTO place.search_posting (bigram, rights_cell, place_count, place_ids)
  SELECT substr(moved.text, start, 2), moved.rights_cell, count(DISTINCT moved.place_id),
         array_agg(DISTINCT moved.place_id)
  FROM moved CROSS JOIN LATERAL generate_series(1, length(moved.text) - 1) AS start
  GROUP BY 1, 2;
  UPDATE place.counted_area AS c SET rights_cell = n.rights_cell
  FROM new_rows AS n JOIN old_rows AS o USING (place_id)
  WHERE c.place_id = n.place_id AND o.rights_cell <> n.rights_cell;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION place.derived_goes_with_places() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  DELETE FROM place.search_text AS t USING old_rows AS o WHERE t.place_id = o.place_id;
  DELETE FROM place.counted_area AS c USING old_rows AS o WHERE c.place_id = o.place_id;
  RETURN NULL;
END $$;

-- A text as search compares it: full width folded, lower case, no blanks, no punctuation (which a
-- pattern finds in a sixth of the time that translate takes over so long a list). Without a
-- pinned search_path, so that it becomes part of the query: a call a text takes longer than its work.
CREATE OR REPLACE FUNCTION place.normalised(written text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT pg_catalog.regexp_replace(pg_catalog.lower(normalize(written, NFKC)),
                   E'[] \t\r\n,，、。;；:：()（）[【】"“”''‘’#—_/·.－-]', '', 'g')
$$;

-- One-time addresses: turned into a browser session by the web role without its seeing the table.
CREATE OR REPLACE FUNCTION rights.redeem(
  one_time_token text, session_digest bytea, hours integer, from_address text
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE redeemed bigint;
BEGIN
  DELETE FROM rights.session
  WHERE token_digest = sha256(convert_to(one_time_token, 'UTF8'))
    AND kind = 'one_time' AND expires_at > now()
  RETURNING account_id INTO redeemed;
  IF redeemed IS NULL THEN
    RETURN false;
  END IF;
  PERFORM rights.settle_grants();
  INSERT INTO rights.session (account_id, token_digest, kind, expires_at, address)
  VALUES (redeemed, session_digest, 'web', now() + make_interval(hours => hours), from_address);
  INSERT INTO rights.event (kind, account_id, by_account_id, address, details)
  VALUES ('signed_in', redeemed, redeemed, from_address, '{"by": "one_time_address"}');
  RETURN true;
END $$;

CREATE OR REPLACE FUNCTION rights.close_session() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  DELETE FROM rights.session WHERE token_digest = pg_catalog.sha256(pg_catalog.convert_to(
    nullif(pg_catalog.current_setting('onemap.session', true), ''), 'UTF8'))
$$;

-- A bulk change leaves the planner with the sizes from before it; joins planned on "empty" tables
-- never end. Whoever changed thousands of rows calls this before deriving from them.
CREATE OR REPLACE FUNCTION place.refresh_statistics() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  ANALYZE place.place (place_id, parent_id, kind, code);
  ANALYZE place.area_measure (place_id, area_kind, source);
  ANALYZE place.identifier;
  ANALYZE place.search_text;

END $$;
