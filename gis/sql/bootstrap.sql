-- Makes a bare database ready for migrations: roles, extensions, the schema owner.
-- Run by a superuser; every statement may be run again.
DO $do$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['onemap_owner', 'onemap_web', 'onemap_loader', 'onemap_operator'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      EXECUTE format('CREATE ROLE %I LOGIN', name);
    END IF;
  END LOOP;
END $do$;
ALTER ROLE onemap_loader BYPASSRLS;
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;
DO $do$
BEGIN
  EXECUTE format('GRANT CREATE, CONNECT, TEMPORARY ON DATABASE %I TO onemap_owner', current_database());
  EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO onemap_loader, onemap_web, onemap_operator', current_database());
  EXECUTE format('ALTER DATABASE %I SET search_path = public', current_database());
END $do$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
-- Row security keeps an index from being used with a function that could leak rows. These compare
-- boxes only and cannot raise an error that shows a value. ST_* functions are never marked.
ALTER FUNCTION public.geometry_overlaps(geometry, geometry) LEAKPROOF;
ALTER FUNCTION public.geometry_within(geometry, geometry) LEAKPROOF;
