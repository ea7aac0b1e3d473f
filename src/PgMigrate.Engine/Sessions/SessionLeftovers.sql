-- What this session has that a new one would not have: kind, name, value. It runs under whatever search_path and role
-- a script has left, so every name and operator is qualified. A SET LOCAL value has ended by now.
SELECT 'setting', s.name, s.setting
  FROM pg_catalog.pg_settings s
 WHERE s.source OPERATOR(pg_catalog.=) 'session'
   AND s.name OPERATOR(pg_catalog.<>) 'application_name' -- which is ours while a file runs
 UNION ALL
SELECT 'role', pg_catalog.current_setting('role'), ''
 UNION ALL
SELECT 'session authorization', session_user::pg_catalog.text, ''
 UNION ALL
SELECT CASE c.relkind WHEN 'v' THEN 'temporary view' WHEN 'S' THEN 'temporary sequence' ELSE 'temporary table' END,
       c.relname::pg_catalog.text, ''
  FROM pg_catalog.pg_class c
 WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()
   AND c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'p', 'v', 'S']::pg_catalog."char"[])
 UNION ALL
SELECT 'prepared statement', p.name, '' FROM pg_catalog.pg_prepared_statements p WHERE p.from_sql
 UNION ALL
SELECT 'cursor', c.name, '' FROM pg_catalog.pg_cursors c WHERE c.is_holdable
 UNION ALL
SELECT 'LISTEN', l.channel, '' FROM pg_catalog.pg_listening_channels() l (channel)
 UNION ALL
SELECT 'advisory lock',
       CASE WHEN l.objsubid OPERATOR(pg_catalog.=) 1
            THEN ((l.classid::pg_catalog.int8 OPERATOR(pg_catalog.<<) 32) OPERATOR(pg_catalog.|) l.objid::pg_catalog.int8)::pg_catalog.text
            ELSE pg_catalog.format('%s, %s', l.classid, l.objid) END, ''
  FROM pg_catalog.pg_locks l
 WHERE l.locktype OPERATOR(pg_catalog.=) 'advisory' AND l.granted
   AND l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()
