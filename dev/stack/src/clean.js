import fs from 'node:fs';
import path from 'node:path';
import { nodePackages } from './install.js';
import { isRoot, postgresDir, root } from './paths.js';
import { Stack } from './stack.js';

const generated = [
  '.data',
  '.encore',
  'e2e/wire/.probe/.data',
  'e2e/wire/.probe/.encore',
  'frontend/dist',
  ...nodePackages.map((folder) => `${folder}/node_modules`),
];

await new Stack(path.join(root, '.data')).recover();
for (const entry of fs.readdirSync(root, { withFileTypes: true })) {
  if (entry.isDirectory())
    generated.push(`${entry.name}/encore.gen.go`, `${entry.name}/encore.gen.cue`);
}
for (const name of generated) fs.rmSync(path.join(root, name), { recursive: true, force: true });
if (isRoot) fs.rmSync(postgresDir, { recursive: true, force: true });
