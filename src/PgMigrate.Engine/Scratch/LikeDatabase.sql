SELECT pg_catalog.pg_encoding_to_char(d.encoding)::pg_catalog.text,
       d.datcollate::pg_catalog.text,
       d.datctype::pg_catalog.text,
       j.d OPERATOR(pg_catalog.->>) 'datlocprovider',
       COALESCE(j.d OPERATOR(pg_catalog.->>) 'datlocale', j.d OPERATOR(pg_catalog.->>) 'daticulocale'),
       j.d OPERATOR(pg_catalog.->>) 'daticurules'
  FROM pg_catalog.pg_database d
 CROSS JOIN LATERAL (SELECT pg_catalog.to_jsonb(d) AS d) j
 WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
