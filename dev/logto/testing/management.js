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
   * @param {unknown} [body] Sent as JSON. A string is sent as it is.
   * @returns {Promise<{ status: number, headers: Headers, body: any }>} The body is parsed if it is
   *   JSON.
   */
  return async function call(method, path, body) {
    const response = await fetch(`${endpoint}/api${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const { status, headers } = response;
    const isJson = headers.get('content-type')?.startsWith('application/json');
    return { status, headers, body: await (isJson ? response.json() : response.text()) };
  };
}
