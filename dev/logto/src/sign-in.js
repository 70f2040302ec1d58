import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import { errors as oidcErrors } from 'oidc-provider';
import { renderExpired, renderForm, stylesheet } from './pages.js';

const bodyLimit = '8kb';
const maxLength = { identifier: 128, password: 256 };
const minLength = { username: 3, password: 8 };

/** Logto's rule: letters, digits and underscores, and no digit first. */
const usernamePattern = /^[A-Za-z_]\w*$/;
const emailPattern = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** @type {Record<import('./accounts.js').SignInRefusal, string>} */
const signInRefusals = {
  invalid_credentials: 'Incorrect account or password. Please check your input.',
  suspended: 'This account is suspended.',
};

/**
 * The sign-in and the register page. Both belong to an interaction that an application started at
 * the authorization endpoint; the browser's interaction cookie says which.
 *
 * @param {object} options
 * @param {import('oidc-provider').Provider} options.provider
 * @param {import('./accounts.js').Accounts} options.accounts
 * @param {import('./seed.js').Seed} options.seed
 */
export function signInRoutes({ provider, accounts, seed }) {
  const router = new Router();
  const parseForm = bodyParser({ enableTypes: ['form'], formLimit: bodyLimit });

  router.get('/style.css', (ctx) => {
    ctx.type = 'css';
    ctx.set('Cache-Control', 'no-cache');
    ctx.body = stylesheet;
  });

  for (const page of /** @type {const} */ (['sign-in', 'register'])) {
    router.get(`/${page}`, async (ctx) => {
      const interaction = await findInteraction(ctx);
      if (!interaction) return showExpired(ctx);
      showForm(ctx, page, interaction, { identifier: loginHint(interaction) });
    });

    router.post(`/${page}`, parseForm, async (ctx) => {
      const interaction = await findInteraction(ctx);
      const form = readForm(ctx);
      // The uid is known to the page and the cookie alone, so no other site can post this form;
      // nor can a page left open from an earlier sign-in finish a later one.
      if (!interaction || form.interaction !== interaction.uid) return showExpired(ctx);

      const outcome = page === 'sign-in' ? await signIn(form) : await register(form, interaction);
      if ('account' in outcome) {
        const location = await provider.interactionResult(ctx.req, ctx.res, {
          login: { accountId: outcome.account.user.id },
        });
        ctx.status = 303;
        ctx.redirect(location);
        return;
      }
      ctx.status = 422;
      showForm(ctx, page, interaction, form, outcome.errors);
    });
  }

  return router.routes();

  /** @param {Record<string, string>} form */
  async function signIn({ identifier = '', password = '' }) {
    const name = identifier.trim();
    /** @type {Record<string, string>} */
    const errors = {};
    if (!name) errors.identifier = 'Enter your username or email.';
    if (!password) errors.password = 'Enter your password.';
    if (Object.keys(errors).length > 0) return { errors };

    const result = await accounts.signIn(name, password);
    return 'account' in result ? result : { errors: { form: signInRefusals[result.refusal] } };
  }

  /**
   * @param {Record<string, string>} form
   * @param {import('oidc-provider').Interaction} interaction
   */
  async function register(form, { params }) {
    const username = (form.username ?? '').trim();
    const email = (form.email ?? '').trim();
    const password = form.password ?? '';
    const errors = registrationErrors({ username, email, password });
    if (Object.keys(errors).length > 0) return { errors };

    const result = await accounts.register({
      username: username || null,
      primaryEmail: email.toLowerCase() || null,
      password,
      applicationId: String(params.client_id),
    });
    if ('account' in result) return result;
    return result.refusal === 'username_already_in_use'
      ? { errors: { username: 'This username is already in use.' } }
      : { errors: { email: 'This email is associated with an existing account.' } };
  }

  /**
   * @param {import('koa').Context} ctx
   * @returns The interaction of this browser, unless it is over or was never begun.
   */
  async function findInteraction(ctx) {
    try {
      return await provider.interactionDetails(ctx.req, ctx.res);
    } catch (error) {
      if (error instanceof oidcErrors.SessionNotFound) return undefined;
      throw error;
    }
  }

  /** @param {import('koa').Context} ctx */
  function showExpired(ctx) {
    ctx.status = 400;
    renderExpired(ctx, applicationOf(ctx.query.app_id));
  }

  /**
   * @param {import('koa').Context} ctx
   * @param {'sign-in' | 'register'} page
   * @param {import('oidc-provider').Interaction} interaction
   * @param {Record<string, string>} values What was typed.
   * @param {Record<string, string>} [errors]
   */
  function showForm(ctx, page, { uid, params }, values, errors = {}) {
    renderForm(ctx, {
      page,
      interaction: uid,
      clientId: String(params.client_id),
      redirectOrigin: new URL(String(params.redirect_uri)).origin,
      people: seed.people,
      values,
      errors,
    });
  }

  /** @param {unknown} clientId */
  function applicationOf(clientId) {
    const client = seed.clients.find(({ client_id }) => client_id === clientId);
    const uri = client?.redirect_uris?.[0];
    return client && uri
      ? { name: String(client.client_name), address: new URL(uri).origin }
      : undefined;
  }
}

/** @param {import('oidc-provider').Interaction} interaction */
function loginHint({ params }) {
  return String(params.login_hint ?? '').slice(0, maxLength.identifier);
}

/**
 * @param {import('koa').Context} ctx
 * @returns {Record<string, string>} The fields given once, no longer than the form allows.
 */
function readForm(ctx) {
  /** @type {Record<string, string>} */
  const form = {};
  for (const [name, value] of Object.entries(ctx.request.body ?? {})) {
    const limit = name === 'password' ? maxLength.password + 1 : maxLength.identifier + 1;
    if (typeof value === 'string') form[name] = value.slice(0, limit);
  }
  return form;
}

/**
 * @param {{ username: string, email: string, password: string }} form
 * @returns Messages by field; none when the form is good.
 */
function registrationErrors({ username, email, password }) {
  /** @type {Record<string, string>} */
  const errors = {};
  if (!username && !email) errors.username = 'Choose a username, or give an email below.';
  else if (username) {
    const problem = usernameProblem(username);
    if (problem) errors.username = problem;
  }
  if (email && (email.length > maxLength.identifier || !emailPattern.test(email))) {
    errors.email = 'This is not an email address. It should look like name@example.com.';
  }
  if (password.length < minLength.password) {
    errors.password = `Choose a password of at least ${minLength.password} characters.`;
  } else if (password.length > maxLength.password) {
    errors.password = `Choose a password of at most ${maxLength.password} characters.`;
  }
  return errors;
}

/** @param {string} username */
function usernameProblem(username) {
  if (username.length < minLength.username) {
    return `Choose a username of at least ${minLength.username} characters.`;
  }
  if (username.length > maxLength.identifier) {
    return `Choose a username of at most ${maxLength.identifier} characters.`;
  }
  return usernamePattern.test(username)
    ? undefined
    : 'Use letters, digits and underscores only, and start with a letter or an underscore.';
}
