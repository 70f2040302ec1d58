import { testFirstService, testRenaming } from '../testing/make-it-yours.js';
import { testRemoval } from '../testing/removal.js';

testRemoval('todos', { first: testRenaming, afterwards: testFirstService });
