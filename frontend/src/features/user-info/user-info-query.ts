import type LogtoClient from '@logto/browser';
import type { UserInfoResponse } from '@logto/browser';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { ApiError, useLogtoRequest } from '../../kit';

const userInfoQuery = (request: ReturnType<typeof useLogtoRequest>) =>
  queryOptions({ queryKey: ['user-info'], queryFn: () => request(fetchUserInfo) });

export function useUserInfo() {
  return useQuery(userInfoQuery(useLogtoRequest()));
}

/** A token that is refused before its time was revoked: asking for another tells whether the session was, too. */
async function fetchUserInfo(client: LogtoClient): Promise<UserInfoResponse> {
  try {
    return await client.fetchUserInfo();
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401)) throw error;
    await client.clearAccessToken();
    return client.fetchUserInfo();
  }
}
