// Removes an example or an extra: the files and folders that have its name, and
// the lines elsewhere that mention it. What needs it goes too.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { buildStandIn } from './install.js';
import { root } from './paths.js';

/** More lines than these are more than a mention, and can't just be deleted. */
const maxMentions = 5;
/** Folders that the application can't be without. */
const needed = ['api', 'auth', 'bench', 'deploy', 'dev', 'docs', 'e2e', 'frontend', 'internal'];
needed.push('scopes', 'users');
/** Not source, or recordings of the real Logto, which name whatever was there. */
const ignored = ['node_modules', 'dist', '.git', '.data', '.encore', 'samples'];
/** Is generated anew. */
const types = path.join(root, 'frontend/src/features/api/types.gen.ts');

const what = process.argv[2] ?? '';
if (!/^[a-z]+$/.test(what) || needed.includes(what))
  fail('Say what to remove, a folder of an example or an extra: make remove WHAT=…');
if (!fs.existsSync(path.join(root, what))) {
  console.log(`There is no folder ${what}: nothing to remove.`);
  process.exit();
}

const all = [what, ...extras().filter((extra) => extra !== what && mentions(extra))];
for (const extra of all.slice(1)) console.log(`${extra} needs ${what}, so it is removed too.`);
const named = new RegExp(`^(${all.join('|')})(?![a-z])`);
const { own, others } = find(root);
const changes = others.flatMap((file) => {
  const lines = read(file).split('\n');
  const kept = lines.filter((line) => !all.some((name) => line.toLowerCase().includes(name)));
  return kept.length < lines.length
    ? [{ file, text: kept.join('\n'), count: lines.length - kept.length }]
    : [];
});
const total = changes.reduce((sum, { count }) => sum + count, 0);
if (total > maxMentions * all.length) {
  const files = changes.map(({ file, count }) => `  ${path.relative(root, file)}: ${count}`);
  fail(
    `${total} lines mention ${all.join(' or ')}, which are too many to delete:\n${files.join('\n')}`,
  );
}
for (const file of own) fs.rmSync(file, { recursive: true });
for (const { file, text } of changes) fs.writeFileSync(file, text);
const standIn = await buildStandIn();
fs.writeFileSync(types, execFileSync(standIn, ['types'], { cwd: root }));
const env = { ...process.env, GOWORK: 'off' };
execFileSync('go', ['mod', 'tidy'], { cwd: root, env, stdio: 'inherit' });

/** The folders that the application can be without. */
function extras() {
  return fs
    .readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /^[a-z]+$/.test(entry.name))
    .map(({ name }) => name)
    .filter((name) => !needed.includes(name) && !ignored.includes(name));
}

/**
 * Whether a file in the folder mentions what is removed.
 *
 * @param {string} folder
 */
function mentions(folder) {
  return fs
    .readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .some(
      (entry) => entry.isFile() && read(path.join(entry.parentPath, entry.name)).includes(what),
    );
}

/**
 * The files and folders below a folder that have the name, and the other files.
 *
 * @param {string} dir
 * @returns {{own: string[], others: string[]}}
 */
function find(dir) {
  /** @type {{own: string[], others: string[]}} */
  const found = { own: [], others: [] };
  for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name);
    if (ignored.includes(entry.name) || file === types) continue;
    if (named.test(entry.name)) found.own.push(file);
    else if (entry.isFile()) found.others.push(file);
    else if (entry.isDirectory()) {
      const below = find(file);
      found.own.push(...below.own);
      found.others.push(...below.others);
    }
  }
  return found;
}

/**
 * The text in a file; that of a picture is empty.
 *
 * @param {string} file
 */
function read(file) {
  const text = fs.readFileSync(file, 'utf8');
  return text.includes('\0') ? '' : text;
}

/** @param {string} message */
function fail(message) {
  console.error(message);
  process.exit(1);
}
