import js from '@eslint/js';
import globals from 'globals';

export default [
  { ignores: ['.data/', 'node_modules/'] },
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
];
