import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

/** The folder of the repository. */
export const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/**
 * The git-ignored folder for everything that is built or kept between runs. Tests set another, one
 * that every user can reach.
 */
export const dataDir = process.env.DATA_DIR ?? path.join(root, '.data');

/** Whether this process runs as root, which Postgres refuses to. */
export const isRoot = process.getuid?.() === 0;

/**
 * The folder of the Postgres files. The unprivileged user that takes root's
 * place may not be able to reach the repository, so it gets one elsewhere.
 */
export const postgresDir =
  isRoot && !process.env.DATA_DIR
    ? path.join(
        '/var/tmp',
        `local-stack-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`,
      )
    : path.join(dataDir, 'postgres');

/**
 * Makes a folder for a test's files, which the database's user can reach.
 *
 * @param {string} name
 */
export function scratchFolder(name) {
  const folder = fs.mkdtempSync(path.join(isRoot ? '/var/tmp' : os.tmpdir(), `${name}-`));
  fs.chmodSync(folder, 0o711);
  return folder;
}
