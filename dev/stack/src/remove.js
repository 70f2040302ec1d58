// Removes an example or an extra: the files and folders that have its name, and
// the lines elsewhere that mention it.
import fs from 'node:fs';
import path from 'node:path';
import { root } from './paths.js';

/** More lines than these are more than a mention, and can't just be deleted. */
const maxMentions = 5;
/** Folders that the application can't be without. */
const needed = ['api', 'auth', 'bench', 'deploy', 'dev', 'docs', 'e2e', 'frontend', 'internal'];
needed.push('scopes', 'users');
const notSource = ['node_modules', 'dist', '.git', '.data', '.encore'];

const what = process.argv[2] ?? '';
if (!/^[a-z]+$/.test(what) || needed.includes(what) || !fs.existsSync(path.join(root, what)))
  fail('Say what to remove, a folder of an example or an extra: make remove WHAT=…');

const named = new RegExp(`^${what}(?![a-z])`);
const { own, others } = find(root);
const mentions = others.flatMap((file) => {
  const text = fs.readFileSync(file, 'utf8');
  if (text.includes('\0')) return []; // a picture
  const lines = text.split('\n');
  const kept = lines.filter((line) => !line.toLowerCase().includes(what));
  return kept.length < lines.length
    ? [{ file, text: kept.join('\n'), count: lines.length - kept.length }]
    : [];
});
const total = mentions.reduce((sum, { count }) => sum + count, 0);
if (total > maxMentions) {
  const files = mentions.map(({ file, count }) => `  ${path.relative(root, file)}: ${count}`);
  fail(`${total} lines mention ${what}, which are too many to delete:\n${files.join('\n')}`);
}
for (const file of own) fs.rmSync(file, { recursive: true });
for (const { file, text } of mentions) fs.writeFileSync(file, text);

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
    if (notSource.includes(entry.name)) continue;
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

/** @param {string} message */
function fail(message) {
  console.error(message);
  process.exit(1);
}
