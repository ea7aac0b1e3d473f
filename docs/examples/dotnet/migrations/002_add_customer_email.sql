-- UP
ALTER TABLE customers ADD COLUMN email text;
DO $$ BEGIN RAISE NOTICE 'customers have an email now'; END $$;

-- DOWN
ALTER TABLE customers DROP COLUMN email;
