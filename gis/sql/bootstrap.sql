-- Makes a bare database ready for migrations: roles, extensions, the schema owner.
-- Run by a superuser, or by the owner of a database in which one has made the roles and extensions;
-- every statement may be run again.
DO $do$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['onemap_owner', 'onemap_web', 'onemap_loader', 'onemap_operator'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      EXECUTE format('CREATE ROLE %I LOGIN', name);
    END IF;
    IF NOT pg_has_role(name, 'MEMBER') THEN
      EXECUTE format('GRANT %I TO CURRENT_USER', name);
    END IF;
  END LOOP;
  -- Errors quote values of people's rows. The programs log them without; here they stay out. One's own
  -- server is set up by who runs it.
  FOREACH name IN ARRAY ARRAY['onemap_owner', 'onemap_web', 'onemap_loader', 'onemap_operator'] LOOP
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AND NOT EXISTS (
      SELECT FROM pg_db_role_setting AS s JOIN pg_roles AS r ON r.oid = s.setrole
      WHERE s.setdatabase = 0 AND r.rolname = name AND 'log_min_messages=log' = ANY (s.setconfig)
    ) THEN
      EXECUTE format('ALTER ROLE %I SET log_min_messages = %L', name, 'log');
    END IF;
  END LOOP;
  IF NOT (SELECT rolbypassrls FROM pg_roles WHERE rolname = 'onemap_loader') THEN
    ALTER ROLE onemap_loader BYPASSRLS;
  END IF;
END $do$;
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pgcrypto;
DO $do$
BEGIN
  EXECUTE format('GRANT CREATE, CONNECT, TEMPORARY ON DATABASE %I TO onemap_owner', current_database());
  EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO onemap_loader, onemap_web, onemap_operator', current_database());
  EXECUTE format('ALTER DATABASE %I SET search_path = public', current_database());
END $do$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
