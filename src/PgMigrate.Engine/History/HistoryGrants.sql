-- Roles besides the owner (null: PUBLIC) that default privileges grant rights on the two new tables and their
-- sequences.
SELECT DISTINCT c.relname::text, c.relkind::text, r.rolname::text
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) a
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
 WHERE n.nspname = $1 AND a.grantee <> c.relowner
   AND (c.relname IN ($2, $3)
        OR c.oid IN (SELECT d.objid FROM pg_catalog.pg_depend d
                       JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
                      WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype = 'i'
                        AND t.relname IN ($2, $3) AND t.relnamespace = n.oid))
