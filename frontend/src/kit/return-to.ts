// The page a person was on their way to when they were sent to sign in.
const storageKey = 'sign-in:return-to';

/** Where the identity provider sends the browser back to. */
export const callbackPath = '/callback';

export function rememberReturnTo(path: string): void {
  sessionStorage.setItem(storageKey, path);
}

/** The remembered page, or undefined when there is none or it isn't a page of this application. */
export function readReturnTo(): string | undefined {
  const path = sessionStorage.getItem(storageKey);
  return path !== null && isOwnPage(path) ? path : undefined;
}

export function forgetReturnTo(): void {
  sessionStorage.removeItem(storageKey);
}

// Anything but a path of this origin would make the callback an open redirect. "//host" and "/\host"
// are other origins, and "/.//host" becomes one. Returning to the callback would loop.
function isOwnPage(path: string): boolean {
  const { origin } = window.location;
  if (!path.startsWith('/') || !URL.canParse(path, origin)) return false;
  const url = new URL(path, origin);
  return url.origin === origin && !url.pathname.startsWith('//') && url.pathname !== callbackPath;
}
