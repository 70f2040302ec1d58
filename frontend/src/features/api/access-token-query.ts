import { queryOptions, useQuery } from '@tanstack/react-query';
import { useAccessToken } from '../../kit';
import { decodeJwt, type DecodedJwt } from './jwt';

/** The content of the access token for the API. The SDK keeps the token itself. */
export const accessTokenQuery = (
  getAccessToken: ReturnType<typeof useAccessToken>,
  organizationId?: string,
) =>
  queryOptions({
    queryKey: ['access-token', organizationId ?? null],
    queryFn: async () => decodeJwt(await getAccessToken(organizationId)),
    // The SDK has the token in memory until it expires.
    staleTime: 0,
    refetchInterval: ({ state }) => millisecondsLeft(state.data),
  });

export function useDecodedAccessToken(organizationId?: string) {
  return useQuery(accessTokenQuery(useAccessToken(), organizationId));
}

const hour = 3_600_000;

function millisecondsLeft(token: DecodedJwt | undefined): number | false {
  const exp = token?.payload.exp;
  return typeof exp === 'number' ? Math.min(Math.max(exp * 1000 - Date.now(), 1000), hour) : false;
}
