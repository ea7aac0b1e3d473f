-- Functions, procedures and aggregates. Those that the server made for a range type are its own.
SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END AS kind,
       'pg_proc'::regclass::oid AS classid,
       p.oid AS objid,
       0 AS subid,
       'pg_namespace'::regclass::oid AS parent_class,
       n.oid AS parent_id,
       0 AS parent_sub,
       quote_ident(n.nspname) AS schema_name,
       p.proname::text AS name,
       quote_ident(p.proname::text) AS quoted_name,
       format('%I.%I(%s)', n.nspname, p.proname, CASE WHEN p.prokind = 'a' THEN pg_get_function_identity_arguments(p.oid)
           ELSE (SELECT coalesce(string_agg(format_type(u.t, NULL), ', ' ORDER BY u.o), '') FROM unnest(p.proargtypes) WITH ORDINALITY u(t, o)) END) AS identity,
       quote_ident(pg_get_userbyid(p.proowner)) AS owner,
       {privileges: p.proacl, 'f', p.proowner} AS privileges,
       obj_description(p.oid, 'pg_proc') AS comment,
       CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END AS definition,
       pg_get_function_result(p.oid) AS result,
       pg_get_function_arguments(p.oid) AS arguments,
       (SELECT coalesce(string_agg(format_type(u.t, NULL), ', ' ORDER BY u.o), '') FROM unnest(p.proargtypes) WITH ORDINALITY u(t, o)) AS types,
       {operators: concat(p.proargdefaults, to_jsonb(p) ->> 'prosqlbody')} AS body_operators,
       p.prokind::text AS prokind,
       CASE WHEN to_jsonb(p) ->> 'prosqlbody' IS NOT NULL THEN 'true' END AS is_atomic,
       p.pronargdefaults::text AS default_count,
       CASE WHEN p.prokind = 'a' THEN (SELECT concat_ws(E'\n', 'SFUNC = ' || g.aggtransfn::oid::regproc::text, 'STYPE = ' || format_type(g.aggtranstype, NULL), 'SSPACE = ' || nullif(g.aggtransspace, 0),
           'FINALFUNC = ' || nullif(g.aggfinalfn::oid, 0)::regproc::text, CASE WHEN g.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
           'FINALFUNC_MODIFY = ' || CASE WHEN g.aggfinalfn::oid <> 0 THEN CASE g.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
           'COMBINEFUNC = ' || nullif(g.aggcombinefn::oid, 0)::regproc::text, 'SERIALFUNC = ' || nullif(g.aggserialfn::oid, 0)::regproc::text, 'DESERIALFUNC = ' || nullif(g.aggdeserialfn::oid, 0)::regproc::text,
           'INITCOND = ' || quote_literal(g.agginitval), 'MSFUNC = ' || nullif(g.aggmtransfn::oid, 0)::regproc::text, 'MINVFUNC = ' || nullif(g.aggminvtransfn::oid, 0)::regproc::text,
           'MSTYPE = ' || CASE WHEN g.aggmtranstype <> 0 THEN format_type(g.aggmtranstype, NULL) END, 'MSSPACE = ' || nullif(g.aggmtransspace, 0), 'MFINALFUNC = ' || nullif(g.aggmfinalfn::oid, 0)::regproc::text,
           CASE WHEN g.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END, 'MFINALFUNC_MODIFY = ' || CASE WHEN g.aggmfinalfn::oid <> 0 THEN CASE g.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
           'MINITCOND = ' || quote_literal(g.aggminitval), (SELECT format('SORTOP = OPERATOR(%I.%s)', sn.nspname, so.oprname) FROM pg_operator so JOIN pg_namespace sn ON sn.oid = so.oprnamespace WHERE so.oid = g.aggsortop),
           'PARALLEL = ' || CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' END, CASE WHEN g.aggkind = 'h' THEN 'HYPOTHETICAL' END)
         FROM pg_aggregate g WHERE g.aggfnoid = p.oid) END AS aggregate
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE {user_schema} AND {no_member: pg_proc, p.oid}
   AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = 'pg_proc'::regclass AND i.objid = p.oid AND i.deptype = 'i');
