/** Whether the browser lets the page keep a session at all. */
export function isStorageAllowed(): boolean {
  try {
    return localStorage.length + sessionStorage.length >= 0;
  } catch {
    return false;
  }
}

/** What the person can do about an error of the browser's storage; undefined for other errors. */
export function storageProblem({ name }: Error): string | undefined {
  if (name === 'QuotaExceededError') {
    return 'Your browser has no room left to remember your sign-in. Delete this site’s data in its settings, and try again.';
  }
  return name === 'SecurityError' ? howToAllow : undefined;
}

export const howToAllow =
  'A sign-in has to be remembered. Allow cookies and site data for this page in your browser’s settings, then load it again.';
