import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import { errors as oidcErrors } from 'oidc-provider';
import { IdentifierTakenError } from './accounts.js';
import {
  emailProblem,
  identifierTakenMessages,
  maxIdentifierLength,
  usernameProblem,
} from './identifiers.js';
import { InteractionEvents } from './interaction-events.js';
import { renderExpired, renderForm } from './pages.js';

const bodyLimit = '8kb';
const minPasswordLength = 8;
const maxPasswordLength = 256;

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
 * @param {import('./webhooks.js').Webhooks} options.webhooks
 */
export function signInRoutes({ provider, accounts, seed, webhooks }) {
  const router = new Router();
  const parseForm = bodyParser({ enableTypes: ['form'], formLimit: bodyLimit });

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

      const events = new InteractionEvents(webhooks, seed, ctx, interaction);
      const outcome =
        page === 'sign-in' ? await signIn(form, events) : await register(form, events);
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

  /**
   * @param {Record<string, string>} form
   * @param {InteractionEvents} events
   */
  async function signIn({ identifier = '', password = '' }, events) {
    const name = identifier.trim();
    /** @type {Record<string, string>} */
    const errors = {};
    if (!name) errors.identifier = 'Enter your username or email.';
    if (!password) errors.password = 'Enter your password.';
    if (Object.keys(errors).length > 0) return { errors };

    const result = await accounts.signIn(name, password);
    if ('refusal' in result) return { errors: { form: signInRefusals[result.refusal] } };
    events.signedIn(result.account);
    return result;
  }

  /**
   * @param {Record<string, string>} form
   * @param {InteractionEvents} events
   */
  async function register(form, events) {
    const username = (form.username ?? '').trim();
    const email = (form.email ?? '').trim();
    const password = form.password ?? '';
    const errors = registrationErrors({ username, email, password });
    if (Object.keys(errors).length > 0) return { errors };

    const fields = { username: username || null, primaryEmail: email.toLowerCase() || null };
    try {
      const account = await accounts.create(fields, password);
      events.created(account);
      await accounts.noteSignIn(account);
      events.registered(account);
      return { account };
    } catch (error) {
      if (!(error instanceof IdentifierTakenError)) throw error;
      const name = error.identifier === 'username' ? 'username' : 'email';
      return { errors: { [name]: identifierTakenMessages[error.identifier] } };
    }
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
      organizations: seed.organizations,
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
  return String(params.login_hint ?? '').slice(0, maxIdentifierLength);
}

/**
 * @param {import('koa').Context} ctx
 * @returns {Record<string, string>} The fields given once, no longer than the form allows.
 */
function readForm(ctx) {
  /** @type {Record<string, string>} */
  const form = {};
  for (const [name, value] of Object.entries(ctx.request.body ?? {})) {
    const limit = name === 'password' ? maxPasswordLength + 1 : maxIdentifierLength + 1;
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
  const usernameMistake = username && usernameProblem(username);
  if (usernameMistake) errors.username = usernameMistake;
  const emailMistake = email && emailProblem(email);
  if (emailMistake) errors.email = emailMistake;
  if (password.length < minPasswordLength) {
    errors.password = `Choose a password of at least ${minPasswordLength} characters.`;
  } else if (password.length > maxPasswordLength) {
    errors.password = `Choose a password of at most ${maxPasswordLength} characters.`;
  }
  return errors;
}
