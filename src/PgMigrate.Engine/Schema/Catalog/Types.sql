-- Enums, domains, composite and range types; base types are named only.
SELECT 'enum' AS kind,
       'pg_type'::regclass::oid AS classid,
       t.oid AS objid,
       0 AS subid,
       'pg_namespace'::regclass::oid AS parent_class,
       n.oid AS parent_id,
       0 AS parent_sub,
       quote_ident(n.nspname) AS schema_name,
       t.typname::text AS name,
       quote_ident(t.typname::text) AS quoted_name,
       format('%I.%I', n.nspname, t.typname) AS identity,
       quote_ident(pg_get_userbyid(t.typowner)) AS owner,
       {privileges: t.typacl, 'T', t.typowner} AS privileges,
       obj_description(t.oid, 'pg_type') AS comment,
       (SELECT string_agg(quote_literal(e.enumlabel), E'\n' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid) AS labels
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
 WHERE t.typtype = 'e' AND {user_schema} AND {no_member: pg_type, t.oid};

SELECT 'domain' AS kind,
       'pg_type'::regclass::oid AS classid,
       t.oid AS objid,
       0 AS subid,
       'pg_namespace'::regclass::oid AS parent_class,
       n.oid AS parent_id,
       0 AS parent_sub,
       quote_ident(n.nspname) AS schema_name,
       t.typname::text AS name,
       quote_ident(t.typname::text) AS quoted_name,
       format('%I.%I', n.nspname, t.typname) AS identity,
       quote_ident(pg_get_userbyid(t.typowner)) AS owner,
       {privileges: t.typacl, 'T', t.typowner} AS privileges,
       obj_description(t.oid, 'pg_type') AS comment,
       format_type(t.typbasetype, t.typtypmod) AS base_type,
       (SELECT t.typcollation::regcollation::text FROM pg_type b WHERE b.oid = t.typbasetype AND b.typcollation <> t.typcollation) AS collation,
       CASE WHEN t.typdefaultbin IS NOT NULL THEN pg_get_expr(t.typdefaultbin, 0) ELSE quote_literal(t.typdefault) END AS default,
       {operators: t.typdefaultbin::text} AS operators,
       t.typnotnull::text AS not_null
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
 WHERE t.typtype = 'd' AND {user_schema} AND {no_member: pg_type, t.oid};

SELECT 'composite type' AS kind,
       'pg_type'::regclass::oid AS classid,
       t.oid AS objid,
       0 AS subid,
       'pg_namespace'::regclass::oid AS parent_class,
       n.oid AS parent_id,
       0 AS parent_sub,
       quote_ident(n.nspname) AS schema_name,
       t.typname::text AS name,
       quote_ident(t.typname::text) AS quoted_name,
       format('%I.%I', n.nspname, t.typname) AS identity,
       quote_ident(pg_get_userbyid(t.typowner)) AS owner,
       {privileges: t.typacl, 'T', t.typowner} AS privileges,
       obj_description(t.oid, 'pg_type') AS comment,
       (SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)) || CASE WHEN a.attcollation <> y.typcollation THEN ' COLLATE ' || a.attcollation::regcollation::text ELSE '' END, E'\n' ORDER BY a.attnum)
         FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) AS attributes,
       (SELECT string_agg(format('%I %L', a.attname, col_description(t.typrelid, a.attnum)), E'\n' ORDER BY a.attname) FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped AND col_description(t.typrelid, a.attnum) IS NOT NULL) AS attribute_comments
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_class tc ON tc.oid = t.typrelid AND tc.relkind = 'c'
 WHERE t.typtype = 'c' AND {user_schema} AND {no_member: pg_type, t.oid};

SELECT 'range type' AS kind,
       'pg_type'::regclass::oid AS classid,
       t.oid AS objid,
       0 AS subid,
       'pg_namespace'::regclass::oid AS parent_class,
       n.oid AS parent_id,
       0 AS parent_sub,
       quote_ident(n.nspname) AS schema_name,
       t.typname::text AS name,
       quote_ident(t.typname::text) AS quoted_name,
       format('%I.%I', n.nspname, t.typname) AS identity,
       quote_ident(pg_get_userbyid(t.typowner)) AS owner,
       {privileges: t.typacl, 'T', t.typowner} AS privileges,
       obj_description(t.oid, 'pg_type') AS comment,
       format_type(r.rngsubtype, NULL) AS subtype,
       (SELECT r.rngcollation::regcollation::text FROM pg_type b WHERE b.oid = r.rngsubtype AND b.typcollation <> r.rngcollation) AS collation,
       (SELECT format('%I.%I', on2.nspname, oc.opcname) FROM pg_opclass oc JOIN pg_namespace on2 ON on2.oid = oc.opcnamespace WHERE oc.oid = r.rngsubopc AND NOT oc.opcdefault) AS operator_class,
       nullif(r.rngcanonical::oid, 0)::regproc::text AS canonical,
       nullif(r.rngsubdiff::oid, 0)::regproc::text AS subtype_diff,
       (SELECT format('%I.%I', mn.nspname, m.typname) FROM pg_type m JOIN pg_namespace mn ON mn.oid = m.typnamespace WHERE m.oid = (to_jsonb(r) ->> 'rngmultitypid')::oid) AS multirange
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_range r ON r.rngtypid = t.oid
 WHERE t.typtype = 'r' AND {user_schema} AND {no_member: pg_type, t.oid};

SELECT 'base type' AS kind,
       'pg_type'::regclass::oid AS classid,
       t.oid AS objid,
       0 AS subid,
       'pg_namespace'::regclass::oid AS parent_class,
       n.oid AS parent_id,
       0 AS parent_sub,
       quote_ident(n.nspname) AS schema_name,
       t.typname::text AS name,
       quote_ident(t.typname::text) AS quoted_name,
       format('%I.%I', n.nspname, t.typname) AS identity,
       quote_ident(pg_get_userbyid(t.typowner)) AS owner,
       {privileges: t.typacl, 'T', t.typowner} AS privileges,
       obj_description(t.oid, 'pg_type') AS comment,
       t.typinput::text AS input,
       t.typoutput::text AS output,
       t.typlen::text AS length,
       t.typcategory::text AS category,
       t.typalign::text AS alignment,
       t.typstorage::text AS storage
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
 WHERE (t.typtype = 'b' OR t.typtype = 'p') AND t.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_type el WHERE el.typarray = t.oid) AND {user_schema} AND {no_member: pg_type, t.oid};
