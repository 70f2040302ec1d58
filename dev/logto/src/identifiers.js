export const maxIdentifierLength = 128;
const minUsernameLength = 3;

/** Logto's rule: letters, digits and underscores, and no digit first. */
const usernamePattern = /^[A-Za-z_]\w*$/;
const emailPattern = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/**
 * Logto's words for what somebody else has already.
 *
 * @type {Record<import('./accounts.js').Identifier, string>}
 */
export const identifierTakenMessages = {
  username: 'This username is already in use.',
  primaryEmail: 'This email is associated with an existing account.',
  primaryPhone: 'This phone number is associated with an existing account.',
};

/**
 * What is wrong with a username typed into a form.
 *
 * @param {string} username
 */
export function usernameProblem(username) {
  if (username.length < minUsernameLength) {
    return `Choose a username of at least ${minUsernameLength} characters.`;
  }
  if (username.length > maxIdentifierLength) {
    return `Choose a username of at most ${maxIdentifierLength} characters.`;
  }
  return usernamePattern.test(username)
    ? undefined
    : 'Use letters, digits and underscores only, and start with a letter or an underscore.';
}

/**
 * What is wrong with an e-mail address typed into a form.
 *
 * @param {string} email
 */
export function emailProblem(email) {
  return email.length > maxIdentifierLength || !emailPattern.test(email)
    ? 'This is not an email address. It should look like name@example.com.'
    : undefined;
}
