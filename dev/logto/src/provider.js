/**
 * @import { AccessToken, Client, ClientCredentials, Interaction, JWTStructured, KoaContextWithOIDC,
 *   ResourceServer } from 'oidc-provider'
 * @import { Accounts } from './accounts.js'
 * @import { Tenant } from './tenant.js'
 */
import { interactionPolicy, errors, Provider } from 'oidc-provider';
import { organizationAudience, organizationsResource, requestedOrganization } from './access.js';
import { claimsByScope, claimsOf } from './claims.js';
import { signingAlgorithm } from './keys.js';
import { oidcErrors } from './oidc-errors.js';
import { renderExpired, renderSignOut, renderSignedOut } from './sign-in-pages.js';

/** Seconds. */
const day = 24 * 3600;

const oidcScopes = ['openid', 'offline_access', ...Object.keys(claimsByScope)];

/**
 * Sets up oidc-provider, the library that Logto is built on, to behave like Logto. To sign people in
 * it sends the browser to `/sign-in` or `/register`.
 *
 * @param {string} issuer
 * @param {Tenant} tenant
 */
export function createProvider(issuer, { seed, keys, resources, accounts, access, ...tenant }) {
  const cookie = /** @type {const} */ ({ sameSite: 'lax', path: '/', signed: true });

  const provider = new Provider(issuer, {
    adapter: tenant.oidcStorage.adapter,
    clients: seed.clients,
    jwks: { keys: [keys.signingKey] },
    cookies: { keys: keys.cookieKeys, long: cookie, short: cookie },
    routes: {
      authorization: '/auth',
      token: '/token',
      userinfo: '/me',
      jwks: '/jwks',
      end_session: '/session/end',
      revocation: '/token/revocation',
      introspection: '/token/introspection',
      pushed_authorization_request: '/request',
    },
    clientDefaults: { id_token_signed_response_alg: signingAlgorithm },
    enabledJWA: { idTokenSigningAlgValues: [signingAlgorithm] },
    conformIdTokenClaims: false,
    pkce: { methods: ['S256'], required: () => true },
    // Logto's parameters that open the register page.
    extraParams: ['first_screen', 'interaction_mode'],
    scopes: oidcScopes,
    claims: { openid: ['sub'], ...claimsByScope },
    ttl: {
      AccessToken: accessTokenLifetime,
      ClientCredentials: accessTokenLifetime,
      IdToken: 3600,
      RefreshToken: (ctx) => ctx.oidc.entities.RotatedRefreshToken?.remainingTTL ?? 14 * day,
      Interaction: 3600,
      Session: 14 * day,
      Grant: 180 * day,
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: true },
      revocation: { enabled: true },
      introspection: { enabled: true },
      clientCredentials: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        logoutSource: renderSignOut,
        postLogoutSuccessSource: renderSignedOut,
      },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo,
        useGrantedResource: (ctx) => isOrganizationTokenRequest(ctx),
        defaultResource,
      },
    },
    interactions: { url: interactionUrl, policy: interactionPolicyOf(accounts) },
    loadExistingGrant,
    findAccount: async (_ctx, id) => {
      const account = accounts.findActive(id);
      return (
        account && {
          accountId: id,
          claims: async (use) => claimsOf(account, seed.organizations, use),
        }
      );
    },
    // Runs before the refresh token is used up, so people keep it when this throws.
    rotateRefreshToken: (ctx) => {
      access.assertOrganizationToken(ctx);
      return true;
    },
    clientBasedCORS: (_ctx, origin, client) =>
      (client.redirectUris ?? []).some((uri) => new URL(uri).origin === origin),
    extraTokenClaims,
    formats: { customizers: { jwt: keepEmptyScope } },
    renderError: (ctx, out, error) => {
      const isPage = ctx.accepts('json', 'html') === 'html';
      if (isPage && error instanceof errors.SessionNotFound) renderExpired(ctx);
      else ctx.body = out;
    },
  });
  provider.use(oidcErrors);
  provider.on('server_error', (_ctx, error) => console.error(error));
  return provider;

  /**
   * @param {KoaContextWithOIDC} ctx
   * @param {string} indicator
   * @param {Client} client
   * @returns {Promise<ResourceServer>}
   */
  async function getResourceServerInfo(ctx, indicator, client) {
    const resource = resources.find((resource) => resource.indicator === indicator);
    const isOrganizations = indicator === organizationsResource;
    if (!resource && !isOrganizations) throw new errors.InvalidTarget();
    const organizationId = requestedOrganization(ctx);
    return {
      scope: resourceScopes(ctx, indicator, client, organizationId).join(' '),
      audience:
        isOrganizations && organizationId ? organizationAudience(organizationId) : indicator,
      accessTokenTTL: resource?.accessTokenTtl,
      accessTokenFormat: 'jwt',
      jwt: { sign: { alg: signingAlgorithm } },
    };
  }

  /**
   * @param {KoaContextWithOIDC} ctx
   * @param {string} indicator
   * @param {Client} client
   * @param {string | undefined} organizationId
   */
  function resourceScopes(ctx, indicator, client, organizationId) {
    if (ctx.oidc.params?.grant_type === 'client_credentials') {
      return access.machineScopes(client.clientId, indicator, organizationId);
    }
    const userId = ctx.oidc.entities.Account?.accountId ?? ctx.oidc.session?.accountId;
    return userId ? access.personScopes(userId, indicator, organizationId) : [];
  }

  /**
   * @param {KoaContextWithOIDC} ctx
   * @param {Client} _client
   * @param {readonly string[]} [granted]
   * @returns {string | string[]}
   */
  function defaultResource(ctx, _client, granted) {
    if (isOrganizationTokenRequest(ctx)) return organizationsResource;
    if (ctx.oidc.params?.grant_type === 'client_credentials') {
      throw new errors.InvalidTarget('both `resource` and `organization_id` are not provided');
    }
    return granted ? [...granted] : [];
  }

  /**
   * Logto doesn't ask for consent to its tenant's own applications. They get all the scopes that
   * they request and the person may have.
   *
   * @param {KoaContextWithOIDC} ctx
   */
  async function loadExistingGrant(ctx) {
    const { client, account, session, resourceServers = {}, requestParamScopes } = ctx.oidc;
    if (!client || !account) return undefined;
    const grantId = session?.grantIdFor(client.clientId);
    const grant =
      (grantId && (await provider.Grant.find(grantId))) ||
      new provider.Grant({ clientId: client.clientId, accountId: account.accountId });
    const requested = (/** @type {string[]} */ scopes) =>
      scopes.filter((scope) => requestParamScopes.has(scope));
    grant.addOIDCScope(requested(oidcScopes).join(' '));
    for (const [indicator, { scope }] of Object.entries(resourceServers)) {
      const granted = requested(scope.split(' '));
      if (granted.length > 0) grant.addResourceScope(indicator, granted.join(' '));
    }
    await grant.save();
    const person = accounts.find(account.accountId);
    if (person) await accounts.noteApplication(person, client.clientId);
    return grant;
  }

  /**
   * @param {KoaContextWithOIDC} ctx
   * @param {AccessToken | ClientCredentials} token
   */
  async function extraTokenClaims(ctx, token) {
    if (!token.aud) return undefined;
    const organizationId = requestedOrganization(ctx);
    return {
      ...(token.kind === 'AccessToken' &&
        (await tenant.customClaims.claimsFor(token, organizationId))),
      // A token for an API resource names the organization in a claim, others in the audience.
      ...(organizationId &&
        token.aud !== organizationAudience(organizationId) && { organization_id: organizationId }),
    };
  }
}

