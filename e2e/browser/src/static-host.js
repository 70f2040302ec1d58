import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ownBuild = fileURLToPath(new URL('../../../frontend/dist', import.meta.url));

/** @type {Record<string, string>} */
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * Serves a production build on a free port, with its `_headers` and `_redirects`.
 *
 * @param {string} [dist] The folder of the build, if it isn't the application's.
 * @returns {Promise<{ address: string, close: () => void }>}
 * @throws {Error} when there is no build.
 */
export async function serveBuild(dist = ownBuild) {
  const rules = parseHeaders(await readBuilt(dist, '_headers'));
  const redirects = parseRedirects(await readBuilt(dist, '_redirects'));

  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = path.join(dist, path.normalize(pathname));
    const type = types[path.extname(file)];
    const content = type ? await readFile(file).catch(() => undefined) : undefined;
    for (const { pattern, name, value } of rules) {
      if (matches(pathname, pattern)) response.setHeader(name, value);
    }
    if (content && type) return response.setHeader('Content-Type', type).end(content);
    const { target = '', status = 404 } =
      redirects.find(({ pattern }) => matches(pathname, pattern)) ?? {};
    response.writeHead(status, { 'Content-Type': types['.html'] });
    response.end(await readBuilt(dist, target));
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

/**
 * @param {string} dist
 * @param {string} name
 */
async function readBuilt(dist, name) {
  return readFile(path.join(dist, name), 'utf8').catch(() => {
    throw new Error(`There is no ${path.join(dist, name)}. Build the frontend: npm run build`);
  });
}

/**
 * Reads the format of Netlify and Cloudflare Pages: a path, and below it, indented, its headers.
 *
 * @param {string} text
 */
function parseHeaders(text) {
  /** @type {{ pattern: string, name: string, value: string }[]} */
  const rules = [];
  let pattern = '';
  for (const line of text.split('\n').filter(Boolean)) {
    if (!line.startsWith(' ')) {
      pattern = line;
      continue;
    }
    const colon = line.indexOf(':');
    rules.push({ pattern, name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() });
  }
  return rules;
}

/**
 * Reads the format of Netlify: a path, what is served in its place, and the status.
 *
 * @param {string} text
 */
function parseRedirects(text) {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [pattern = '', target = '', status] = line.split(' ');
      return { pattern, target, status: Number(status) };
    });
}

/**
 * @param {string} pathname
 * @param {string} pattern
 */
function matches(pathname, pattern) {
  return pattern.endsWith('*') ? pathname.startsWith(pattern.slice(0, -1)) : pathname === pattern;
}
