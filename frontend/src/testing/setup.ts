import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { afterAll, afterEach, beforeEach, vi } from 'vitest';
import { LockQueue } from './lock-queue';

// Several files share a process and its window, one after the other. None may see what another left.
vi.resetModules();
const events = new AbortController();
const addEventListener = window.addEventListener.bind(window);
window.addEventListener = (
  type: string,
  listener: EventListenerOrEventListenerObject,
  options?: boolean | AddEventListenerOptions,
) => {
  const own = typeof options === 'boolean' ? { capture: options } : options;
  addEventListener(type, listener, { signal: events.signal, ...own });
};
afterAll(() => {
  events.abort();
  window.addEventListener = addEventListener;
  document.body.replaceChildren();
});

// A busy machine takes its time to load a page's code.
configure({ asyncUtilTimeout: 10_000 });

// What jsdom lacks.
vi.stubGlobal('scrollTo', () => undefined);
vi.stubGlobal(
  'IntersectionObserver',
  class {
    observe() {
      // Nothing to see.
    }
    disconnect() {
      // Nothing to stop.
    }
  },
);
Object.assign(navigator, { userActivation: { hasBeenActive: true } });
HTMLElement.prototype.hidePopover = () => undefined;
HTMLDialogElement.prototype.showModal = function () {
  this.open = true;
};
HTMLDialogElement.prototype.close = function () {
  if (!this.open) return;
  this.open = false;
  this.dispatchEvent(new Event('close'));
};

beforeEach(() => {
  Object.defineProperty(navigator, 'locks', { value: new LockQueue(), configurable: true });
});

afterEach(() => {
  cleanup();
  localStorage.clear();
  sessionStorage.clear();
  window.history.replaceState(null, '', '/');
});
