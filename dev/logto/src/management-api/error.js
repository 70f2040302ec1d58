/** An error answer of the Management API: `{ code, message[, data][, details] }`. */
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

/**
 * @param {string} entities
 * @param {string} id
 */
export const notExists = (entities, id) =>
  new ManagementError(
    404,
    'entity.not_exists_with_id',
    `The ${entities} with ID \`${id}\` does not exist.`,
  );

export const unknownReference = () =>
  new ManagementError(
    422,
    'entity.relation_foreign_key_not_found',
    'Cannot find one or more foreign keys. Please check the input and ensure that all referenced entities exist.',
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
      // A body that is not JSON.
      ctx.status = 400;
      ctx.body = { message: error.message };
    } else {
      throw error;
    }
  }
}
