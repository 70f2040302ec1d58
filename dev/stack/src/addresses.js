/** The ports of the running application. Its configuration names them too. */
export const ports = { backend: 4000, spa: 5173, provider: 3001 };

export const url = {
  backend: `http://localhost:${ports.backend}`,
  spa: `http://localhost:${ports.spa}`,
  provider: `http://localhost:${ports.provider}`,
};
