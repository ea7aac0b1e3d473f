-- $1 a setting: its value in a session that has set nothing, and who has set it.
SELECT pg_catalog.current_setting(s.name), s.source, session_user::pg_catalog.text, pg_catalog.current_database()::pg_catalog.text
  FROM pg_catalog.pg_settings s
 WHERE s.name OPERATOR(pg_catalog.=) $1