/**
 * @param {KoaContextWithOIDC} _ctx
 * @param {AccessToken | ClientCredentials} token
 */
function accessTokenLifetime(_ctx, { resourceServer }) {
  return resourceServer?.accessTokenTTL ?? 3600;
}

/**
 * Whether an organization token without an API resource is requested.
 *
 * @param {KoaContextWithOIDC} ctx
 */
function isOrganizationTokenRequest(ctx) {
  return !ctx.oidc.params?.resource && requestedOrganization(ctx) !== undefined;
}

/**
 * @param {KoaContextWithOIDC} _ctx
 * @param {Interaction} interaction
 */
function interactionUrl(_ctx, { params }) {
  const registers = params.first_screen === 'register' || params.interaction_mode === 'signUp';
  const query = new URLSearchParams({ app_id: String(params.client_id) });
  return `/${registers ? 'register' : 'sign-in'}?${query}`;
}

/**
 * The standard policy with two changes: nobody is asked for consent, and the session of a person who
 * is suspended or deleted leads to the sign-in page.
 *
 * @param {Accounts} accounts
 */
function interactionPolicyOf(accounts) {
  const policy = interactionPolicy.base();
  policy.get('consent')?.checks.clear();
  policy.get('login')?.checks.add(
    new interactionPolicy.Check(
      'account_unavailable',
      'End-User authentication is required',
      'login_required',
      (ctx) => {
        const accountId = ctx.oidc.session?.accountId;
        return accountId !== undefined && !accounts.findActive(accountId);
      },
    ),
  );
  return policy;
}

/**
 * Without scopes, the tokens of people and of organizations have an empty `scope` in Logto. In
 * oidc-provider they have none.
 *
 * @param {KoaContextWithOIDC} _ctx
 * @param {AccessToken | ClientCredentials} token
 * @param {JWTStructured} jwt
 */
function keepEmptyScope(_ctx, token, jwt) {
  const isOrganization = String(token.aud).startsWith(organizationAudience(''));
  if (token.kind === 'AccessToken' || isOrganization) jwt.payload.scope ??= '';
  return jwt;
}
