import { testRemoval } from '../testing/removal.js';

testRemoval('todos');
