-- Asked only while the history is empty. $1 schema, $2 tracking table, $3 log table, $4 schema to look at (null: all)
SELECT EXISTS (SELECT
                 FROM pg_catalog.pg_class c
                 JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p', 'f')
                  AND n.nspname NOT IN ('pg_catalog', 'information_schema')
                  AND n.nspname !~ '^pg_(toast|temp)'
                  AND ($4::text IS NULL OR n.nspname = $4)
                  AND NOT (n.nspname = $1 AND c.relname IN ($2, $3))
                  AND coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), '') NOT LIKE 'PgMigrate history%'
                  AND coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), '') NOT LIKE 'What PgMigrate did%'
                  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                   WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                                     AND d.objid = c.oid AND d.deptype = 'e')),
       (SELECT pg_catalog.array_agg(n.nspname::text ORDER BY n.nspname, c.relname)
          FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind = 'r' AND NOT (n.nspname = $1 AND c.relname = $2)
           AND pg_catalog.obj_description(c.oid, 'pg_class') LIKE 'PgMigrate history%'),
       (SELECT pg_catalog.array_agg(c.relname::text ORDER BY n.nspname, c.relname)
          FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind = 'r' AND NOT (n.nspname = $1 AND c.relname = $2)
           AND pg_catalog.obj_description(c.oid, 'pg_class') LIKE 'PgMigrate history%')
