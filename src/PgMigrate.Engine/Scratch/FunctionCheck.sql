SELECT p.oid::pg_catalog.int8,
       pg_catalog.format('%I.%I', vn.nspname, v.proname),
       n.nspname::pg_catalog.text,
       p.proname::pg_catalog.text,
       pg_catalog.pg_get_function_identity_arguments(p.oid),
       (SELECT pg_catalog.substr(c, 13)
          FROM pg_catalog.unnest(p.proconfig) c
         WHERE c OPERATOR(pg_catalog.~~) 'search\_path=%')
  FROM pg_catalog.pg_proc p
  JOIN pg_catalog.pg_language l ON l.oid OPERATOR(pg_catalog.=) p.prolang
  JOIN pg_catalog.pg_proc v ON v.oid OPERATOR(pg_catalog.=) l.lanvalidator
  JOIN pg_catalog.pg_namespace vn ON vn.oid OPERATOR(pg_catalog.=) v.pronamespace
  JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace
 WHERE p.oid OPERATOR(pg_catalog.>=) 16384::pg_catalog.oid
   AND p.prokind OPERATOR(pg_catalog.<>) 'a'
   AND NOT EXISTS (
       SELECT
         FROM pg_catalog.pg_depend d
        WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass
          AND d.objid OPERATOR(pg_catalog.=) p.oid
          AND d.deptype OPERATOR(pg_catalog.=) 'e')
 ORDER BY n.nspname, p.proname, 5
