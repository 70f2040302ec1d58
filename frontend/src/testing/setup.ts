import '@testing-library/jest-dom/vitest';
import { cleanup } from '@testing-library/react';
import { afterEach, vi } from 'vitest';
import { LockQueue } from './lock-queue';

// jsdom has neither Web Locks nor scrolling.
vi.stubGlobal('scrollTo', () => undefined);
Object.defineProperty(navigator, 'locks', { value: new LockQueue() });

afterEach(() => {
  cleanup();
  localStorage.clear();
  sessionStorage.clear();
  window.history.replaceState(null, '', '/');
});
