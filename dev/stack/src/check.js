// Everything that needs no server: what to run before each commit.
import { summarize } from './checks.js';
import { nodePackages, npmInstall } from './install.js';
import { Failure } from './progress.js';
import { checkGo, checkReact, checkTools, testPlainGo, testReact } from './steps.js';

// ESLint looks only at files that changed, though a type they use may have changed in another.
// `make test` lets it look at all.
const cached = ['--cache', '--cache-location', 'node_modules/.cache/eslint/'];

/** @type {string | undefined} */
let problem;
try {
  await Promise.all(nodePackages.map(npmInstall));
  await Promise.all([
    checkGo().then(testPlainGo),
    checkTools().then(() => checkReact(cached)),
    testReact(),
  ]);
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  problem = error.message;
}
process.exit(summarize(problem));
