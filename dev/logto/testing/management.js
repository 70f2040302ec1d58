import { managementApi } from '../src/seed.js';
import { fetchMachineToken } from '../src/token.js';

/**
 * Calls the Management API as the demo machine.
 *
 * @param {{ issuer: string, endpoint: string }} provider
 */
export async function management({ issuer, endpoint }) {
  const token = await fetchMachineToken(issuer, managementApi);

  /**
   * @param {string} method
   * @param {string} path Below `/api`.
   * @param {unknown} [body] Sent as JSON; a string as it is.
   * @returns {Promise<{ status: number, headers: Headers, body: any }>} The body parsed, if it is
   *   JSON.
   */
  return async function call(method, path, body) {
    const response = await fetch(`${endpoint}/api${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : text,
    };
  };
}
