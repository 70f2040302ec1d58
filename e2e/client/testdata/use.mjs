import assert from 'node:assert/strict';
import fs from 'node:fs';

export const { paths } = JSON.parse(fs.readFileSync('openapi.json', 'utf8'));
export const required = (call) =>
  (call.parameters ?? []).filter((p) => p.required).map((p) => p.name);

assert.deepEqual(required(paths['/users'].get), []);
