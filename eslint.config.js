import js from '@eslint/js';
import globals from 'globals';

export default [
  { ignores: ['frontend/', '**/.data/'] },
  js.configs.recommended,
  {
    languageOptions: { globals: globals.nodeBuiltin },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'object-shorthand': 'error',
    },
  },
  {
    // A function given to a page's evaluate runs in the browser.
    files: ['e2e/browser/**'],
    languageOptions: { globals: globals.browser },
  },
];
