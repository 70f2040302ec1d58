import * as z from 'zod/mini';

/** The settings the application runs with, read from the `.env` files when Vite builds it. */
export interface Env {
  /** Logto endpoint, without `/oidc` and without a trailing slash. */
  logtoEndpoint: string;
  /** App ID of the single-page application in Logto. */
  logtoAppId: string;
  /** API resource indicator: the audience of the access tokens. Compared literally, so kept as is. */
  apiResource: string;
  /** Base URL of the Encore application, without a trailing slash. */
  apiUrl: string;
  /** Where Logto keeps uploaded avatars. Without it nobody's picture is shown. */
  avatarOrigin: string | undefined;
}

/** A variable that is missing or unusable, and why. */
export interface EnvProblem {
  variable: string;
  reason: string;
}

export type ParsedEnv = { ok: true; env: Env } | { ok: false; problems: EnvProblem[] };

const required = z.string('is missing').check(z.trim(), z.minLength(1, 'is missing'));

const httpUrl = required.check(
  z.refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), {
    error: 'must be a URL that starts with http:// or https://',
  }),
);

const withoutTrailingSlash = (value: string) => value.replace(/\/+$/, '');

const origin = z.pipe(
  z.string().check(
    z.refine((value) => value === '' || isOrigin(value), {
      error: 'must be http:// or https:// and a host, without a path',
    }),
  ),
  z.transform((value) => (value === '' ? undefined : new URL(value).origin)),
);

function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
}

const schema = z.object({
  VITE_LOGTO_ENDPOINT: z.pipe(
    httpUrl.check(
      z.refine((value) => !/\/oidc\/?$/.test(value), {
        error: 'must not end with /oidc: the SDK adds it',
      }),
    ),
    z.transform(withoutTrailingSlash),
  ),
  VITE_LOGTO_APP_ID: required,
  VITE_API_RESOURCE: required.check(
    z.refine((value) => URL.canParse(value), { error: 'must be an absolute URI' }),
  ),
  VITE_API_URL: z.pipe(httpUrl, z.transform(withoutTrailingSlash)),
  VITE_AVATAR_ORIGIN: z.optional(origin),
});

/** Where a person sets the variables: the sentence that ends every report of a problem. */
export const whereToSet =
  'Set it in frontend/.env.local, or in frontend/.env.production for production builds, and start again.';

/** Validates the variables. Reports every problem at once, one per variable. */
export function parseEnv(variables: Record<string, unknown>): ParsedEnv {
  const result = schema.safeParse(variables);
  if (!result.success) {
    const reasons = new Map<string, string>();
    for (const issue of result.error.issues) {
      const variable = String(issue.path[0]);
      if (!reasons.has(variable)) reasons.set(variable, issue.message);
    }
    return {
      ok: false,
      problems: Array.from(reasons, ([variable, reason]) => ({ variable, reason })),
    };
  }
  const { data } = result;
  return {
    ok: true,
    env: {
      logtoEndpoint: data.VITE_LOGTO_ENDPOINT,
      logtoAppId: data.VITE_LOGTO_APP_ID,
      apiResource: data.VITE_API_RESOURCE,
      apiUrl: data.VITE_API_URL,
      avatarOrigin: data.VITE_AVATAR_ORIGIN,
    },
  };
}

/** The problems as text, for the terminal. */
export function describeProblems(problems: EnvProblem[]): string {
  const lines = problems.map(({ variable, reason }) => `  ${variable} ${reason}`);
  return ['The frontend is not configured:', ...lines, whereToSet].join('\n');
}
