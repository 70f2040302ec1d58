import { access } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { serveBuild } from './static-host.js';

/** The origins of the running application. */
export const app = 'http://localhost:5173';
export const api = 'http://localhost:4000';
export const provider = 'http://localhost:3001';

const probes = [app, `${api}/api/ping`, `${provider}/oidc/.well-known/openid-configuration`];

/**
 * Starts Chromium for the application that `make run` started. The page comes from its production
 * build, at the address that Vite's development server has: the provider knows no other. With
 * `development` it comes from that server.
 *
 * @param {'build' | 'development'} [served]
 * @returns {Promise<import('playwright-core').Browser>}
 * @throws {Error} when a part of the application doesn't answer, or there is no Chromium or build.
 */
export async function launch(served = 'build') {
  await Promise.all(probes.map(requireAnswer));
  const executablePath = process.env.CHROMIUM_PATH || '/usr/bin/chromium';
  await access(executablePath).catch(() => {
    throw new Error(`There is no ${executablePath}. Set CHROMIUM_PATH to Chromium or Chrome.`);
  });
  const host = served === 'build' ? await serveBuild() : undefined;
  const browser = await chromium.launch({
    executablePath,
    // Playwright turns it off, but people have it: the back button brings a page back as it was left.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      ...(host ? [`--host-resolver-rules=MAP ${new URL(app).host} ${host.address}`] : []),
    ],
  });
  browser.on('disconnected', () => host?.close());
  return browser;
}

/** @param {string} url */
async function requireAnswer(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
  if (!response?.ok) throw new Error(`${url} does not answer. Start the application: make run`);
}
