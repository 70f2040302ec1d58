import type { RootOptions } from 'react-dom/client';

type ErrorService = (error: unknown, componentStack?: string) => void;

let service: ErrorService | undefined;

/** Has every unexpected error sent to an error service, too. For the start of the application. */
export function sendErrorsTo(errorService: ErrorService | undefined): void {
  service = errorService;
}

/**
 * Where every error arrives that nobody expects: of components, of answers, of anything that nobody
 * catches. The console shows it with its cause. Outages and refusals are expected, and aren't told.
 */
export function reportError(error: unknown, componentStack?: string): void {
  console.error(error);
  service?.(error, componentStack);
}

/** For React's root: the errors of components. */
export const rootOptions: RootOptions = {
  onCaughtError: (error, { componentStack }) => {
    reportError(error, componentStack);
  },
  onUncaughtError: (error, { componentStack }) => {
    reportError(error, componentStack);
  },
  onRecoverableError: (error, { componentStack }) => {
    reportError(error, componentStack);
  },
};

/** Sends what nobody catches. The browser itself writes that into the console. */
export function watchUncaughtErrors(): void {
  window.addEventListener('error', ({ error }) => service?.(error));
  window.addEventListener('unhandledrejection', ({ reason }) => service?.(reason));
}
