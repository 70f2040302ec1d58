import Router from '@koa/router';
import { escapeHtml, render, stylesheet } from './page.js';

/**
 * What somebody sees who opens the provider's address itself, and the style of all pages.
 *
 * @param {string} issuer
 */
export function startPageRoutes(issuer) {
  const router = new Router();

  router.get('/style.css', (ctx) => {
    ctx.type = 'css';
    ctx.set('Cache-Control', 'no-cache');
    ctx.body = stylesheet;
  });

  router.get('/', (ctx) => {
    render(ctx, {
      title: 'Local identity provider',
      body: `
<p>It stands in for Logto while you develop. People sign in to an application, which sends them here.</p>
<ul>
  <li><a href="/people">People</a>: edit, give roles, suspend, delete</li>
  <li><a href="${escapeHtml(issuer)}/.well-known/openid-configuration">OpenID configuration</a></li>
</ul>`,
    });
  });

  return router.routes();
}
