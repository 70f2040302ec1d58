import type LogtoClient from '@logto/browser';
import { notifyManager } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import { Button } from '../components/button';
import { Loading } from '../components/loading';
import { Notice } from '../components/notice';
import type { Env } from '../config/env';
import { EnvContext } from '../config/env-context';
import { kitConfig } from '../config/kit';
import { reportError } from '../config/report-error';
import { sendTodoChanges } from '../features/todos/todo-changes';
import { draftsKey } from '../features/unsaved/unsaved';
import { KitProvider, type Components, type SetUpQueries } from '../kit';
import { KeepUnsaved } from './keep-unsaved';

// Sooner than the next frame: what a person changes has to look changed at once.
notifyManager.setScheduler(queueMicrotask);

/** What the kit draws with. */
const components: Components = {
  Loading,
  Notice: ({ heading, text, level, tone, action, problem }) => (
    <Notice heading={heading} level={level} tone={tone}>
      {level === 1 && <title>{`${heading} · Encore with Logto`}</title>}
      <p>{text}</p>
      {action && (
        <Button
          variant={level === 1 ? 'primary' : 'quiet'}
          busy={action.busy ?? false}
          onClick={action.onClick}
        >
          {action.text}
        </Button>
      )}
      <p role="alert" className="problem">
        {problem}
      </p>
    </Notice>
  ),
};

const setUpQueries: SetUpQueries = (queryClient, apiFor) => {
  queryClient.setQueryDefaults(draftsKey, { gcTime: Infinity });
  // Here and not in the list, since changes are sent wherever the person goes.
  sendTodoChanges(queryClient, apiFor);
};

interface AppProvidersProps {
  env: Env;
  /** Logto's client. Tests bring one that reaches nobody. */
  client?: LogtoClient;
  children: ReactNode;
}

/** Everything the application puts above its pages. */
export function AppProviders({ env, children, ...rest }: AppProvidersProps) {
  const config = useMemo(() => kitConfig(env), [env]);
  return (
    <EnvContext value={env}>
      <KitProvider
        config={config}
        components={components}
        onError={reportError}
        setUpQueries={setUpQueries}
        {...rest}
      >
        <KeepUnsaved>{children}</KeepUnsaved>
      </KitProvider>
    </EnvContext>
  );
}
