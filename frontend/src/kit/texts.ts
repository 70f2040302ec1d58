/** Everything the kit says to people. For other words pass an object like this to the provider. */
export const englishTexts = {
  checkingSession: 'Checking who is signed in…',
  goingToSignIn: 'Taking you to sign-in…',
  finishingSignIn: 'Signing you in…',
  signingOut: 'Signing you out…',
  signIn: 'Sign in',
  signInAgain: 'Sign in again',
  tryAgain: 'Try again',
  signInNeeded: {
    heading: 'Sign in to continue',
    text: 'This page is for people who are signed in.',
  },
  signedOut: {
    heading: 'You were signed out',
    text: 'Sign in again, and you will be back on this page.',
  },
  suspended: {
    heading: 'Your account is suspended',
    text: 'You can’t use this application until the suspension is lifted. Nothing of yours was deleted. If you think this is a mistake, contact support.',
  },
  storageBlocked: {
    heading: 'Your browser blocks cookies and site data',
    text: 'We can’t keep you signed in without them. Allow cookies and site data for this page in your browser’s settings, then try again.',
  },
  signInFailed: 'You are not signed in',
  signInCancelled: 'The sign-in was cancelled, or access was not allowed.',
  signInRefused: (code: string) =>
    `The sign-in service refused the request${code && ` (${code})`}.`,
  signInTooOld: 'This sign-in is too old, or was used before. Please try again.',
  wrongClock: 'The clock of this device is more than five minutes wrong. Set it and try again.',
  nothingToFinish: {
    heading: 'There is no sign-in to finish',
    text: 'It is finished already, or was started in another tab.',
  },
  offline: {
    heading: 'You are offline',
    text: 'You stay signed in. This page loads as soon as you are back online.',
  },
  unavailable: 'The service is unavailable',
  busy: 'The service is busy',
  retrying: 'You stay signed in. Trying again…',
  failed: 'That didn’t work',
  missingScope: {
    heading: 'You don’t have permission for this',
    text: (scope: string) =>
      `Your account needs the permission “${scope}”. Ask an administrator for it, then sign in again.`,
  },
  /** What an error means, by its code or name. */
  errors: {
    'api.unavailable': 'The service can’t be reached right now.',
    'api.busy': 'There are too many requests at the moment.',
    'logto.unavailable': 'The sign-in service can’t be reached right now.',
    'logto.busy': 'The sign-in service has too many requests at the moment.',
    unauthenticated: 'You were signed out.',
    permission_denied: 'You don’t have permission to do this.',
    not_found: 'This doesn’t exist any more.',
    already_exists: 'This exists already.',
    aborted: 'Somebody else changed this in the meantime.',
    'oidc.access_denied': 'You are not a member of this organization.',
    QuotaExceededError:
      'Your browser has no room left to remember your sign-in. Delete this site’s data in its settings, and try again.',
    SecurityError: 'Allow cookies and site data for this page in your browser’s settings.',
  } as Record<string, string>,
  unknownCode: (code: string) => `The service couldn’t do this (${code}). Please try again later.`,
  unexpected: 'Something unexpected went wrong. Please try again.',
};

export type Texts = typeof englishTexts;
