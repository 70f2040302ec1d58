import { z } from 'zod';

export const maxLength = 128;
const tooLong = `Use at most ${maxLength} characters.`;
const notAnEmail = 'This is not an email address. It should look like name@example.com.';
const notAUsername =
  'Use letters, digits and underscores only, and start with a letter or an underscore.';

const name = z.string().max(maxLength, tooLong).nullable();
const email = z
  .string()
  .max(maxLength, tooLong)
  .regex(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, notAnEmail)
  .nullable();
const username = z
  .string()
  .min(3, 'Choose a username of at least 3 characters.')
  .max(maxLength, tooLong)
  .regex(/^[A-Za-z_]\w*$/, notAUsername)
  .nullable();
const password = z
  .string()
  .min(8, 'Choose a password of at least 8 characters.')
  .max(256, 'Choose a password of at most 256 characters.');

export const personForm = z.object({ name, username, primaryEmail: email }).partial();
export const signInForm = z.object({
  identifier: z.string().min(1, 'Enter your username or email.'),
  password: z.string().min(1, 'Enter your password.'),
});
export const registrationForm = z
  .object({ username, email, password })
  .refine((form) => form.username || form.email, {
    path: ['username'],
    message: 'Choose a username, or enter an email below.',
  });

/**
 * Logto's messages.
 *
 * @type {Record<import('./accounts.js').Identifier, string>}
 */
export const takenMessages = {
  username: 'This username is already in use.',
  primaryEmail: 'This email is associated with an existing account.',
  primaryPhone: 'This phone number is associated with an existing account.',
};

/**
 * What is wrong with a form: messages by field, or undefined.
 *
 * @param {z.ZodTypeAny} schema
 * @param {object} values
 */
export function problemsOf(schema, values) {
  const { error } = schema.safeParse(values);
  return error && Object.fromEntries(error.issues.map(({ path, message }) => [path[0], message]));
}
