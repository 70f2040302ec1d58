import { interactionPolicy, errors, Provider } from 'oidc-provider';
import { organizationAudience, organizationsResource, requestedOrganization } from './access.js';
import { claimsByScope, claimsOf } from './claims.js';
import { signingAlgorithm } from './keys.js';
import { oidcErrors } from './oidc-errors.js';
import { renderExpired, renderSignOut, renderSignedOut } from './pages.js';

/** Parameters of the authorization request that choose and fill the sign-in page. */
const extraParams = ['first_screen', 'interaction_mode'];

/** Seconds. */
const day = 24 * 3600;

const oidcScopes = ['openid', 'offline_access', ...Object.keys(claimsByScope)];

/**
 * oidc-provider, the library Logto is built on, set up to speak Logto's dialect. It knows nothing
 * of the pages: it sends the browser to `/sign-in` or `/register`.
 *
 * @param {object} options
 * @param {string} options.issuer
 * @param {import('./seed.js').Seed} options.seed
 * @param {import('./keys.js').Keys} options.keys
 * @param {import('./accounts.js').Accounts} options.accounts
 * @param {import('./access.js').Access} options.access
 * @param {import('./jwt-customizer.js').JwtCustomizer} options.jwtCustomizer
 * @param {import('oidc-provider').AdapterFactory} options.adapter
 * @param {import('./lifetimes.js').Lifetimes} options.lifetimes
 */
export function createProvider({
  issuer,
  seed,
  keys,
  accounts,
  access,
  jwtCustomizer,
  adapter,
  lifetimes,
}) {
  const cookie = /** @type {const} */ ({ sameSite: 'lax', path: '/', signed: true });

  const provider = new Provider(issuer, {
    adapter,
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
    extraParams,
    scopes: oidcScopes,
    claims: { openid: ['sub'], ...claimsByScope },
    ttl: {
      AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? lifetimes.accessToken(),
      ClientCredentials: (_ctx, token) =>
        token.resourceServer?.accessTokenTTL ?? lifetimes.accessToken(),
      IdToken: 3600,
      RefreshToken: (ctx) =>
        ctx.oidc.entities.RotatedRefreshToken?.remainingTTL ?? lifetimes.refreshToken,
      Interaction: 3600,
      Session: () => lifetimes.session,
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
    // Called once a refresh token is found good and before it is used up, so that a refusal
    // leaves the person their refresh token.
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
  provider.use(oidcErrors());
  provider.on('server_error', (_ctx, error) => console.error(error));
  return provider;

  /**
   * @param {import('oidc-provider').KoaContextWithOIDC} ctx
   * @param {string} indicator
   * @param {import('oidc-provider').Client} client
   * @returns {Promise<import('oidc-provider').ResourceServer>}
   */
  async function getResourceServerInfo(ctx, indicator, client) {
    if (!access.isResource(indicator)) throw new errors.InvalidTarget();
    const organizationId = requestedOrganization(ctx);
    return {
      scope: resourceScopes(ctx, indicator, client, organizationId).join(' '),
      audience:
        indicator === organizationsResource && organizationId
          ? organizationAudience(organizationId)
          : indicator,
      accessTokenTTL: lifetimes.accessToken(indicator),
      accessTokenFormat: 'jwt',
      jwt: { sign: { alg: signingAlgorithm } },
    };
  }

  /**
   * @param {import('oidc-provider').KoaContextWithOIDC} ctx
   * @param {string} indicator
   * @param {import('oidc-provider').Client} client
   * @param {string | undefined} organizationId
   */
  function resourceScopes(ctx, indicator, client, organizationId) {
    if (ctx.oidc.params?.grant_type === 'client_credentials') {
      return access.machineScopes(client.clientId, indicator, organizationId);
    }
    const userId = ctx.oidc.entities.Account?.accountId ?? ctx.oidc.session?.accountId;
    if (!userId) return [];
    return organizationId
      ? access.memberScopes(userId, organizationId, indicator)
      : access.personScopes(userId, indicator);
  }

  /**
   * @param {import('oidc-provider').KoaContextWithOIDC} ctx
   * @param {import('oidc-provider').Client} _client
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
   * Logto asks nobody for consent on behalf of its own tenant's applications: whatever is
   * requested and allowed is granted.
   *
   * @param {import('oidc-provider').KoaContextWithOIDC} ctx
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
    const signedIn = accounts.find(account.accountId);
    if (signedIn) await accounts.noteApplication(signedIn, client.clientId);
    return grant;
  }

  /**
   * @param {import('oidc-provider').KoaContextWithOIDC} ctx
   * @param {import('oidc-provider').AccessToken | import('oidc-provider').ClientCredentials} token
   */
  async function extraTokenClaims(ctx, token) {
    if (!token.aud) return undefined;
    const organizationId = requestedOrganization(ctx);
    return {
      ...(token.kind === 'AccessToken' && (await jwtCustomizer.claimsFor(token, organizationId))),
      // With a resource the audience says nothing of the organization, so a claim does.
      ...(organizationId &&
        token.aud !== organizationAudience(organizationId) && { organization_id: organizationId }),
    };
  }
}

/**
 * An organization token that isn't for an API resource.
 *
 * @param {import('oidc-provider').KoaContextWithOIDC} ctx
 */
function isOrganizationTokenRequest(ctx) {
  return !ctx.oidc.params?.resource && requestedOrganization(ctx) !== undefined;
}

/**
 * @param {import('oidc-provider').KoaContextWithOIDC} _ctx
 * @param {import('oidc-provider').Interaction} interaction
 */
function interactionUrl(_ctx, { params }) {
  const registers = params.first_screen === 'register' || params.interaction_mode === 'signUp';
  const query = new URLSearchParams({ app_id: String(params.client_id) });
  return `/${registers ? 'register' : 'sign-in'}?${query}`;
}

/**
 * The standard policy, with two differences: consent is never asked for, and a session whose
 * account was suspended or is gone leads to the sign-in page.
 *
 * @param {import('./accounts.js').Accounts} accounts
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
 * Logto's token of a person who lacks the role has an empty `scope`; oidc-provider would leave it
 * out. A machine's token for an API resource has none in both.
 *
 * @param {import('oidc-provider').KoaContextWithOIDC} _ctx
 * @param {import('oidc-provider').AccessToken | import('oidc-provider').ClientCredentials} token
 * @param {import('oidc-provider').JWTStructured} jwt
 */
function keepEmptyScope(_ctx, token, jwt) {
  const isOrganizations = String(token.aud).startsWith(organizationAudience(''));
  if (token.kind === 'AccessToken' || isOrganizations) jwt.payload.scope ??= '';
  return jwt;
}
