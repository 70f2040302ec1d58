-- The open todos of a list, by age: any page of them is a single range.
--
-- On a large table by hand before (docs/migrations.md):
-- CREATE INDEX CONCURRENTLY open_todos_of_person ON todos (owner_id, id) WHERE organization_id IS NULL AND NOT done;
LOCK TABLE todos IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL statement_timeout = '900ms';
CREATE INDEX IF NOT EXISTS open_todos_of_person ON todos (owner_id, id) WHERE organization_id IS NULL AND NOT done;
