import { testRemoval } from '../testing/removal.js';

// The services without it are tested when what it needs is removed, which takes it along.
testRemoval('hasura', { goOnly: true });
