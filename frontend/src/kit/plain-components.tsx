import type { Components } from './kit-context';

/** Components without any style. */
export const plainComponents: Components = {
  Notice: ({ heading, text, level, tone, action, problem }) => (
    <div role={tone === 'error' ? 'alert' : 'status'}>
      {level === 1 ? <h1>{heading}</h1> : <h2>{heading}</h2>}
      <p>{text}</p>
      {action && (
        <button onClick={action.onClick} disabled={action.busy}>
          {action.text}
        </button>
      )}
      <p role="alert">{problem}</p>
    </div>
  ),
  Loading: ({ children }) => <p role="status">{children}</p>,
};
