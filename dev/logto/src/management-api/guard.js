import { ManagementError } from './error.js';

/**
 * Checks a request's body or query. Logto does it with the same library, so the answer to a
 * mistake is its answer.
 *
 * @template {import('zod').ZodTypeAny} Schema
 * @param {'body' | 'query'} part
 * @param {Schema} schema
 * @param {import('koa').Context} ctx
 * @returns {import('zod').output<Schema>} Without the properties the schema doesn't know.
 * @throws {ManagementError}
 */
export function guard(part, schema, ctx) {
  const result = schema.safeParse(part === 'body' ? (ctx.request.body ?? {}) : ctx.query);
  if (result.success) return result.data;
  throw new ManagementError(400, 'guard.invalid_input', `The request ${part} is invalid.`, {
    data: result.error,
    details: result.error.issues.map(describe).join('\n'),
  });
}

/** @param {import('zod').ZodIssue} issue */
function describe(issue) {
  const problem =
    issue.code === 'invalid_type'
      ? `Expected ${issue.expected} but received ${issue.received}.`
      : issue.message;
  return `Error in key path "${issue.path.join('.')}": (${issue.code}) ${problem}`;
}
