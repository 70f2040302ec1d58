export const maxIdentifierLength = 128;

/**
 * Logto's messages.
 *
 * @type {Record<import('./accounts.js').Identifier, string>}
 */
export const identifierTakenMessages = {
  username: 'This username is already in use.',
  primaryEmail: 'This email is associated with an existing account.',
  primaryPhone: 'This phone number is associated with an existing account.',
};

/**
 * What is wrong with a username. The rules are Logto's.
 *
 * @param {string} username
 */
export function usernameProblem(username) {
  if (username.length < 3) return 'Choose a username of at least 3 characters.';
  if (username.length > maxIdentifierLength) {
    return `Choose a username of at most ${maxIdentifierLength} characters.`;
  }
  if (!/^[A-Za-z_]\w*$/.test(username)) {
    return 'Use letters, digits and underscores only, and start with a letter or an underscore.';
  }
}

/**
 * What is wrong with an e-mail address.
 *
 * @param {string} email
 */
export function emailProblem(email) {
  if (email.length > maxIdentifierLength || !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) {
    return 'This is not an email address. It should look like name@example.com.';
  }
}
