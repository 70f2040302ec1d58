import js from '@eslint/js';
import query from '@tanstack/eslint-plugin-query';
import imports from 'eslint-plugin-import';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const forbid = (group, message) => ({
  'no-restricted-imports': ['error', { patterns: [{ group, message }] }],
});

export default defineConfig(
  globalIgnores(['dist']),
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
      reactHooks.configs.flat['recommended-latest'],
      jsxA11y.flatConfigs.strict,
      query.configs['flat/recommended-strict'],
    ],
    plugins: { import: imports },
    settings: {
      'import/extensions': ['.ts', '.tsx'],
      'import/parsers': { '@typescript-eslint/parser': ['.ts', '.tsx'] },
      'import/resolver': { node: { extensions: ['.ts', '.tsx'] } },
    },
    rules: {
      'import/no-cycle': 'error',
      // `onClick={() => start('/')}` is what everybody writes.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
    languageOptions: { parserOptions: { projectService: true } },
  },
  {
    files: ['src/kit/**'],
    rules: forbid(
      ['../*'],
      'The kit is copied into other applications: it imports nothing of this.',
    ),
  },
  {
    files: ['src/**'],
    ignores: ['src/kit/**', 'src/kit-tests/**'],
    rules: forbid(['**/kit/*'], 'Import it from kit/index.ts.'),
  },
);
