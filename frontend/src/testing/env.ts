import type { Env } from '../config/env';

export const testEnv: Env = {
  logtoEndpoint: 'https://id.example',
  logtoAppId: 'app',
  apiResource: 'https://api.example/resource',
  apiUrl: 'https://api.example',
  avatarOrigin: undefined,
};
