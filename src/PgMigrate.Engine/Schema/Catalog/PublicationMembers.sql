-- Tables and schemas of publications; column lists and row filters are there from 15 on.
SELECT 'publication table' AS kind,
       'pg_publication_rel'::regclass::oid AS classid,
       r.oid AS objid,
       0 AS subid,
       'pg_publication'::regclass::oid AS parent_class,
       p.oid AS parent_id,
       0 AS parent_sub,
       quote_ident(n.nspname) AS schema_name,
       c.relname::text AS name,
       quote_ident(c.relname::text) AS quoted_name,
       format('%I TABLE %I.%I', p.pubname, n.nspname, c.relname) AS identity,
       NULL AS owner,
       NULL AS privileges,
       NULL AS comment,
       format('%I.%I', n.nspname, c.relname) AS table,
       {15: (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY(r.prattrs)) | NULL} AS columns,
       {15: pg_get_expr(r.prqual, c.oid) | NULL} AS filter
FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace;

{15: SELECT 'publication schema' AS kind, 'pg_publication_namespace'::regclass::oid AS classid, r.oid AS objid, 0 AS subid,
       'pg_publication'::regclass::oid AS parent_class, p.oid AS parent_id, 0 AS parent_sub,
       NULL AS schema_name, n.nspname::text AS name, quote_ident(n.nspname) AS quoted_name,
       format('%I SCHEMA %I', p.pubname, n.nspname) AS identity, NULL AS owner, NULL AS privileges, NULL AS comment
FROM pg_publication_namespace r JOIN pg_publication p ON p.oid = r.pnpubid JOIN pg_namespace n ON n.oid = r.pnnspid; | }
