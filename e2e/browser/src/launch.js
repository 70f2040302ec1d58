import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { serveBuild } from './static-host.js';

/** The origins of the running application. */
export const app = process.env.SPA_ORIGIN ?? 'http://localhost:5173';
export const api = process.env.BASE_URL ?? 'http://localhost:4000';
export const provider = new URL(process.env.ISSUER ?? 'http://localhost:3001/oidc').origin;

const probes = [app, `${api}/api/ping`, `${provider}/oidc/.well-known/openid-configuration`];

/**
 * Starts Chromium for the application that `make run` started. The page comes from its production
 * build, at the address that Vite's development server has: the provider knows no other. With
 * `development` it comes from that server, with a folder from the build in it.
 *
 * @param {string} [served]
 * @returns {Promise<import('playwright-core').Browser>}
 * @throws {Error} when a part of the application doesn't answer, or there is no Chromium or build.
 */
export async function launch(served = 'build') {
  const { options, host } = await prepare(served);
  const browser = await chromium.launch(options);
  browser.on('disconnected', () => host?.close());
  return browser;
}

/**
 * Starts Chromium for somebody who blocks all cookies and site data in its settings.
 *
 * @returns {Promise<import('playwright-core').BrowserContext>}
 */
export async function launchBlocked() {
  const { options, host } = await prepare('build');
  const profile = await mkdtemp(path.join(tmpdir(), 'blocked-'));
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
  await mkdir(path.join(profile, 'Default'));
  await writeFile(path.join(profile, 'Default/Preferences'), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(profile, options);
  context.on('close', async () => {
    host?.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 10 });
  });
  return context;
}

/** @param {string} served */
async function prepare(served) {
  await Promise.all(probes.map(requireAnswer));
  const executablePath = process.env.CHROMIUM_PATH || '/usr/bin/chromium';
  await access(executablePath).catch(() => {
    throw new Error(`There is no ${executablePath}. Set CHROMIUM_PATH to Chromium or Chrome.`);
  });
  const host =
    served === 'development'
      ? undefined
      : await serveBuild(served === 'build' ? undefined : served);
  const options = {
    executablePath,
    // Playwright turns off the back-forward cache, but people have it.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      ...(host ? [`--host-resolver-rules=MAP ${new URL(app).host} ${host.address}`] : []),
    ],
  };
  return { options, host };
}

/** @param {string} url */
async function requireAnswer(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
  if (!response?.ok) throw new Error(`${url} does not answer. Start the application: make run`);
}
