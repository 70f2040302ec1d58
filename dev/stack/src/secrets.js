import fs from 'node:fs';
import path from 'node:path';
import { root } from './paths.js';

// The local identity provider signs its webhooks and knows its machine with these.
const secrets = `// Local values of the application's secrets. Git ignores this file.
// These are those of the local identity provider. Put your tenant's here if you develop with it.
LogtoWebhookSigningKey: "local-development-only-not-a-secret"
LogtoManagementSecret:  "local-development-only-not-a-secret"
`;

/** Writes the application's local secrets to where both runtimes read them, unless somebody has. */
export function writeSecrets() {
  try {
    fs.writeFileSync(path.join(root, '.secrets.local.cue'), secrets, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
  }
}
