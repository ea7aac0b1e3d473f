SELECT name, setting
  FROM pg_catalog.pg_settings
 WHERE name IN ('search_path', 'TimeZone', 'DateStyle', 'IntervalStyle', 'standard_conforming_strings',
                'backslash_quote', 'transform_null_equals', 'array_nulls', 'xmloption', 'xmlbinary',
                'default_text_search_config', 'default_table_access_method', 'default_toast_compression',
                'default_tablespace', 'timezone_abbreviations')
 ORDER BY name
