import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, app, provider } from '../src/launch.js';
import { visit } from '../src/visit.js';

test('the production build runs under a strict policy, which stops what is injected', async (t) => {
  const { page } = await visit(t);
  const response = await page.goto(app);
  const policy = response?.headers()['content-security-policy'] ?? '';
  assert.match(policy, /^default-src 'none'; script-src 'self'; /);
  assert.ok(policy.includes(`connect-src ${provider} ${api};`));
  assert.ok(!policy.includes('unsafe'));

  // Run past the policy, as the tests may: what it tries is not.
  const violations = await page.evaluate(async () => {
    /** @type {string[]} */
    const violated = [];
    document.addEventListener('securitypolicyviolation', (event) => {
      violated.push(event.effectiveDirective);
    });
    const script = document.createElement('script');
    const style = document.createElement('style');
    style.textContent = 'body { display: none }';
    document.head.append(style);
    try {
      script.textContent = 'window.injected = true';
    } catch {
      // Trusted types: not even that.
    }
    document.head.append(script);
    await fetch('http://localhost:1/').catch(() => undefined);
    return new Promise((resolve) => setTimeout(() => resolve(violated), 0));
  });
  assert.deepEqual(violations, []);
});
