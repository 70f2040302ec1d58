import { fileURLToPath } from 'node:url';
import { demo } from './demo.js';
import { startServer } from './server.js';

const { DATA_DIR, NODE_ENV, PORT = '3001' } = process.env;

try {
  if (NODE_ENV === 'production') {
    throw new Error('This identity provider is for development. It does not run in production.');
  }
  const server = await startServer({
    port: Number(PORT),
    dataDirectory: DATA_DIR || fileURLToPath(new URL('../.data', import.meta.url)),
    seed: demo,
  });
  console.log(`Local identity provider, for development only: ${server.issuer}`);
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    process.once(signal, () => server.close());
  }
} catch (error) {
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
  console.error(
    code === 'EADDRINUSE'
      ? `Port ${PORT} is in use. Stop the program that uses it, or set PORT.`
      : message,
  );
  process.exitCode = 1;
}
