import assert from 'node:assert/strict';
import { paths, required } from './use.mjs';

assert.deepEqual(required(paths['/todos'].get), []);
assert.deepEqual(required(paths['/todos'].post), []);
assert.deepEqual(required(paths['/todos/{id}'].patch), ['id']);
const edit = paths['/todos/{id}'].patch.requestBody.content['application/json'].schema;
assert.deepEqual(edit.required, ['version']);
