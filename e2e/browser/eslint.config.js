import js from '@eslint/js';
import globals from 'globals';

export default [
  js.configs.recommended,
  {
    // Functions given to a page's evaluate run in the browser.
    languageOptions: { globals: { ...globals.nodeBuiltin, ...globals.browser } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'object-shorthand': 'error',
    },
  },
];
