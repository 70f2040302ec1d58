/**
 * The webhooks of one interaction of a person with the sign-in or the register page. As in Logto
 * they say nothing of a request to the Management API, but of the browser and the application.
 */
export class InteractionEvents {
  #webhooks;
  #application;
  #metadata;
  #ip;

  /**
   * @param {import('./webhooks.js').Webhooks} webhooks
   * @param {import('./seed.js').Seed} seed
   * @param {import('koa').Context} ctx
   * @param {import('oidc-provider').Interaction} interaction
   */
  constructor(webhooks, seed, ctx, { jti, params }) {
    const client = seed.clients.find(({ client_id }) => client_id === params.client_id);
    this.#webhooks = webhooks;
    this.#application = {
      id: client?.client_id,
      type: 'SPA',
      name: client?.client_name,
      description: null,
    };
    this.#metadata = { sessionId: jti, userAgent: ctx.get('user-agent') || undefined };
    this.#ip = ctx.ip;
  }

  /** @param {import('./accounts.js').Account} account */
  created({ user }) {
    this.#webhooks.send('User.Created', {
      ...this.#metadata,
      interactionEvent: 'Register',
      applicationId: this.#application.id,
      ip: this.#ip,
      application: this.#application,
      data: user,
    });
  }

  /** @param {import('./accounts.js').Account} account */
  registered({ user }) {
    this.#interaction('PostRegister', 'Register', user);
  }

  /** @param {import('./accounts.js').Account} account */
  signedIn({ user }) {
    this.#interaction('PostSignIn', 'SignIn', user);
  }

  /**
   * @param {import('./webhooks.js').WebhookEvent} event
   * @param {'Register' | 'SignIn'} interactionEvent
   * @param {import('./accounts.js').User} user
   */
  #interaction(event, interactionEvent, user) {
    this.#webhooks.send(event, {
      ...this.#metadata,
      interactionEvent,
      userId: user.id,
      userIp: this.#ip,
      user,
      application: this.#application,
    });
  }
}
