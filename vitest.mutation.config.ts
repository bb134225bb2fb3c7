import { defineConfig } from 'vitest/config';

/** `npm run mutation` says which of the tests a mutant meets: thousands of short runs, so modules are read once a run. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/mutation/steady.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    isolate: false,
  },
});
