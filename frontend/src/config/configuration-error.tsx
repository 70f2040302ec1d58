import { Notice } from '../components/notice';
import { appName } from './app-name';
import { whereToSet, type EnvProblem } from './env';

/** Stands in for the whole application when it can't start for want of settings. */
export function ConfigurationError({ problems }: { problems: EnvProblem[] }) {
  return (
    <main className="standalone">
      <title>{`Not configured · ${appName}`}</title>
      <Notice tone="error" heading="The frontend is not configured" level={1}>
        <ul>
          {problems.map(({ variable, reason }) => (
            <li key={variable}>
              <code>{variable}</code> {reason}
            </li>
          ))}
        </ul>
        <p>{whereToSet}</p>
      </Notice>
    </main>
  );
}
