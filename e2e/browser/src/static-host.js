import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../../../frontend/dist', import.meta.url));

/** @type {Record<string, string>} */
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * Serves the production build on a free port, as a static host does that reads its `_headers`: every
 * path that isn't a file is the application's.
 *
 * @returns {Promise<{ address: string, close: () => void }>}
 * @throws {Error} when there is no build.
 */
export async function serveBuild() {
  const rules = parseHeaders(await readBuilt('_headers'));
  const page = await readBuilt('index.html');

  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = path.join(dist, path.normalize(pathname));
    const type = types[path.extname(file)];
    const content = type ? await readFile(file).catch(() => undefined) : undefined;
    for (const { prefix, name, value } of rules) {
      if (pathname.startsWith(prefix)) response.setHeader(name, value);
    }
    response.setHeader('Content-Type', (content && type) ?? 'text/html; charset=utf-8');
    response.end(content ?? page);
  });
  await new Promise((resolve) => server.listen(0, 'localhost', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    address: `localhost:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** @param {string} name */
async function readBuilt(name) {
  return readFile(path.join(dist, name), 'utf8').catch(() => {
    throw new Error(`There is no frontend/dist/${name}. Build the frontend: npm run build`);
  });
}

/**
 * Reads the format of Netlify and Cloudflare Pages: a path, and below it, indented, its headers.
 *
 * @param {string} text
 */
function parseHeaders(text) {
  /** @type {{ prefix: string, name: string, value: string }[]} */
  const rules = [];
  let prefix = '';
  for (const line of text.split('\n').filter(Boolean)) {
    if (!line.startsWith(' ')) {
      prefix = line.replace(/\*$/, '');
      continue;
    }
    const colon = line.indexOf(':');
    rules.push({ prefix, name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() });
  }
  return rules;
}
