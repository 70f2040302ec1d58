import { spawn } from 'node:child_process';
import { root } from './paths.js';

/**
 * @typedef {object} Count What a check found.
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 */

const began = Date.now();
/** @type {(Count & {title: string, seconds: number})[]} */
const results = [];

/**
 * Runs a check and prints how it ended; its output only if it failed.
 *
 * @param {string} title
 * @param {string[]} command
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, read?: (output: string) => Count & {report?: string, counted?: string[]}}} [options]
 *   read finds the counts in the output; without it the check itself counts as one
 */
export async function check(title, [program = '', ...args], options = {}) {
  const { cwd = root, env = process.env, read } = options;
  const started = Date.now();
  const { output, ok, ending } = await capture(program, args, cwd, env);
  const found = read?.(output) ?? { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
  // A runner that fails before or after its tests has failed too, and so has one that ran none.
  const ran = found.passed + found.failed > 0;
  const failed = found.failed || (ok && ran && found.skipped === 0 ? 0 : 1);
  const seconds = (Date.now() - started) / 1000;
  results.push({ title, seconds, passed: found.passed, failed, skipped: found.skipped });
  console.log(
    `${failed ? '✗' : '✓'} ${title}: ${describe({ ...found, failed })} (${seconds.toFixed(1)} s)`,
  );
  for (const line of ('counted' in found && found.counted) || []) console.log(`    ${line}`);
  if (failed) {
    // A report is about tests. If none failed, something else did, and any line may say what.
    const report = found.failed && 'report' in found ? found.report : '';
    console.log(`\n${report || output}\n${[program, ...args].join(' ')}: ${ending}\n`);
  }
}

/**
 * Prints the slowest checks and the sum of all.
 *
 * @param {string} [problem] why not all checks ran
 * @returns {number} the exit code
 */
export function summarize(problem) {
  const slowest = results.toSorted((a, b) => b.seconds - a.seconds).slice(0, 8);
  console.log('\nThe slowest:');
  for (const { title, seconds } of slowest)
    console.log(`${seconds.toFixed(1).padStart(8)} s  ${title}`);
  if (problem) console.error(`\n${problem}`);
  const sum = (/** @type {keyof Count} */ name) =>
    results.reduce((total, result) => total + result[name], 0);
  const failed = sum('failed') + (problem ? 1 : 0);
  const seconds = Math.round((Date.now() - began) / 1000);
  const minutes = `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  console.log(
    `\n${describe({ passed: sum('passed'), failed, skipped: sum('skipped') })} in ${minutes}`,
  );
  return failed ? 1 : 0;
}

/** @param {Count} count */
function describe({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
}

/**
 * Reads the output of go test -json. What a test logs behind "counted: " is shown.
 *
 * @param {string} output
 */
export function goTest(output) {
  const count = { passed: 0, failed: 0, skipped: 0 };
  /** @type {Map<string, string[]>} */
  const outputs = new Map();
  /** @type {string[]} */
  const report = [];
  /** @type {string[]} */
  const counted = [];
  for (const line of output.split('\n')) {
    if (!line.startsWith('{')) {
      report.push(line);
      continue;
    }
    const event = JSON.parse(line);
    const key = `${event.Package ?? event.ImportPath} ${event.Test ?? ''}`;
    if (event.Output) outputs.set(key, [...(outputs.get(key) ?? []), event.Output]);
    const [, what] = / counted: (.*)/.exec(event.Output ?? '') ?? [];
    if (what) counted.push(what);
    if (event.Action === 'fail' || event.Action === 'build-fail')
      report.push(...(outputs.get(key) ?? []));
    if (!event.Test) continue;
    if (event.Action === 'pass') count.passed++;
    if (event.Action === 'fail') count.failed++;
    if (event.Action === 'skip') count.skipped++;
  }
  return { ...count, report: report.join(''), counted };
}

/**
 * Reads the output of Node's test runner with its spec reporter.
 *
 * @param {string} output
 */
export function nodeTest(output) {
  const count = (/** @type {string} */ name) =>
    Number(new RegExp(`^ℹ ${name} (\\d+)$`, 'm').exec(output)?.[1] ?? 0);
  return {
    passed: count('pass'),
    failed: count('fail') + count('cancelled'),
    skipped: count('skipped') + count('todo'),
  };
}

/**
 * Reads the output of Vitest.
 *
 * @param {string} output
 */
export function vitest(output) {
  const count = (/** @type {string} */ name) =>
    Number(new RegExp(`^ +Tests .*?(\\d+) ${name}`, 'm').exec(output)?.[1] ?? 0);
  return {
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped') + count('todo'),
  };
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{output: string, ok: boolean, ending: string}>}
 */
function capture(program, args, cwd, env) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.once('error', (error) => resolve({ output: '', ok: false, ending: error.message }));
    child.once('close', (code, signal) =>
      resolve({
        output: Buffer.concat(chunks).toString(),
        ok: code === 0,
        ending: signal ? `ended by ${signal}` : `exit code ${code}`,
      }),
    );
  });
}
