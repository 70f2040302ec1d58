import path from 'node:path';
import { check, goTest, vitest } from './checks.js';
import { buildStandIn } from './install.js';
import { root } from './paths.js';

const goModules = ['.', 'dev/.encore', 'e2e', 'bench'];
const frontend = path.join(root, 'frontend');

/** Checks the formatting of all Go modules, runs their linters, and compares generated code. */
export async function checkGo() {
  const unformatted =
    'files=$(find . -name node_modules -prune -o -name "*.go" -exec gofmt -l {} +) && echo "$files" && test -z "$files"';
  await check('Go formatting', ['sh', '-c', unformatted]);
  // Calls between services go through declarations that either runtime generates.
  const standIn = await buildStandIn();
  await check('Declarations', [standIn, 'gen']);
  await check('Scopes and traces', [standIn, 'check']);
  const types =
    '"$0" types | diff frontend/src/features/api/types.gen.ts - || { echo "Run make types."; exit 1; }';
  await check('React app, types of the API', ['sh', '-c', types, standIn]);
  const staticcheck = ['tool', `-modfile=${path.join(root, 'dev/tools/go.mod')}`, 'staticcheck'];
  for (const module of goModules) {
    const options = { cwd: path.join(root, module), env: { ...process.env, GOWORK: 'off' } };
    await check(`go vet, ${module}`, ['go', 'vet', './...'], options);
    await check(`staticcheck, ${module}`, ['go', ...staticcheck, './...'], options);
  }
}

/** Runs the Go tests that need no database. */
export async function testPlainGo() {
  const packages = ['./auth/token', './internal/...', './scopes', './users/logto'];
  const standIn = await buildStandIn();
  await check('Go packages without a database', [standIn, 'test', '-json', ...packages], {
    read: goTest,
  });
}

/** Checks formatting, linter rules and types of the tools. */
export async function checkTools() {
  await check('Tools: formatting, linter and types', ['npm', 'run', 'check']);
}

/**
 * Checks formatting, linter rules and types of the React app.
 *
 * @param {string[]} [lintFlags]
 */
export async function checkReact(lintFlags = []) {
  await check('React app, formatting', ['npm', 'run', 'format'], { cwd: frontend });
  await check('React app, types', ['npm', 'run', 'types'], { cwd: frontend });
  await check('React app, linter', ['npm', 'run', 'lint', '--', ...lintFlags], { cwd: frontend });
}

/** Runs the unit tests of the React app. */
export async function testReact() {
  await check('React app, unit tests', ['npm', 'test'], { cwd: frontend, read: vitest });
}
