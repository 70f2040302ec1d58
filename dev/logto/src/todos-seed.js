import { addOwned } from './seed.js';

/** @param {import('./seed.js').Seed} seed */
export function addTo(seed) {
  addOwned(seed, 'todos', { id: 'roletodoeditor0000001', name: 'todo-editor' });
}
