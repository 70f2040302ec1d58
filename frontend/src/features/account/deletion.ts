// Signing out leaves the page, so the tab's storage has to remember the deletion.
const storageKey = 'data-deleted';

/** Remembers that the person's data is deleted, to tell them when they are back. */
export function rememberDeletion(): void {
  sessionStorage.setItem(storageKey, 'yes');
}

export function wasDataDeleted(): boolean {
  return sessionStorage.getItem(storageKey) !== null;
}

export function forgetDeletion(): void {
  sessionStorage.removeItem(storageKey);
}
