import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check, goTest, summarize } from '../src/checks.js';

const event = (/** @type {object} */ fields) => `echo '${JSON.stringify(fields)}'`;
const start = event({ Action: 'start', Package: 'app' });
const pass = event({ Action: 'pass', Package: 'app', Test: 'TestA' });

describe('a check', () => {
  for (const [name, script, shown] of /** @type {const} */ ([
    ['that fails before any test', `${start}; echo; echo no database >&2; exit 3`, 'no database'],
    ['that fails after its tests', `${pass}; echo no database >&2; exit 3`, 'no database'],
    ['that says nothing', 'exit 3', 'exit code 3'],
    ['that is killed', 'kill -KILL $$', 'ended by SIGKILL'],
    ['that runs no test', start, '"Action":"start"'],
    [
      'whose test fails',
      `${event({ Action: 'output', Package: 'app', Test: 'TestA', Output: 'want 1' })}; ${event({ Action: 'fail', Package: 'app', Test: 'TestA' })}; exit 1`,
      'want 1',
    ],
  ])) {
    it(`${name} shows why`, async (t) => {
      const log = t.mock.method(console, 'log', () => {});
      await check('x', ['sh', '-c', script], { read: goTest });
      const output = log.mock.calls.slice(1).map((call) => String(call.arguments[0]));
      assert.equal(summarize(), 1);
      // The command is shown too, and holds the words.
      assert.ok(output.join('\n').replace(script, '').includes(shown), output.join('\n'));
    });
  }
});
