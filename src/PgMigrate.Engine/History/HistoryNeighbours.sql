-- Run only while the history is empty. One row that says whether there are tables, then a row for each other tracking
-- table of PgMigrate. $1 schema, $2 tracking table, $3 its log, $4 the schema to check (null: the whole database)
SELECT NULL::pg_catalog.text, NULL::pg_catalog.text,
       EXISTS (SELECT
                 FROM pg_catalog.pg_class c
                 JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p', 'f')
                  AND n.nspname NOT IN ('pg_catalog', 'information_schema')
                  AND n.nspname !~ '^pg_(toast|temp)'
                  AND ($4::pg_catalog.text IS NULL OR n.nspname = $4)
                  AND NOT (n.nspname = $1 AND c.relname IN ($2, $3))
                  AND coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), '')
                      !~ '^(PgMigrate history|What PgMigrate did)'
                  AND NOT EXISTS (SELECT
                                    FROM pg_catalog.pg_depend d
                                   WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                                     AND d.objid = c.oid AND d.deptype = 'e'))
 UNION ALL
SELECT n.nspname::pg_catalog.text, c.relname::pg_catalog.text, NULL
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND NOT (n.nspname = $1 AND c.relname = $2)
   AND pg_catalog.obj_description(c.oid, 'pg_class') LIKE 'PgMigrate history%'
