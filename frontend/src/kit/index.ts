export { useDecodedAccessToken } from './access-token-query';
export {
  ApiError,
  BusyError,
  isExpected,
  MissingScopeError,
  OutageError,
  textFor,
} from './api-error';
export { AuthProvider } from './auth-provider';
export { CallbackPage } from './callback-page';
export { displayName } from './display-name';
export { scopesOf } from './jwt';
export { QueryResult } from './query-result';
export { reportError, rootOptions, sendErrorsTo, watchUncaughtErrors } from './report-error';
export { RequireSession } from './require-session';
export { withJitter } from './retry-after';
export { useClaims, useSession } from './session-context';
export { SignInFailure } from './sign-in-notice';
export { SuspendedNotice } from './suspended-notice';
export { useAccessToken } from './use-access-token';
export { useApi, useApiFor, type Api, type Call } from './use-api';
export { useSignIn } from './use-sign-in';
export { useUserInfo } from './user-info-query';
