import { queryOptions, useQuery } from '@tanstack/react-query';
import { useAccessToken } from '../../kit';
import { decodeJwt, type DecodedJwt } from './jwt';

/** What is in the access token that the API gets. The token itself stays with the SDK. */
export const accessTokenQuery = (
  getAccessToken: ReturnType<typeof useAccessToken>,
  organizationId?: string,
) =>
  queryOptions({
    queryKey: ['access-token', organizationId ?? null],
    queryFn: async () => decodeJwt(await getAccessToken(organizationId)),
    // The SDK answers from memory until the token expires, and then it is time for another.
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
