import { fileURLToPath } from 'node:url';
import { addPerson } from './administration.js';
import { launch } from './launch.js';
import { pictures } from './pages.js';
import { signIn } from './person.js';

const docs = new URL('../../../docs/', import.meta.url);

const browser = await launch();
try {
  for (const { file, colorScheme, person, prepare } of pictures) {
    const page = await browser.newPage({
      viewport: { width: 1280, height: 800 },
      deviceScaleFactor: 1.5,
      colorScheme,
      locale: 'en-GB',
      timezoneId: 'UTC',
    });
    const { username } = await addPerson(person);
    await signIn(page, username);
    await prepare(page);
    await page.mouse.move(0, 0);
    const path = fileURLToPath(new URL(file, docs));
    await page.screenshot({ path });
    console.log(path);
    await page.close();
  }
} finally {
  await browser.close();
}
