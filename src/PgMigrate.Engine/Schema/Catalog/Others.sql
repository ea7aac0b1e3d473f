-- Operators, casts, collations, text search, foreign servers, publications, event triggers, default privileges.
SELECT 'collation' AS kind,
       'pg_collation'::regclass::oid AS classid,
       l.oid AS objid,
       0 AS subid,
       'pg_namespace'::regclass::oid AS parent_class,
       n.oid AS parent_id,
       0 AS parent_sub,
       quote_ident(n.nspname) AS schema_name,
       l.collname::text AS name,
       quote_ident(l.collname::text) AS quoted_name,
       format('%I.%I', n.nspname, l.collname) AS identity,
       quote_ident(pg_get_userbyid(l.collowner)) AS owner,
       NULL AS privileges,
       obj_description(l.oid, 'pg_collation') AS comment,
       l.collprovider::text AS provider,
       l.collisdeterministic::text AS deterministic,
       l.collcollate::text AS collate,
       l.collctype::text AS ctype,
       coalesce(to_jsonb(l) ->> 'colllocale', to_jsonb(l) ->> 'colliculocale') AS locale,
       to_jsonb(l) ->> 'collicurules' AS rules
FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace
 WHERE l.oid >= 16384 AND {user_schema} AND {no_member: pg_collation, l.oid};

SELECT 'conversion' AS kind,
       'pg_conversion'::regclass::oid AS classid,
       v.oid AS objid,
       0 AS subid,
       'pg_namespace'::regclass::oid AS parent_class,
       n.oid AS parent_id,
       0 AS parent_sub,
       quote_ident(n.nspname) AS schema_name,
       v.conname::text AS name,
       quote_ident(v.conname::text) AS quoted_name,
       format('%I.%I', n.nspname, v.conname) AS identity,
       quote_ident(pg_get_userbyid(v.conowner)) AS owner,
       NULL AS privileges,
       obj_description(v.oid, 'pg_conversion') AS comment,
       pg_encoding_to_char(v.conforencoding)::text AS source,
       pg_encoding_to_char(v.contoencoding)::text AS destination,
       (SELECT format('%I.%I', fn.nspname, f.proname) FROM pg_proc f JOIN pg_namespace fn ON fn.oid = f.pronamespace WHERE f.oid = v.conproc::oid) AS function,
       v.condefault::text AS is_default
FROM pg_conversion v JOIN pg_namespace n ON n.oid = v.connamespace
 WHERE v.oid >= 16384 AND {user_schema} AND {no_member: pg_conversion, v.oid};

SELECT 'operator' AS kind,
       'pg_operator'::regclass::oid AS classid,
       o.oid AS objid,
       0 AS subid,
       'pg_namespace'::regclass::oid AS parent_class,
       n.oid AS parent_id,
       0 AS parent_sub,
       quote_ident(n.nspname) AS schema_name,
       o.oprname::text AS name,
       quote_ident(o.oprname::text) AS quoted_name,
       format('%I.%s (%s, %s)', n.nspname, o.oprname, coalesce(format_type(nullif(o.oprleft, 0), NULL), 'NONE'), coalesce(format_type(nullif(o.oprright, 0), NULL), 'NONE')) AS identity,
       quote_ident(pg_get_userbyid(o.oprowner)) AS owner,
       NULL AS privileges,
       obj_description(o.oid, 'pg_operator') AS comment,
       format('%I.%s', n.nspname, o.oprname) AS symbol,
       (SELECT format('%I.%I', fn.nspname, f.proname) FROM pg_proc f JOIN pg_namespace fn ON fn.oid = f.pronamespace WHERE f.oid = o.oprcode::oid) AS function,
       coalesce(format_type(nullif(o.oprleft, 0), NULL), 'NONE') AS left_type,
       coalesce(format_type(nullif(o.oprright, 0), NULL), 'NONE') AS right_type,
       (SELECT format('%I.%s', cn.nspname, co.oprname) FROM pg_operator co JOIN pg_namespace cn ON cn.oid = co.oprnamespace WHERE co.oid = o.oprcom) AS commutator,
       (SELECT format('%I.%s', nn.nspname, ng.oprname) FROM pg_operator ng JOIN pg_namespace nn ON nn.oid = ng.oprnamespace WHERE ng.oid = o.oprnegate) AS negator,
       nullif(o.oprrest::oid, 0)::regproc::text AS restrict,
       nullif(o.oprjoin::oid, 0)::regproc::text AS join,
       nullif(o.oprcanhash, false)::text AS hashes,
       nullif(o.oprcanmerge, false)::text AS merges
FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
 WHERE o.oid >= 16384 AND {user_schema} AND {no_member: pg_operator, o.oid} AND o.oprcode::oid <> 0;

SELECT 'operator family' AS kind,
       'pg_opfamily'::regclass::oid AS classid,
       f.oid AS objid,
       0 AS subid,
       'pg_namespace'::regclass::oid AS parent_class,
       n.oid AS parent_id,
       0 AS parent_sub,
       quote_ident(n.nspname) AS schema_name,
       f.opfname::text AS name,
       quote_ident(f.opfname::text) AS quoted_name,
       format('%I.%I USING %I', n.nspname, f.opfname, (SELECT m.amname FROM pg_am m WHERE m.oid = f.opfmethod)) AS identity,
       quote_ident(pg_get_userbyid(f.opfowner)) AS owner,
       NULL AS privileges,
       obj_description(f.oid, 'pg_opfamily') AS comment,
       (SELECT quote_ident(m.amname) FROM pg_am m WHERE m.oid = f.opfmethod) AS method,
       (SELECT string_agg(m.text, E'\n' ORDER BY m.text COLLATE "C") FROM (
           SELECT format('OPERATOR %s %s (%s, %s)', a.amopstrategy, (SELECT format('%I.%s', mn.nspname, mo.oprname) FROM pg_operator mo JOIN pg_namespace mn ON mn.oid = mo.oprnamespace WHERE mo.oid = a.amopopr), format_type(a.amoplefttype, NULL), format_type(a.amoprighttype, NULL))
               || CASE WHEN a.amopsortfamily <> 0 THEN (SELECT format(' FOR ORDER BY %I.%I', sn.nspname, sf.opfname) FROM pg_opfamily sf JOIN pg_namespace sn ON sn.oid = sf.opfnamespace WHERE sf.oid = a.amopsortfamily) ELSE '' END AS text
             FROM pg_amop a WHERE a.amopfamily = f.oid AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_amop'::regclass AND d.objid = a.oid AND d.refclassid = 'pg_opclass'::regclass AND d.deptype = 'i')
           UNION ALL SELECT format('FUNCTION %s (%s, %s) %s', a.amprocnum, format_type(a.amproclefttype, NULL), format_type(a.amprocrighttype, NULL), a.amproc::oid::regprocedure::text)
             FROM pg_amproc a WHERE a.amprocfamily = f.oid AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_amproc'::regclass AND d.objid = a.oid AND d.refclassid = 'pg_opclass'::regclass AND d.deptype = 'i')) m) AS members
FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace
 WHERE f.oid >= 16384 AND {user_schema} AND {no_member: pg_opfamily, f.oid};

SELECT 'operator class' AS kind,
       'pg_opclass'::regclass::oid AS classid,
       k.oid AS objid,
       0 AS subid,
       'pg_namespace'::regclass::oid AS parent_class,
       n.oid AS parent_id,
       0 AS parent_sub,
       quote_ident(n.nspname) AS schema_name,
       k.opcname::text AS name,
       quote_ident(k.opcname::text) AS quoted_name,
       format('%I.%I USING %I', n.nspname, k.opcname, (SELECT m.amname FROM pg_am m WHERE m.oid = k.opcmethod)) AS identity,
       quote_ident(pg_get_userbyid(k.opcowner)) AS owner,
       NULL AS privileges,
       obj_description(k.oid, 'pg_opclass') AS comment,
       (SELECT quote_ident(m.amname) FROM pg_am m WHERE m.oid = k.opcmethod) AS method,
       nullif(k.opcdefault, false)::text AS is_default,
       format_type(k.opcintype, NULL) AS type,
       CASE WHEN k.opckeytype <> 0 THEN format_type(k.opckeytype, NULL) END AS storage,
       (SELECT format('%I.%I', fn.nspname, f.opfname) FROM pg_opfamily f JOIN pg_namespace fn ON fn.oid = f.opfnamespace WHERE f.oid = k.opcfamily) AS family,
       (SELECT string_agg(m.text, E'\n' ORDER BY m.text COLLATE "C") FROM (
           SELECT format('OPERATOR %s %s (%s, %s)', a.amopstrategy, (SELECT format('%I.%s', mn.nspname, mo.oprname) FROM pg_operator mo JOIN pg_namespace mn ON mn.oid = mo.oprnamespace WHERE mo.oid = a.amopopr), format_type(a.amoplefttype, NULL), format_type(a.amoprighttype, NULL))
               || CASE WHEN a.amopsortfamily <> 0 THEN (SELECT format(' FOR ORDER BY %I.%I', sn.nspname, sf.opfname) FROM pg_opfamily sf JOIN pg_namespace sn ON sn.oid = sf.opfnamespace WHERE sf.oid = a.amopsortfamily) ELSE '' END AS text
             FROM pg_amop a WHERE a.amopfamily = k.opcfamily AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_amop'::regclass AND d.objid = a.oid AND d.refclassid = 'pg_opclass'::regclass AND d.deptype = 'i' AND d.refobjid = k.oid)
           UNION ALL SELECT format('FUNCTION %s (%s, %s) %s', a.amprocnum, format_type(a.amproclefttype, NULL), format_type(a.amprocrighttype, NULL), a.amproc::oid::regprocedure::text)
             FROM pg_amproc a WHERE a.amprocfamily = k.opcfamily AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_amproc'::regclass AND d.objid = a.oid AND d.refclassid = 'pg_opclass'::regclass AND d.deptype = 'i' AND d.refobjid = k.oid)) m) AS members
FROM pg_opclass k JOIN pg_namespace n ON n.oid = k.opcnamespace
 WHERE k.oid >= 16384 AND {user_schema} AND {no_member: pg_opclass, k.oid};

SELECT 'cast' AS kind,
       'pg_cast'::regclass::oid AS classid,
       c.oid AS objid,
       0 AS subid,
       NULL AS parent_class,
       NULL AS parent_id,
       0 AS parent_sub,
       NULL AS schema_name,
       format('(%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL))::text AS name,
       quote_ident(format('(%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL))::text) AS quoted_name,
       format('(%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)) AS identity,
       NULL AS owner,
       NULL AS privileges,
       obj_description(c.oid, 'pg_cast') AS comment,
       nullif(c.castfunc, 0)::regprocedure::text AS function,
       c.castcontext::text AS context,
       c.castmethod::text AS method
FROM pg_cast c
 WHERE c.oid >= 16384 AND {no_member: pg_cast, c.oid}
   AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = 'pg_cast'::regclass AND i.objid = c.oid AND i.deptype = 'i');

SELECT 'transform' AS kind,
       'pg_transform'::regclass::oid AS classid,
       r.oid AS objid,
       0 AS subid,
       NULL AS parent_class,
       NULL AS parent_id,
       0 AS parent_sub,
       NULL AS schema_name,
       format('FOR %s LANGUAGE %I', format_type(r.trftype, NULL), l.lanname)::text AS name,
       quote_ident(format('FOR %s LANGUAGE %I', format_type(r.trftype, NULL), l.lanname)::text) AS quoted_name,
       format('FOR %s LANGUAGE %I', format_type(r.trftype, NULL), l.lanname) AS identity,
       NULL AS owner,
       NULL AS privileges,
       obj_description(r.oid, 'pg_transform') AS comment,
       nullif(r.trffromsql::oid, 0)::regprocedure::text AS from_sql,
       nullif(r.trftosql::oid, 0)::regprocedure::text AS to_sql
FROM pg_transform r JOIN pg_language l ON l.oid = r.trflang
 WHERE r.oid >= 16384 AND {no_member: pg_transform, r.oid};

SELECT 'text search parser' AS kind,
       'pg_ts_parser'::regclass::oid AS classid,
       p.oid AS objid,
       0 AS subid,
       'pg_namespace'::regclass::oid AS parent_class,
       n.oid AS parent_id,
       0 AS parent_sub,
       quote_ident(n.nspname) AS schema_name,
       p.prsname::text AS name,
       quote_ident(p.prsname::text) AS quoted_name,
       format('%I.%I', n.nspname, p.prsname) AS identity,
       NULL AS owner,
       NULL AS privileges,
       obj_description(p.oid, 'pg_ts_parser') AS comment,
       p.prsstart::text AS start,
       p.prstoken::text AS gettoken,
       p.prsend::text AS end,
       p.prslextype::text AS lextypes,
       nullif(p.prsheadline::oid, 0)::regproc::text AS headline
FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace
 WHERE p.oid >= 16384 AND {user_schema} AND {no_member: pg_ts_parser, p.oid};

SELECT 'text search template' AS kind,
       'pg_ts_template'::regclass::oid AS classid,
       p.oid AS objid,
       0 AS subid,
       'pg_namespace'::regclass::oid AS parent_class,
       n.oid AS parent_id,
       0 AS parent_sub,
       quote_ident(n.nspname) AS schema_name,
       p.tmplname::text AS name,
       quote_ident(p.tmplname::text) AS quoted_name,
       format('%I.%I', n.nspname, p.tmplname) AS identity,
       NULL AS owner,
       NULL AS privileges,
       obj_description(p.oid, 'pg_ts_template') AS comment,
       nullif(p.tmplinit::oid, 0)::regproc::text AS init,
       p.tmpllexize::text AS lexize
FROM pg_ts_template p JOIN pg_namespace n ON n.oid = p.tmplnamespace
 WHERE p.oid >= 16384 AND {user_schema} AND {no_member: pg_ts_template, p.oid};

SELECT 'text search dictionary' AS kind,
       'pg_ts_dict'::regclass::oid AS classid,
       d.oid AS objid,
       0 AS subid,
       'pg_namespace'::regclass::oid AS parent_class,
       n.oid AS parent_id,
       0 AS parent_sub,
       quote_ident(n.nspname) AS schema_name,
       d.dictname::text AS name,
       quote_ident(d.dictname::text) AS quoted_name,
       format('%I.%I', n.nspname, d.dictname) AS identity,
       quote_ident(pg_get_userbyid(d.dictowner)) AS owner,
       NULL AS privileges,
       obj_description(d.oid, 'pg_ts_dict') AS comment,
       (SELECT format('%I.%I', tn.nspname, t.tmplname) FROM pg_ts_template t JOIN pg_namespace tn ON tn.oid = t.tmplnamespace WHERE t.oid = d.dicttemplate) AS template,
       d.dictinitoption AS options
FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace
 WHERE d.oid >= 16384 AND {user_schema} AND {no_member: pg_ts_dict, d.oid};

SELECT 'text search configuration' AS kind,
       'pg_ts_config'::regclass::oid AS classid,
       f.oid AS objid,
       0 AS subid,
       'pg_namespace'::regclass::oid AS parent_class,
       n.oid AS parent_id,
       0 AS parent_sub,
       quote_ident(n.nspname) AS schema_name,
       f.cfgname::text AS name,
       quote_ident(f.cfgname::text) AS quoted_name,
       format('%I.%I', n.nspname, f.cfgname) AS identity,
       quote_ident(pg_get_userbyid(f.cfgowner)) AS owner,
       NULL AS privileges,
       obj_description(f.oid, 'pg_ts_config') AS comment,
       (SELECT format('%I.%I', pn.nspname, p.prsname) FROM pg_ts_parser p JOIN pg_namespace pn ON pn.oid = p.prsnamespace WHERE p.oid = f.cfgparser) AS parser,
       (SELECT string_agg(m.alias || ' ' || m.dicts, E'\n' ORDER BY m.alias) FROM (SELECT quote_ident(y.alias) AS alias, string_agg(format('%I.%I', dn.nspname, d.dictname), ', ' ORDER BY c.mapseqno) AS dicts
           FROM pg_ts_config_map c JOIN ts_token_type(f.cfgparser) y ON y.tokid = c.maptokentype JOIN pg_ts_dict d ON d.oid = c.mapdict JOIN pg_namespace dn ON dn.oid = d.dictnamespace WHERE c.mapcfg = f.oid GROUP BY y.alias) m) AS mappings
FROM pg_ts_config f JOIN pg_namespace n ON n.oid = f.cfgnamespace
 WHERE f.oid >= 16384 AND {user_schema} AND {no_member: pg_ts_config, f.oid};

SELECT 'foreign data wrapper' AS kind,
       'pg_foreign_data_wrapper'::regclass::oid AS classid,
       w.oid AS objid,
       0 AS subid,
       NULL AS parent_class,
       NULL AS parent_id,
       0 AS parent_sub,
       NULL AS schema_name,
       w.fdwname::text AS name,
       quote_ident(w.fdwname::text) AS quoted_name,
       quote_ident(w.fdwname) AS identity,
       quote_ident(pg_get_userbyid(w.fdwowner)) AS owner,
       {privileges: w.fdwacl, 'F', w.fdwowner} AS privileges,
       obj_description(w.oid, 'pg_foreign_data_wrapper') AS comment,
       nullif(w.fdwhandler, 0)::regproc::text AS handler,
       nullif(w.fdwvalidator, 0)::regproc::text AS validator,
       {options: w.fdwoptions} AS foreign_options,
       {secrets: w.fdwoptions} AS secret_options
FROM pg_foreign_data_wrapper w
 WHERE w.oid >= 16384 AND {no_member: pg_foreign_data_wrapper, w.oid};

SELECT 'server' AS kind,
       'pg_foreign_server'::regclass::oid AS classid,
       s.oid AS objid,
       0 AS subid,
       NULL AS parent_class,
       NULL AS parent_id,
       0 AS parent_sub,
       NULL AS schema_name,
       s.srvname::text AS name,
       quote_ident(s.srvname::text) AS quoted_name,
       quote_ident(s.srvname) AS identity,
       quote_ident(pg_get_userbyid(s.srvowner)) AS owner,
       {privileges: s.srvacl, 'S', s.srvowner} AS privileges,
       obj_description(s.oid, 'pg_foreign_server') AS comment,
       (SELECT quote_ident(w.fdwname) FROM pg_foreign_data_wrapper w WHERE w.oid = s.srvfdw) AS wrapper,
       s.srvtype AS type,
       s.srvversion AS version,
       {options: s.srvoptions} AS foreign_options,
       {secrets: s.srvoptions} AS secret_options
FROM pg_foreign_server s
 WHERE s.oid >= 16384 AND {no_member: pg_foreign_server, s.oid};

SELECT 'user mapping' AS kind,
       'pg_user_mapping'::regclass::oid AS classid,
       u.umid AS objid,
       0 AS subid,
       'pg_foreign_server'::regclass::oid AS parent_class,
       u.srvid AS parent_id,
       0 AS parent_sub,
       NULL AS schema_name,
       u.usename::text AS name,
       quote_ident(u.usename::text) AS quoted_name,
       format('FOR %s SERVER %I', CASE WHEN u.umuser = 0 THEN 'PUBLIC' ELSE quote_ident(u.usename) END, u.srvname) AS identity,
       NULL AS owner,
       NULL AS privileges,
       NULL AS comment,
       {options: u.umoptions} AS foreign_options,
       {secrets: u.umoptions} AS secret_options
FROM pg_user_mappings u;

SELECT 'publication' AS kind,
       'pg_publication'::regclass::oid AS classid,
       p.oid AS objid,
       0 AS subid,
       NULL AS parent_class,
       NULL AS parent_id,
       0 AS parent_sub,
       NULL AS schema_name,
       p.pubname::text AS name,
       quote_ident(p.pubname::text) AS quoted_name,
       quote_ident(p.pubname) AS identity,
       quote_ident(pg_get_userbyid(p.pubowner)) AS owner,
       NULL AS privileges,
       obj_description(p.oid, 'pg_publication') AS comment,
       nullif(p.puballtables, false)::text AS all_tables,
       concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END, CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END) AS publish,
       nullif(p.pubviaroot, false)::text AS via_root,
       nullif(nullif(to_jsonb(p) ->> 'pubgencols', 'n'), 'false') AS generated_columns
FROM pg_publication p
 WHERE p.oid >= 16384 AND {no_member: pg_publication, p.oid};

SELECT 'event trigger' AS kind,
       'pg_event_trigger'::regclass::oid AS classid,
       t.oid AS objid,
       0 AS subid,
       NULL AS parent_class,
       NULL AS parent_id,
       0 AS parent_sub,
       NULL AS schema_name,
       t.evtname::text AS name,
       quote_ident(t.evtname::text) AS quoted_name,
       quote_ident(t.evtname) AS identity,
       quote_ident(pg_get_userbyid(t.evtowner)) AS owner,
       NULL AS privileges,
       obj_description(t.oid, 'pg_event_trigger') AS comment,
       t.evtevent::text AS event,
       (SELECT format('%I.%I', fn.nspname, f.proname) FROM pg_proc f JOIN pg_namespace fn ON fn.oid = f.pronamespace WHERE f.oid = t.evtfoid) AS function,
       (SELECT string_agg(quote_literal(g), ', ') FROM unnest(t.evttags) g) AS tags,
       t.evtenabled::text AS enabled
FROM pg_event_trigger t
 WHERE t.oid >= 16384 AND {no_member: pg_event_trigger, t.oid};

SELECT 'language' AS kind,
       'pg_language'::regclass::oid AS classid,
       g.oid AS objid,
       0 AS subid,
       NULL AS parent_class,
       NULL AS parent_id,
       0 AS parent_sub,
       NULL AS schema_name,
       g.lanname::text AS name,
       quote_ident(g.lanname::text) AS quoted_name,
       quote_ident(g.lanname) AS identity,
       quote_ident(pg_get_userbyid(g.lanowner)) AS owner,
       NULL AS privileges,
       obj_description(g.oid, 'pg_language') AS comment,
       nullif(g.lanplcallfoid, 0)::regproc::text AS handler,
       g.lanpltrusted::text AS trusted
FROM pg_language g
 WHERE g.oid >= 16384 AND {no_member: pg_language, g.oid};

SELECT 'access method' AS kind,
       'pg_am'::regclass::oid AS classid,
       m.oid AS objid,
       0 AS subid,
       NULL AS parent_class,
       NULL AS parent_id,
       0 AS parent_sub,
       NULL AS schema_name,
       m.amname::text AS name,
       quote_ident(m.amname::text) AS quoted_name,
       quote_ident(m.amname) AS identity,
       NULL AS owner,
       NULL AS privileges,
       obj_description(m.oid, 'pg_am') AS comment,
       m.amhandler::text AS handler,
       m.amtype::text AS type
FROM pg_am m
 WHERE m.oid >= 16384 AND {no_member: pg_am, m.oid};

SELECT 'default privileges' AS kind,
       'pg_default_acl'::regclass::oid AS classid,
       d.oid AS objid,
       0 AS subid,
       NULL AS parent_class,
       NULL AS parent_id,
       0 AS parent_sub,
       CASE WHEN d.defaclnamespace <> 0 THEN quote_ident(n.nspname) END AS schema_name,
       d.defaclobjtype::text AS name,
       quote_ident(d.defaclobjtype::text) AS quoted_name,
       format('FOR ROLE %I%s ON %s', pg_get_userbyid(d.defaclrole), CASE WHEN d.defaclnamespace <> 0 THEN format(' IN SCHEMA %I', n.nspname) ELSE '' END, CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END) AS identity,
       quote_ident(pg_get_userbyid(d.defaclrole)) AS owner,
       NULL AS privileges,
       NULL AS comment,
       {grants: d.defaclacl, d.defaclrole} AS grants,
       CASE WHEN d.defaclnamespace = 0 THEN {grants: acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END::"char", d.defaclrole), d.defaclrole} END AS built_in,
       quote_ident(pg_get_userbyid(d.defaclrole)) AS role
FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace;
