import { execFile } from 'node:child_process';
import { cp, mkdtemp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { api, provider } from './launch.js';

const run = promisify(execFile);
const frontend = fileURLToPath(new URL('../../../frontend', import.meta.url));
const kit = path.join(frontend, 'src/kit');

const files = {
  'index.html': '<div id="root"></div><script type="module" src="/src/main.tsx"></script>',
  'vite.config.js':
    "import react from '@vitejs/plugin-react';\nexport default { plugins: [react()] };\n",
  // As in Vite's template react-ts.
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      target: 'ES2023',
      lib: ['ES2023', 'DOM', 'DOM.Iterable'],
      module: 'ESNext',
      types: ['vite/client'],
      skipLibCheck: true,
      moduleResolution: 'bundler',
      allowImportingTsExtensions: true,
      verbatimModuleSyntax: true,
      moduleDetection: 'force',
      noEmit: true,
      jsx: 'react-jsx',
      strict: true,
      noUnusedLocals: true,
      noUnusedParameters: true,
      erasableSyntaxOnly: true,
      noFallthroughCasesInSwitch: true,
      noUncheckedSideEffectImports: true,
    },
    include: ['src'],
  }),
};

/**
 * Makes an application of what the kit's README says, in a folder of its own: a copy of the kit, and
 * the README's `main.tsx`. Checks its types and builds it.
 *
 * @returns {Promise<{ dist: string, remove: () => Promise<void> }>}
 */
export async function buildStarter() {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'kit-starter-'));
  const remove = () => rm(dir, { recursive: true, force: true });
  try {
    for (const [name, content] of Object.entries(files)) {
      await writeFile(path.join(dir, name), content);
    }
    await cp(kit, path.join(dir, 'src/kit'), { recursive: true });
    const [, main = ''] = (await readme()).match(/```tsx\n(.*?)```/s) ?? [];
    await writeFile(
      path.join(dir, 'src/main.tsx'),
      main.replace('http://localhost:3001', provider).replace('http://localhost:4000', api),
    );
    await symlink(path.join(frontend, 'node_modules'), path.join(dir, 'node_modules'));
    // Under the same headers as the application itself.
    await mkdir(path.join(dir, 'public'));
    for (const name of ['_headers', '_redirects']) {
      await cp(path.join(frontend, 'dist', name), path.join(dir, 'public', name));
    }
    for (const [tool, ...args] of [['tsc'], ['vite', 'build']]) {
      await run(path.join(dir, 'node_modules/.bin', String(tool)), args, { cwd: dir });
    }
    return { dist: path.join(dir, 'dist'), remove };
  } catch (error) {
    await remove();
    throw new Error('The starter can’t be built.', { cause: error });
  }
}

/** The packages that the README installs. */
export async function installedPackages() {
  const [, names = ''] = (await readme()).match(/^npm install (.*)$/m) ?? [];
  return names.split(' ');
}

/** The packages that the files of the kit import, without those of Vite's template. */
export async function importedPackages() {
  const { stdout } = await run('grep', ['-rhoE', "from '[^.'][^']*", kit, '--include=*.ts*']);
  const names = [...stdout.matchAll(/'((@[^/]+\/)?[^/'\n]+)/g)].map(([, name]) => name);
  return [...new Set(names)].filter((name) => name && !['react', 'react-dom'].includes(name));
}

function readme() {
  return readFile(path.join(kit, 'README.md'), 'utf8');
}
