import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { environment } from '../src/backend.js';
import { buildStandIn } from '../src/install.js';
import { isRoot, root } from '../src/paths.js';
import { Stack } from '../src/stack.js';

/**
 * Tests that the application is whole without an example or an extra, in a copy of the repository.
 *
 * @param {string} what
 * @param {object} [options]
 * @param {boolean} [options.goOnly] Leaves out the Node packages and the services' tests.
 * @param {(copy: string) => void} [options.first] More tests in the same copy.
 * @param {(copy: string) => void} [options.afterwards] And more, when it is removed.
 */
export function testRemoval(what, { goOnly = false, first, afterwards } = {}) {
  const scratch = fs.mkdtempSync(path.join(isRoot ? '/var/tmp' : os.tmpdir(), 'removal-'));
  fs.chmodSync(scratch, 0o711); // the database's user has to get through
  const copy = path.join(scratch, 'copy');
  const stack = new Stack(path.join(scratch, 'stack'));
  /** @type {string} */
  let standIn;

  /**
   * @param {string} program
   * @param {string[]} args
   * @param {import('node:child_process').ExecFileSyncOptions} [options]
   */
  const run = (program, args, options) => {
    try {
      const env = { ...process.env, GOWORK: 'off' };
      return execFileSync(program, args, { cwd: copy, env, encoding: 'utf8', ...options });
    } catch (error) {
      const { stdout, stderr } = /** @type {any} */ (error);
      assert.fail(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`);
    }
  };

  /**
   * The files in a folder of the copy that are new or changed. The others are checked anyway.
   *
   * @param {string} folder
   */
  const changedFiles = (folder) => {
    const folders = [path.join(root, folder), path.join(copy, folder)];
    const options = ['-rqN', '--exclude=node_modules', '--exclude=dist'];
    const { stdout } = spawnSync('diff', [...options, ...folders], { encoding: 'utf8' });
    const files = [...stdout.matchAll(/^Files .* and (.*) differ$/gm)].map(([, file = '']) => file);
    return files.filter((file) => fs.existsSync(file));
  };

  describe(`without ${what}`, { timeout: 600_000 }, () => {
    before(async () => {
      standIn = await buildStandIn();
      copyRepository(copy);
    });
    after(async () => {
      await stack.stop();
      fs.rmSync(scratch, { recursive: true, force: true });
    });

    first?.(copy);

    it('nothing mentions it', () => {
      run(process.execPath, ['dev/stack/src/remove.js', what]);
      const found = execFileSync(
        'sh',
        [
          '-c',
          `grep -rilI --exclude-dir=node_modules --exclude-dir=samples --exclude-dir=.data ${what} . || true`,
        ],
        {
          cwd: copy,
          encoding: 'utf8',
        },
      );
      assert.equal(found, '');
    });

    afterwards?.(copy);

    it('formatting, linters and types pass', () => {
      run(standIn, ['gen']);
      run(standIn, ['check']);
      const types = 'frontend/src/features/api/types.gen.ts';
      assert.equal(run(standIn, ['types']), fs.readFileSync(path.join(copy, types), 'utf8'));
      assert.equal(
        run('sh', ['-c', 'gofmt -l $(find . -name "*.go" -not -path "*/node_modules/*")']),
        '',
      );
      run('go', ['vet', './...']);
      if (goOnly) return;
      const tools = path.join(root, 'dev/tools/go.mod');
      for (const module of ['.', 'e2e', 'bench']) {
        const cwd = path.join(copy, module);
        run('go', ['vet', './...'], { cwd });
        run('go', ['tool', `-modfile=${tools}`, 'staticcheck', './...'], { cwd });
      }
      run('npm', ['run', 'check']);
      const cwd = path.join(copy, 'frontend');
      run('npm', ['run', 'format'], { cwd });
      run('npm', ['run', 'types'], { cwd });
      const code = changedFiles('frontend').filter((file) => /\.tsx?$/.test(file));
      run('npx', ['eslint', '--max-warnings', '0', ...code], { cwd });
    });

    if (goOnly) return;
    it('the services pass their tests', async () => {
      const database = await stack.startPostgres(path.join(scratch, 'postgres'));
      run(standIn, ['test', './...'], { env: environment(database) });
    });
  });
}

/**
 * Copies what git keeps, with what npm has installed.
 *
 * @param {string} to
 */
function copyRepository(to) {
  const built = ['node_modules', 'dist', '.git', '.data', '.encore', 'encore.gen.go'];
  const standIn = path.join(root, 'dev/.encore');
  const filter = (/** @type {string} */ from) =>
    from === standIn || !built.includes(path.basename(from));
  fs.cpSync(root, to, { recursive: true, filter });
  for (const folder of ['.', 'frontend']) {
    const installed = path.join(folder, 'node_modules');
    fs.symlinkSync(path.join(root, installed), path.join(to, installed));
  }
}
