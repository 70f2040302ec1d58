// Gives the application another name and another Go module path. Those it has are read
// from package.json and go.mod.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { npmInstall } from './install.js';
import { root } from './paths.js';

/** What follows the name where it stands for the application. */
const suffixes = 'tools|frontend|graphql|demo';
const usage = 'make rename NAME=acme MODULE=github.com/acme/app';
const [name = '', module = ''] = process.argv.slice(2);
// As npm, Docker and Encore have it.
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 50)
  fail(
    `NAME has 1 to 50 small letters, digits and single dashes, and starts with a letter: ${usage}`,
  );
// The application has no versions, so its module path doesn't end in one either.
if (
  !/^[a-z0-9][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+(\/\w([\w.~-]*\w)?)*$/.test(module) ||
  /[./]v\d+$/.test(module)
)
  fail(`MODULE is a Go module path that starts with a domain and has no version: ${usage}`);
if (run('git', ['status', '--porcelain'])) fail('Commit or stash your changes first.');

const files = run('git', ['ls-files'])
  .split('\n')
  .filter((file) => !/(^|\/)samples\//.test(file));
const oldModule = goMod('go.mod').Module.Path;
for (const file of files.filter((file) => path.basename(file) === 'go.mod'))
  for (const { Path } of goMod(file).Require ?? [])
    if (Path !== oldModule && (isIn(Path, module) || isIn(module, Path)))
      fail(`MODULE can't be ${module}: ${file} requires ${Path}.`);
const oldName = JSON.parse(read('package.json')).name.replace(/-tools$/, '');
const user = files.find((file) => nameAt(name).test(read(file)));
if (name !== oldName && user)
  fail(`NAME can't be ${name}: ${user} uses ${name}- for something else.`);
const prettier = path.join(root, 'node_modules/.bin/prettier');
if (!fs.existsSync(prettier)) await npmInstall('.');

const title = name.replace(/(^|-)./g, (start) => start.replace('-', ' ').toUpperCase());
const importOf = new RegExp(`^(\\t|import )([\\w.]+ )?"${escape(oldModule)}(?=[/"])`, 'gm');
const goModLine = new RegExp(`^(module |replace |\\t)${escape(oldModule)}(?=[/\\s])`, 'gm');
/** @type {Record<string, [RegExp | string, string][]>} */
const titles = {
  'README.md': [
    [/^# .*/, `# ${title}`],
    ['An application to start from: an ', 'An '],
  ],
  'frontend/src/config/app-name.ts': [[/(?<=appName = ').*(?=')/, title]],
  'frontend/index.html': [[/(?<=<title>|class="brand" href="\/">).*?(?=<\/)/g, title]],
};
const changed = files.filter((file) => {
  const text = read(file);
  let renamed = text.replace(nameAt(oldName), name);
  if (/\.(go|md)$/.test(file)) renamed = renamed.replace(importOf, `$1$2"${module}`);
  if (path.basename(file) === 'go.mod') renamed = renamed.replace(goModLine, `$1${module}`);
  for (const [what, by] of titles[file] ?? []) renamed = renamed.replace(what, by);
  if (renamed !== text) fs.writeFileSync(path.join(root, file), renamed);
  return renamed !== text;
});
// The order of imports and the breaks of lines change with the name.
for (const file of changed.filter((file) => file.endsWith('go.mod')))
  run('go', ['mod', 'edit', '-fmt', file]);
format(/\.go$/, 'gofmt', '-w');
format(/\.(js|ts|html)$/, prettier, '--write');
console.log(`The application is ${title}, with the Go module ${module}. Look at it with git diff.`);

/**
 * @param {RegExp} kind
 * @param {string} program
 * @param {string} write
 */
function format(kind, program, write) {
  const those = changed.filter((file) => kind.test(file));
  if (those.length > 0) run(program, [write, ...those]);
}

/**
 * Where a name stands for the application.
 *
 * @param {string} name
 */
function nameAt(name) {
  return new RegExp(`(?<![\\w-])${name}(?=-(${suffixes})(?![\\w-]))`, 'g');
}

/**
 * @param {string} module
 * @param {string} parent
 */
function isIn(module, parent) {
  return `${module}/`.startsWith(`${parent}/`);
}

/** @param {string} file */
function goMod(file) {
  return JSON.parse(run('go', ['mod', 'edit', '-json', file]));
}

/** @param {string} text */
function escape(text) {
  return text.replaceAll('.', '\\.');
}

/**
 * The text in a file; that of a picture is empty.
 *
 * @param {string} file
 */
function read(file) {
  const text = fs.readFileSync(path.join(root, file), 'utf8');
  return text.includes('\0') ? '' : text;
}

/**
 * @param {string} program
 * @param {string[]} args
 */
function run(program, args) {
  try {
    return execFileSync(program, args, { cwd: root, encoding: 'utf8' }).trim();
  } catch {
    return fail(`${program} ${args[0]} failed.`);
  }
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  console.error(message);
  process.exit(1);
}
