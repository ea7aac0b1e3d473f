-- Schemas and extensions.
SELECT 'schema' AS kind,
       'pg_namespace'::regclass::oid AS classid,
       n.oid AS objid,
       0 AS subid,
       NULL AS parent_class,
       NULL AS parent_id,
       0 AS parent_sub,
       NULL AS schema_name,
       n.nspname::text AS name,
       quote_ident(n.nspname::text) AS quoted_name,
       quote_ident(n.nspname) AS identity,
       quote_ident(pg_get_userbyid(n.nspowner)) AS owner,
       {privileges: n.nspacl, 'n', n.nspowner} AS privileges,
       CASE WHEN n.oid <> 2200 OR obj_description(n.oid, 'pg_namespace') <> 'standard public schema' THEN obj_description(n.oid, 'pg_namespace') END AS comment
FROM pg_namespace n
 WHERE {user_schema} AND {no_member: pg_namespace, n.oid};

SELECT 'extension' AS kind,
       'pg_extension'::regclass::oid AS classid,
       x.oid AS objid,
       0 AS subid,
       NULL AS parent_class,
       NULL AS parent_id,
       0 AS parent_sub,
       NULL AS schema_name,
       x.extname::text AS name,
       quote_ident(x.extname::text) AS quoted_name,
       quote_ident(x.extname) AS identity,
       quote_ident(pg_get_userbyid(x.extowner)) AS owner,
       NULL AS privileges,
       obj_description(x.oid, 'pg_extension') AS comment,
       quote_ident(n.nspname) AS extension_schema,
       x.extrelocatable::text AS relocatable
FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace
 WHERE x.extname <> 'plpgsql';
