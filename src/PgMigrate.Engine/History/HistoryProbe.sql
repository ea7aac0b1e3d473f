-- $1 schema, $2 tracking table, $3 its log
WITH history AS (
    SELECT c.oid
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2)
SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1),
       (SELECT oid FROM history),
       (SELECT pg_catalog.string_agg(a.attname::pg_catalog.text, E'\n')
          FROM pg_catalog.pg_attribute a
         WHERE a.attrelid = (SELECT oid FROM history) AND a.attnum > 0 AND NOT a.attisdropped),
       pg_catalog.obj_description((SELECT oid FROM history), 'pg_class'),
       EXISTS (SELECT
                 FROM pg_catalog.pg_class c
                 JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = $1 AND c.relname = $3)
