/** An error of the Management API: `{ code, message[, data][, details] }`. */
export class ManagementError extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   * @param {{ data?: object, details?: string }} [extra]
   */
  constructor(status, code, message, extra) {
    super(message);
    this.status = status;
    this.body = { code, ...extra, message };
  }
}

export const notFound = () =>
  new ManagementError(404, 'entity.not_found', 'The resource does not exist.');

/** @param {string} entities @param {string} [id] */
export const notExists = (entities, id) =>
  new ManagementError(
    404,
    'entity.not_exists_with_id',
    `The ${entities} with ID \`${id}\` does not exist.`,
  );

/**
 * Answers errors as Logto does.
 *
 * @type {import('koa').Middleware}
 */
export async function answerErrors(ctx, next) {
  try {
    await next();
  } catch (error) {
    if (error instanceof ManagementError) {
      ctx.status = error.status;
      ctx.body = error.body;
    } else if (error instanceof SyntaxError) {
      // The body is not JSON.
      ctx.status = 400;
      ctx.body = { message: error.message };
    } else {
      throw error;
    }
  }
}

/**
 * Checks the body or the query of a request. Logto uses the same library, so the errors are the same.
 *
 * @template {import('zod').ZodTypeAny} Schema
 * @param {'body' | 'query'} part
 * @param {Schema} schema
 * @param {import('koa').Context} ctx
 * @returns {import('zod').output<Schema>} Only what is in the schema.
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
