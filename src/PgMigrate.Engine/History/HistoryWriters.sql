-- Roles besides the owner (and superusers) that could have changed the recorded DOWN text.
SELECT DISTINCT coalesce(r.rolname::text, 'PUBLIC')
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) a
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
 WHERE n.nspname = $1 AND c.relname = $2 AND a.grantee <> c.relowner
   AND a.privilege_type IN ('INSERT', 'UPDATE')
 ORDER BY 1
