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
       CASE WHEN n.nspacl IS NOT NULL THEN nullif(
         (SELECT coalesce(string_agg(g, E'\n' ORDER BY g COLLATE "C"), 'none') FROM (SELECT CASE x.grantee WHEN n.nspowner THEN '$owner' WHEN 0 THEN 'PUBLIC'
             ELSE quote_ident(pg_get_userbyid(x.grantee)) END || '=' || x.privilege_type || CASE WHEN x.is_grantable AND x.grantee <> n.nspowner
             THEN '*' ELSE '' END AS g FROM aclexplode(n.nspacl) x) s),
         (SELECT coalesce(string_agg(g, E'\n' ORDER BY g COLLATE "C"), 'none') FROM (SELECT CASE x.grantee WHEN n.nspowner THEN '$owner' WHEN 0 THEN 'PUBLIC'
             ELSE quote_ident(pg_get_userbyid(x.grantee)) END || '=' || x.privilege_type AS g
             FROM aclexplode(acldefault('n', n.nspowner)) x) s)) END AS privileges,
       CASE WHEN n.oid <> 2200 OR obj_description(n.oid, 'pg_namespace') <> 'standard public schema' THEN obj_description(n.oid, 'pg_namespace') END AS comment
FROM pg_namespace n
 WHERE n.nspname !~ '^pg_(toast|temp)' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_namespace'::regclass AND e.objid = n.oid AND e.deptype = 'e');

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
       x.extrelocatable::text AS relocatable,
       x.extversion AS version
FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace
 WHERE x.extname <> 'plpgsql';
