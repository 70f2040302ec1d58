import { Component, type ReactNode } from 'react';
import { Button } from '../components/button';
import { appName } from '../config/app-name';
import { Notice } from '../components/notice';

/** When a page's code throws, shows a message in its place and keeps the rest. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <Notice tone="error" heading="Something went wrong" level={1}>
        <title>{`Something went wrong · ${appName}`}</title>
        <p>This page has failed. Loading it again may help; you stay signed in.</p>
        <Button
          onClick={() => {
            window.location.reload();
          }}
        >
          Load again
        </Button>
      </Notice>
    );
  }
}
