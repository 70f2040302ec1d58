import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';

/**
 * Tests `make rename` in a copy of the repository, which has another name afterwards.
 *
 * @param {string} copy
 */
export function testRenaming(copy) {
  /**
   * @param {string} program
   * @param {string[]} args
   */
  const run = (program, ...args) => {
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: copy, encoding: 'utf8' });
    return { status, output: stdout + stderr };
  };
  /** @param {string[]} args */
  const git = (...args) => {
    const { status, output } = run('git', ...args);
    assert.equal(status, 0, output);
    return output;
  };
  const commit = () => {
    git('add', '--all');
    git('-c', 'user.name=Test', '-c', 'user.email=test@example.com', 'commit', '-qm', 'Test');
  };
  /** @param {[string, string]} names */
  const rename = (...names) => run(process.execPath, 'dev/stack/src/rename.js', ...names);

  it('make rename changes nothing if it can’t', () => {
    git('init', '--quiet');
    assert.match(rename('acme', 'github.com/acme/app').output, /^Commit or stash your changes/);
    commit();
    for (const name of ['', 'Acme', '1acme', 'ac_me', 'acme-', 'a--b', 'a'.repeat(51), '$(id)'])
      assert.match(rename(name, 'github.com/acme/app').output, /^NAME has /, name);
    for (const module of ['', 'acme', 'a.com/', 'a.com/../b', 'a.com/b c', 'a.com/b/v2', '"a.com'])
      assert.match(rename('acme', module).output, /^MODULE is /, module);
    for (const module of ['encore.dev', 'encore.dev/app', 'golang.org/x'])
      assert.match(rename('acme', module).output, /^MODULE can't be .* requires /, module);
    assert.equal(rename('Acme', 'github.com/acme/app').status, 1);
    assert.equal(git('status', '--porcelain'), '');
  });

  it('make rename gives it another name, and then another', () => {
    const names = /encore[- ](logto|with logto|and logto$)|"encore\.app\/|^module encore\.app/im;
    for (const [before, name, module] of /** @type {const} */ ([
      [names, 'first-1', 'first.example/one'],
      [/first-1|First 1|first\.example/, 'my-own-shop', 'zoo.example/Shop_2'],
    ])) {
      const { status, output } = rename(name, module);
      assert.equal(status, 0, output);
      commit();
      const left = git('ls-files')
        .split('\n')
        .filter((file) => file && !/samples\/|\/make-it-yours\.js$/.test(file))
        .filter((file) => before.test(fs.readFileSync(path.join(copy, file), 'latin1')));
      assert.deepEqual(left, []);
    }
    const has = (/** @type {string} */ file) => fs.readFileSync(path.join(copy, file), 'utf8');
    assert.match(has('README.md'), /^# My Own Shop\n\nAn \[Encore\]/);
    assert.match(has('frontend/index.html'), /<title>My Own Shop<\/title>/);
    assert.match(has('frontend/src/config/app-name.ts'), /'My Own Shop'/);
    assert.match(has('go.mod'), /^module zoo\.example\/Shop_2\n/);
    assert.match(has('e2e/go.mod'), /^module zoo\.example\/Shop_2\/e2e\n/);

    assert.equal(rename('my-own-shop', 'zoo.example/Shop_2').status, 0);
    assert.equal(git('status', '--porcelain'), '');
    fs.rmSync(path.join(copy, '.git'), { recursive: true });
  });
}

/**
 * Adds the service of docs/make-it-yours.md to a copy of the repository.
 *
 * @param {string} copy
 */
export function testFirstService(copy) {
  it('the steps of docs/make-it-yours.md add a service', () => {
    const page = fs.readFileSync(path.join(copy, 'docs/make-it-yours.md'), 'utf8');
    const steps = [...page.matchAll(/`([\w./-]+)`:\n\n```\w+\n(.*?)```/gs)];
    assert.equal(steps.length, 9);
    for (const [, file = '', code = ''] of steps) {
      fs.mkdirSync(path.dirname(path.join(copy, file)), { recursive: true });
      fs.writeFileSync(path.join(copy, file), code);
    }
    const { status, stderr } = spawnSync('make', ['types'], { cwd: copy, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  });
}
