import { findEncore } from './backend.js';

/**
 * How far the ports are from the usual ones, so that two stacks can run side by side. The Encore CLI
 * takes the addresses from the application's configuration, so with it they can't change.
 */
export const offset = findEncore() ? 0 : Number(process.env.PORT_OFFSET ?? 0);

export const ports = { backend: 4000 + offset, spa: 5173 + offset, provider: 3001 + offset };

export const url = {
  backend: `http://localhost:${ports.backend}`,
  spa: `http://localhost:${ports.spa}`,
  provider: `http://localhost:${ports.provider}`,
};

/** Environment variables that tell the parts and their tests where the others are. */
export const addresses = {
  BASE_URL: url.backend,
  SPA_ORIGIN: url.spa,
  ISSUER: `${url.provider}/oidc`,
  ...(offset !== 0 && { VITE_API_URL: url.backend, VITE_LOGTO_ENDPOINT: url.provider }),
};
