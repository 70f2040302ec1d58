import fs from 'node:fs';
import { command } from './install.js';
import { isRoot } from './paths.js';
import { Failure, step } from './progress.js';

const places = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * The path of Chromium or Chrome. As root on Debian it is installed if it is missing.
 *
 * @returns {Promise<string>}
 */
export async function chromium() {
  const found = find();
  if (found) return found;
  if (isRoot && fs.existsSync('/usr/bin/apt-get')) {
    await step('Chromium', async () => {
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
      await command('apt-get', ['update', '-qq'], '/', env);
      await command(
        'apt-get',
        ['install', '-qq', '-y', '--no-install-recommends', 'chromium'],
        '/',
        env,
      );
    });
  }
  const installed = find();
  if (installed) return installed;
  throw new Failure(
    'The browser tests need Chromium or Chrome. On Debian: sudo apt-get install chromium.\n' +
      'If it is installed in an unusual place, set CHROMIUM_PATH.',
  );
}

function find() {
  return places.find((place) => place && fs.existsSync(place));
}
