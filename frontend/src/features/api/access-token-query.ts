import { queryOptions, useQuery } from '@tanstack/react-query';
import { useAccessToken } from './use-access-token';
import { decodeJwt } from './jwt';

/** What is in the access token that the API gets. The token itself stays with the SDK. */
export const accessTokenQuery = (getAccessToken: () => Promise<string>, organizationId?: string) =>
  queryOptions({
    queryKey: ['access-token', organizationId ?? 'mine'],
    queryFn: async () => decodeJwt(await getAccessToken()),
    // The SDK answers from memory until the token expires.
    staleTime: 0,
  });

export function useDecodedAccessToken(organizationId?: string) {
  return useQuery(accessTokenQuery(useAccessToken(organizationId), organizationId));
}
