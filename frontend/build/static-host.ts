import type { Plugin } from 'vite';

/**
 * Adds what Netlify, and Cloudflare Pages alike, read from the folder they serve: the headers, and
 * that every path is the application's.
 */
export function staticHost(headers: Record<string, string>): Plugin {
  return {
    name: 'static-host',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const lines = Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`);
      // File by file: what isn't there, because a page of an older build asks for it, is not kept.
      const assets = Object.keys(bundle).filter((name) => name.startsWith('assets/'));
      const kept = assets.flatMap((name) => [
        `/${name}`,
        '  Cache-Control: public, max-age=31536000, immutable',
      ]);
      const files = {
        _headers: ['/*', ...lines, ...kept, ''].join('\n'),
        _redirects: '/assets/* /index.html 404\n/* /index.html 200\n',
      };
      for (const [fileName, source] of Object.entries(files)) {
        this.emitFile({ type: 'asset', fileName, source });
      }
    },
  };
}
