import { readdirSync } from 'node:fs';
import { seed } from './seed.js';

/** What `make run` starts with. What an example adds to it is in a file of its own. */
export const demo = structuredClone(seed);

for (const file of readdirSync(import.meta.dirname).filter((name) => name.endsWith('-seed.js')))
  (await import(`./${file}`)).addTo(demo);
