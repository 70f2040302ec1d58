/** @import { KoaContextWithOIDC } from 'oidc-provider' */
import { interactionPolicy, errors, Provider } from 'oidc-provider';
import {
  accessDenied,
  assertOrganizationToken,
  machineScopes,
  organizationAudience,
  organizationsResource,
  personScopes,
  requestedOrganization,
} from './access.js';
import { claimsByScope, claimsOf } from './claims.js';
import { customClaims } from './custom-claims.js';
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
 * @param {import('./tenant.js').Tenant} tenant
 */
export function createProvider(issuer, tenant) {
  const { seed, keys, resources, accounts } = tenant;
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
      AccessToken: (_ctx, { resourceServer }) => resourceServer?.accessTokenTTL ?? 3600,
      ClientCredentials: (_ctx, { resourceServer }) => resourceServer?.accessTokenTTL ?? 3600,
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
        getResourceServerInfo: async (ctx, indicator, client) => {
          const resource = resources.find((resource) => resource.indicator === indicator);
          const isOrganizations = indicator === organizationsResource;
          if (!resource && !isOrganizations) throw new errors.InvalidTarget();
          const organizationId = requestedOrganization(ctx);
          const audience = organizationId && organizationAudience(organizationId);
          return {
            scope: scopesFor(ctx, client.clientId, indicator, organizationId).join(' '),
            audience: isOrganizations && audience ? audience : indicator,
            accessTokenTTL: resource?.accessTokenTtl,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: signingAlgorithm } },
          };
        },
        useGrantedResource: isOrganizationTokenRequest,
        defaultResource: (ctx, _client, granted) => {
          if (isOrganizationTokenRequest(ctx)) return organizationsResource;
          if (ctx.oidc.params?.grant_type === 'client_credentials') {
            throw new errors.InvalidTarget(
              'both `resource` and `organization_id` are not provided',
            );
          }
          return granted ? [...granted] : [];
        },
      },
    },
    interactions: {
      url: (_ctx, { params }) => {
        const registers =
          params.first_screen === 'register' || params.interaction_mode === 'signUp';
        const query = new URLSearchParams({ app_id: String(params.client_id) });
        return `/${registers ? 'register' : 'sign-in'}?${query}`;
      },
      policy: interactionPolicyOf(accounts),
    },
    // Logto doesn't ask for consent to its tenant's own applications. They get all the scopes that
    // they request and the person may have.
    loadExistingGrant: async ({ oidc }) => {
      const { client, account, session, resourceServers = {}, requestParamScopes } = oidc;
      if (!client || !account) return undefined;
      const { clientId } = client;
      const { accountId } = account;
      const { Grant } = oidc.provider;
      const grantId = session?.grantIdFor(clientId);
      const grant = (grantId && (await Grant.find(grantId))) || new Grant({ clientId, accountId });
      const requested = (/** @type {string[]} */ scopes) =>
        scopes.filter((scope) => requestParamScopes.has(scope));
      grant.addOIDCScope(requested(oidcScopes).join(' '));
      for (const [indicator, { scope }] of Object.entries(resourceServers)) {
        const granted = requested(scope.split(' '));
        if (granted.length > 0) grant.addResourceScope(indicator, granted.join(' '));
      }
      await grant.save();
      const person = accounts.find(accountId);
      if (person) await accounts.noteApplication(person, clientId);
      return grant;
    },
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
      assertOrganizationToken(tenant, ctx);
      return true;
    },
    clientBasedCORS: (_ctx, origin, client) =>
      (client.redirectUris ?? []).some((uri) => new URL(uri).origin === origin),
    extraTokenClaims: async (ctx, token) => {
      if (!token.aud) return undefined;
      const organizationId = requestedOrganization(ctx);
      const claims =
        token.kind === 'AccessToken' ? await customClaims(tenant, token, organizationId) : {};
      // A token for an API resource names the organization in a claim, others in the audience.
      return organizationId && token.aud !== organizationAudience(organizationId)
        ? { ...claims, organization_id: organizationId }
        : claims;
    },
    formats: {
      customizers: {
        // Without scopes, Logto's tokens of people have an empty scope. oidc-provider's have none.
        jwt: (_ctx, token, jwt) => {
          if (token.kind === 'AccessToken') jwt.payload.scope ??= '';
          return jwt;
        },
      },
    },
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
   * @param {string} clientId
   * @param {string} indicator
   * @param {string | undefined} organizationId
   */
  function scopesFor(ctx, clientId, indicator, organizationId) {
    if (ctx.oidc.params?.grant_type === 'client_credentials') {
      if (organizationId) throw accessDenied('app has not associated with the organization');
      return machineScopes(seed, clientId, indicator);
    }
    const userId = ctx.oidc.entities.Account?.accountId ?? ctx.oidc.session?.accountId;
    return userId ? personScopes(tenant, userId, indicator, organizationId) : [];
  }
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
 * The standard policy with two changes: nobody is asked for consent, and the session of a person who
 * is suspended or deleted leads to the sign-in page.
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
