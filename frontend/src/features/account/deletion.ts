// Deleting signs out, which leaves the page. This is what the tab remembers over that.
const storageKey = 'data-deleted';

/** Remembers that the person's data is deleted, to tell them when they are back. */
export function rememberDeletion(): void {
  sessionStorage.setItem(storageKey, 'yes');
}

export function wasDataDeleted(): boolean {
  return sessionStorage.getItem(storageKey) !== null;
}

/** Once they have been told. */
export function forgetDeletion(): void {
  sessionStorage.removeItem(storageKey);
}
