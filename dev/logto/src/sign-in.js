/**
 * @import { Context } from 'koa'
 * @import { Interaction, Provider } from 'oidc-provider'
 * @import { User } from './accounts.js'
 * @import { WebhookEvent } from './webhooks.js'
 */
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import { errors as oidcErrors } from 'oidc-provider';
import { IdentifierTakenError } from './accounts.js';
import { maxLength, problemsOf, registrationForm, signInForm, takenMessages } from './forms.js';
import { renderExpired, renderForm } from './sign-in-pages.js';

/** @typedef {(event: WebhookEvent, user: User) => void} Send */

/**
 * The sign-in page and the register page. Each belongs to an interaction that an application started
 * at the authorization endpoint. A cookie names it.
 *
 * @param {Provider} provider
 * @param {import('./tenant.js').Tenant} tenant
 */
export function signInRoutes(provider, { accounts, seed, webhooks }) {
  const router = new Router();
  const parseForm = bodyParser({ enableTypes: ['form'], formLimit: '8kb' });

  for (const page of /** @type {const} */ (['sign-in', 'register'])) {
    router.get(`/${page}`, async (ctx) => {
      const interaction = await findInteraction(ctx);
      if (!interaction) return showExpired(ctx);
      const identifier = String(interaction.params.login_hint ?? '').slice(0, maxLength);
      showForm(ctx, page, interaction, { identifier });
    });

    router.post(`/${page}`, parseForm, async (ctx) => {
      const interaction = await findInteraction(ctx);
      const form = readForm(ctx);
      // Other sites don't know the uid, so they can't send this form. Nor can a page that is still
      // open from an earlier sign-in.
      if (!interaction || form.interaction !== interaction.uid) return showExpired(ctx);

      const send = senderFor(ctx, interaction);
      const outcome = page === 'sign-in' ? await signIn(form, send) : await register(form, send);
      if (outcome.account) {
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

  /** @param {Record<string, string>} form @param {Send} send */
  async function signIn({ identifier = '', password = '' }, send) {
    const name = identifier.trim();
    const errors = problemsOf(signInForm, { identifier: name, password });
    if (errors) return { errors };
    const account = await accounts.authenticate(name, password);
    if (!account) {
      return { errors: { form: 'Incorrect account or password. Please check your input.' } };
    }
    if (account.user.isSuspended) return { errors: { form: 'This account is suspended.' } };
    await accounts.noteSignIn(account);
    send('PostSignIn', account.user);
    return { account };
  }

  /** @param {Record<string, string>} form @param {Send} send */
  async function register({ password = '', ...form }, send) {
    const username = form.username?.trim() || null;
    const email = form.email?.trim().toLowerCase() || null;
    const errors = problemsOf(registrationForm, { username, email, password });
    if (errors) return { errors };
    try {
      const account = await accounts.create({ username, primaryEmail: email }, password);
      send('User.Created', account.user);
      await accounts.noteSignIn(account);
      send('PostRegister', account.user);
      return { account };
    } catch (error) {
      if (!(error instanceof IdentifierTakenError)) throw error;
      const name = error.identifier === 'username' ? 'username' : 'email';
      return { errors: { [name]: takenMessages[error.identifier] } };
    }
  }

  /**
   * A function that sends the webhooks of an interaction. Unlike those of the Management API they
   * contain no request.
   *
   * @param {Context} ctx
   * @param {Interaction} interaction
   * @returns {Send}
   */
  function senderFor(ctx, { jti, params }) {
    const client = clientOf(params.client_id);
    const id = client?.client_id;
    const application = { id, type: 'SPA', name: client?.client_name, description: null };
    const userAgent = ctx.get('user-agent') || undefined;
    return (event, user) =>
      webhooks.send(event, {
        sessionId: jti,
        userAgent,
        application,
        interactionEvent: event === 'PostSignIn' ? 'SignIn' : 'Register',
        ...(event === 'User.Created'
          ? { applicationId: id, ip: ctx.ip, data: user }
          : { userId: user.id, userIp: ctx.ip, user }),
      });
  }

  /**
   * @param {Context} ctx
   * @returns The interaction of this browser, if there is one.
   */
  async function findInteraction(ctx) {
    try {
      return await provider.interactionDetails(ctx.req, ctx.res);
    } catch (error) {
      if (error instanceof oidcErrors.SessionNotFound) return undefined;
      throw error;
    }
  }

  /** @param {Context} ctx */
  function showExpired(ctx) {
    ctx.status = 400;
    const client = clientOf(ctx.query.app_id);
    const uri = client?.redirect_uris?.[0];
    renderExpired(
      ctx,
      uri ? { name: String(client.client_name), address: new URL(uri).origin } : undefined,
    );
  }

  /**
   * @param {Context} ctx
   * @param {'sign-in' | 'register'} page
   * @param {Interaction} interaction
   * @param {Record<string, string>} values What was typed.
   * @param {Record<string, string>} [errors]
   */
  function showForm(ctx, page, { uid, params }, values, errors = {}) {
    renderForm(ctx, {
      page,
      interaction: uid,
      clientId: String(params.client_id),
      redirectOrigin: new URL(String(params.redirect_uri)).origin,
      seed,
      values,
      errors,
    });
  }

  /** @param {unknown} id */
  function clientOf(id) {
    return seed.clients.find(({ client_id }) => client_id === id);
  }
}

/** @param {Context} ctx @returns {Record<string, string>} */
function readForm(ctx) {
  const fields = Object.entries(ctx.request.body ?? {});
  return Object.fromEntries(fields.filter(([, value]) => typeof value === 'string'));
}
