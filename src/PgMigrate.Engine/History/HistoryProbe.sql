-- $1 schema, $2 tracking table, $3 its log
WITH history AS (
    SELECT c.oid
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2),
log AS (
    SELECT c.oid
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $3),
-- Every right that a run can need and this login does not have: the object, a blank, the right.
missing AS (
    SELECT CASE WHEN NOT pg_catalog.has_schema_privilege(oid, r.name) THEN 'schema ' || r.name END AS name
      FROM pg_catalog.pg_namespace, (VALUES ('USAGE'), ('CREATE')) AS r (name)
     WHERE nspname = $1
     UNION ALL
    SELECT CASE WHEN NOT pg_catalog.has_any_column_privilege(history.oid, r.name) THEN 'table ' || r.name END
      FROM history, (VALUES ('SELECT'), ('INSERT'), ('UPDATE')) AS r (name)
     UNION ALL
    SELECT CASE WHEN NOT pg_catalog.has_table_privilege(history.oid, 'DELETE') THEN 'table DELETE' END FROM history
     UNION ALL
    SELECT CASE WHEN NOT pg_catalog.has_any_column_privilege(log.oid, r.name) THEN 'log ' || r.name END
      FROM log, (VALUES ('SELECT'), ('INSERT')) AS r (name)
     UNION ALL
    SELECT CASE WHEN NOT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')
                THEN 'database CREATE' END)
SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1),
       (SELECT oid FROM history),
       (SELECT pg_catalog.string_agg(a.attname::pg_catalog.text, E'\n')
          FROM pg_catalog.pg_attribute a
         WHERE a.attrelid = (SELECT oid FROM history) AND a.attnum > 0 AND NOT a.attisdropped),
       pg_catalog.obj_description((SELECT oid FROM history), 'pg_class'),
       EXISTS (SELECT FROM log),
       (SELECT coalesce(pg_catalog.string_agg(name, E'\n'), '') FROM missing),
       current_user::pg_catalog.text,
       pg_catalog.current_database()::pg_catalog.text,
       -- A table that does not exist yet is published by FOR ALL TABLES only.
       (SELECT pg_catalog.string_agg(p.pubname::pg_catalog.text, ', ' ORDER BY p.pubname)
          FROM pg_catalog.pg_publication p
         WHERE p.puballtables
            OR EXISTS (SELECT FROM pg_catalog.pg_get_publication_tables(p.pubname::pg_catalog.text) t
                        WHERE t.relid = (SELECT oid FROM history))),
       EXISTS (SELECT FROM pg_catalog.pg_subscription_rel r WHERE r.srrelid = (SELECT oid FROM history)),
       coalesce((SELECT pg_catalog.row_security_active(oid) FROM history), false),
       coalesce((SELECT pg_catalog.row_security_active(oid) FROM log), false),
       -- The schema in which CREATE TABLE creates a table without a schema.
       pg_catalog.current_schema()::pg_catalog.text
