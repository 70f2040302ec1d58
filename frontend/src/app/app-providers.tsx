import type LogtoClient from '@logto/browser';
import { notifyManager } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import { Button } from '../components/button';
import { Loading } from '../components/loading';
import { Notice } from '../components/notice';
import { appName } from '../config/app-name';
import type { Env } from '../config/env';
import { EnvContext } from '../config/env-context';
import { kitConfig } from '../config/kit';
import { reportError } from '../config/report-error';
import { FeaturesContext, type Feature } from '../features/feature';
import { KitProvider, type Components } from '../kit';
import { features as allFeatures } from './features';

// Sooner than the next frame: what a person changes has to look changed at once.
notifyManager.setScheduler(queueMicrotask);

/** What the kit draws with. */
const components: Components = {
  Loading,
  Notice: ({ heading, text, level, tone, action, problem }) => (
    <Notice heading={heading} level={level} tone={tone}>
      {level === 1 && <title>{`${heading} · ${appName}`}</title>}
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

interface AppProvidersProps {
  env: Env;
  /** Tests bring their own. */
  features?: Feature[];
  /** Logto's client. Tests bring one that reaches nobody. */
  client?: LogtoClient;
  children: ReactNode;
}

/** Everything the application puts above its pages. */
export function AppProviders(props: AppProvidersProps) {
  const { env, features = allFeatures, children, ...rest } = props;
  const config = useMemo(
    () =>
      kitConfig(
        env,
        features.flatMap(({ scopes = [] }) => scopes),
      ),
    [env, features],
  );
  return (
    <EnvContext value={env}>
      <FeaturesContext value={features}>
        <KitProvider config={config} components={components} onError={reportError} {...rest}>
          {features.reduceRight(
            (below, { Provider }) => (Provider ? <Provider>{below}</Provider> : below),
            children,
          )}
        </KitProvider>
      </FeaturesContext>
    </EnvContext>
  );
}
