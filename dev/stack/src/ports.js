import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import { Failure } from './progress.js';

/**
 * Throws if one of the ports is in use on a loopback address, and says by whom.
 *
 * @param {number[]} ports
 */
export async function requireFree(ports) {
  for (const port of ports) {
    for (const host of ['127.0.0.1', '::1']) {
      if (await canListen(port, host)) continue;
      const holder = findHolder(port) ?? 'another process';
      throw new Failure(
        `Port ${port} is in use by ${holder}. Stop that first; nothing was started.`,
      );
    }
  }
}

/**
 * A free port, the preferred one if possible.
 *
 * @param {number} preferred
 * @returns {Promise<number>}
 */
export async function freePort(preferred) {
  if (await canListen(preferred, '127.0.0.1')) return preferred;
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        resolve(typeof address === 'object' && address ? address.port : preferred),
      );
    });
  });
}

/**
 * @param {number} port
 * @param {string} host
 * @returns {Promise<boolean>}
 */
function canListen(port, host) {
  return new Promise((resolve) => {
    const server = net.createServer();
    // A machine without IPv6 has no ::1, and then nobody on it.
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) =>
      resolve(error.code !== 'EADDRINUSE'),
    );
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

/** @param {number} port */
function findHolder(port) {
  try {
    return process.platform === 'linux' ? holderFromProc(port) : holderFromLsof(port);
  } catch {
    return undefined;
  }
}

/** @param {number} port */
function holderFromProc(port) {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const tables = execFileSync('sh', ['-c', 'cat /proc/net/tcp*'], { encoding: 'utf8' });
  const listening = new RegExp(`: \\w+:${hex} \\S+ 0A(?: +\\S+){5} +(\\d+)`); // the inode is last
  const socket = `socket:\\[${listening.exec(tables)?.[1]}\\]`;
  const find = `find /proc/[0-9]*/fd -lname '${socket}' 2>/dev/null || true`;
  const [pid] = /\d+/.exec(execFileSync('sh', ['-c', find], { encoding: 'utf8' })) ?? [];
  return pid && `${fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (pid ${pid})`;
}

/** @param {number} port */
function holderFromLsof(port) {
  const output = execFileSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], {
    encoding: 'utf8',
  });
  const pid = /^p(\d+)$/m.exec(output)?.[1];
  const command = /^c(.+)$/m.exec(output)?.[1];
  return pid && `${command} (pid ${pid})`;
}
