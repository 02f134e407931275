// What the compiler cannot say: which folder may import which, who may fetch, and that only pages export a default.
import boundaries from 'eslint-plugin-boundaries'
import hooks from 'eslint-plugin-react-hooks'
import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

const layer = (type) => ({ type, pattern: `src/${type}` })
const allow = (from, ...to) => ({
  from: { element: { type: from } },
  allow: { to: { element: { types: { anyOf: to } } } },
})

// Nothing but api/ talks to the network.
const fetching = ['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource'].map((name) => ({
  name,
  message: 'Only api/ fetches.',
}))

export default defineConfig(
  { ignores: ['dist', 'src/api/schema.d.ts'] },
  {
    files: ['src/**/*.{ts,tsx}'],
    extends: [
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
      hooks.configs.flat.recommended,
    ],
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { boundaries },
    settings: {
      'boundaries/elements': ['api', 'ui', 'components', 'pages', 'testing'].map(layer),
      'import/resolver': { node: { extensions: ['.ts', '.tsx', '.d.ts', '.css'] } },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/only-throw-error': [
        'error',
        { allow: [{ from: 'package', package: '@tanstack/router-core', name: 'Redirect' }] },
      ],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      'no-restricted-globals': ['error', ...fetching],
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies: [
            { allow: { to: { module: { origin: 'external' } } } },
            { allow: { to: { module: { origin: 'core' } } } },
            allow('api', 'api'),
            allow('ui', 'ui'),
            allow('components', 'api', 'ui', 'components', 'testing'),
            allow('pages', 'api', 'ui', 'components', 'pages', 'testing'),
            allow('testing', 'api', 'ui', 'testing'),
          ],
        },
      ],
    },
  },
  { files: ['src/api/**'], rules: { 'no-restricted-globals': 'off' } },
  {
    files: ['src/ui/**', 'src/components/**', 'src/pages/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: ['openapi-fetch', '@supabase/*'] }] },
  },
  { files: ['src/pages/**'], rules: { 'no-restricted-exports': 'off' } },
  // The composition root knows everybody.
  { files: ['src/*.{ts,tsx}'], rules: { 'boundaries/dependencies': 'off' } },
)
