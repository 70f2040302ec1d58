-- The todos of a list that are done, by age: any page of them is a single range.
--
-- On a large table by hand before (docs/migrations.md):
-- CREATE INDEX CONCURRENTLY done_todos_of_organization ON todos (organization_id, id) WHERE organization_id IS NOT NULL AND done;
LOCK TABLE todos IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL statement_timeout = '900ms';
CREATE INDEX IF NOT EXISTS done_todos_of_organization ON todos (organization_id, id) WHERE organization_id IS NOT NULL AND done;
