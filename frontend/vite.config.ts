// How the browser's part is built: everything into dist/, nothing inlined, so that a strict content policy holds.
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const backend = process.env.NIGHTDESK_URL ?? 'http://127.0.0.1:8700'
const proxied = { target: backend, ws: true }

export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: {
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: { host: '127.0.0.1', proxy: { '/api': proxied, '/auth': proxied, '/realtime': proxied } },
  test: {
    restoreMocks: true,
    // Whoever waits longer on a busy machine is slow, not wrong.
    testTimeout: 60_000,
    env: { TZ: 'UTC' },
    // A document is slow to make, and the rules need none.
    projects: [
      { extends: true, test: { name: 'rules', environment: 'node', include: ['src/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'components',
          environment: 'jsdom',
          include: ['src/**/*.test.tsx'],
          setupFiles: ['src/testing/setup.ts'],
        },
      },
    ],
  },
})
