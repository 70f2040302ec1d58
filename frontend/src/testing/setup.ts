import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { afterEach, beforeEach, vi } from 'vitest';
import { LockQueue } from './lock-queue';

// A busy machine takes its time to load a page's code.
configure({ asyncUtilTimeout: 10_000 });

// jsdom has neither Web Locks nor modal dialogs nor popovers nor scrolling, and so nothing ever comes into view.
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
