import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, app, provider } from '../src/launch.js';
import { serveBuild } from '../src/static-host.js';
import { visit } from '../src/visit.js';

test('the production build runs under a strict policy, which stops what is injected', async (t) => {
  const { page } = await visit(t, { complaints: [/Content Security Policy|TrustedScriptURL/] });
  const response = await page.goto(app);
  const policy = response?.headers()['content-security-policy'] ?? '';
  assert.match(policy, /^default-src 'none'; script-src 'self'; /);
  assert.ok(policy.includes(`connect-src 'self' ${provider} ${api};`));
  assert.ok(!policy.includes('unsafe'));

  await page.evaluate(async () => {
    /** @type {string[]} */
    const violations = [];
    Reflect.set(window, 'violations', violations);
    document.addEventListener('securitypolicyviolation', (event) => {
      violations.push(event.effectiveDirective);
    });
    const style = document.createElement('style');
    style.textContent = 'body { display: none }';
    document.head.append(style);
    try {
      document.createElement('script').src = 'data:text/javascript,';
    } catch {
      // An address for a script takes a trusted type, and the policy has none.
    }
    await fetch('https://elsewhere.example/').catch(() => undefined);
  });
  const expected = ['style-src-elem', 'require-trusted-types-for', 'connect-src'];
  await page.waitForFunction(
    (directives) => String(Reflect.get(window, 'violations')) === String(directives),
    expected,
  );
});

test('the static host keeps what is built for a year, and never what is missing', async (t) => {
  const { address, close } = await serveBuild();
  t.after(close);
  const page = await fetch(`http://${address}/people`);
  assert.equal(page.status, 200);
  assert.match(page.headers.get('strict-transport-security') ?? '', /^max-age=\d{8}$/);

  const [script] = (await page.text()).match(/\/assets\/[\w-]+\.js/) ?? [];
  const built = await fetch(`http://${address}${script}`);
  assert.equal(built.status, 200);
  assert.match(built.headers.get('cache-control') ?? '', /immutable/);

  const missing = await fetch(`http://${address}/assets/index-of-before.js`);
  assert.equal(missing.status, 404);
  assert.equal(missing.headers.get('cache-control'), null);
});
