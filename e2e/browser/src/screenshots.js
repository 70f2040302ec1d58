import { fileURLToPath } from 'node:url';
import { app, launch } from './launch.js';
import { signIn } from './person.js';
import { factsOf } from './profile.js';

/** The picture in the README. */
const file = fileURLToPath(new URL('../../../docs/screenshot.png', import.meta.url));

const browser = await launch();
try {
  const page = await browser.newPage({
    viewport: { width: 1280, height: 800 },
    deviceScaleFactor: 1.5,
    colorScheme: 'light',
    locale: 'en-GB',
    timezoneId: 'UTC',
  });
  await signIn(page, 'alice');
  await page.goto(`${app}/profile`);
  await factsOf(page, 'Row in the database');
  await page.screenshot({ path: file });
  console.log(file);
} finally {
  await browser.close();
}
