import { app } from './launch.js';

/**
 * Answers instead of the API, with an error as Encore sends it.
 *
 * @param {import('playwright-core').Route} route
 * @param {number} status
 * @param {string} code
 * @param {string} message
 * @param {object | null} [details]
 */
export function refuse(route, status, code, message, details = null) {
  return route.fulfill({
    status,
    headers: { 'Access-Control-Allow-Origin': app },
    json: { code, message, details },
  });
}
