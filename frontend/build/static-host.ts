import type { Plugin } from 'vite';

/**
 * Adds what Netlify, and Cloudflare Pages alike, read from the folder they serve: the headers, and
 * that every path is the application's.
 */
export function staticHost(headers: Record<string, string>): Plugin {
  const lines = Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`);
  const forAssets = '  Cache-Control: public, max-age=31536000, immutable';
  const files = {
    _headers: ['/*', ...lines, '/assets/*', forAssets, ''].join('\n'),
    _redirects: '/* /index.html 200\n',
  };
  return {
    name: 'static-host',
    apply: 'build',
    generateBundle() {
      for (const [fileName, source] of Object.entries(files)) {
        this.emitFile({ type: 'asset', fileName, source });
      }
    },
  };
}
