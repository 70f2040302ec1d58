import fs from 'node:fs';

const html = fs.readFileSync(new URL('../../../frontend/index.html', import.meta.url), 'utf8');

/** The application's name, as in the title of its page. */
export const appName = /<title>(.*)<\/title>/.exec(html)?.[1] ?? '';
