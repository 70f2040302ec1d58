-- The open ones of a list, and those that are done, by age: any page of them is a
-- single range.
--
-- On a large table by hand before (docs/migrations.md):
-- CREATE INDEX CONCURRENTLY todos_of_organization_by_done ON todos (organization_id, done, id) WHERE organization_id IS NOT NULL;
LOCK TABLE todos IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL statement_timeout = '900ms';
CREATE INDEX IF NOT EXISTS todos_of_organization_by_done ON todos (organization_id, done, id) WHERE organization_id IS NOT NULL;
