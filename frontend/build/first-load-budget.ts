import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/**
 * Says how much JavaScript a first visit loads, compressed, and fails the build when that is more
 * than so many bytes. What is imported dynamically isn't part of it.
 */
export function firstLoadBudget(maxBytes: number): Plugin {
  return {
    name: 'first-load-budget',
    apply: 'build',
    generateBundle(_options, bundle) {
      const names = new Set<string>();
      const add = (name: string) => {
        const file = bundle[name];
        if (file?.type !== 'chunk' || names.has(name)) return;
        names.add(name);
        file.imports.forEach(add);
      };
      for (const file of Object.values(bundle)) {
        if (file.type === 'chunk' && file.isEntry) add(file.fileName);
      }

      const bytes = [...names].reduce((sum, name) => {
        const file = bundle[name];
        return sum + (file?.type === 'chunk' ? gzipSync(file.code).length : 0);
      }, 0);
      const report = `JavaScript on first load: ${kilobytes(bytes)} compressed, of at most ${kilobytes(maxBytes)}`;
      if (bytes > maxBytes) this.error(report);
      this.info(report);
    },
  };
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
