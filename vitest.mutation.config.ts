import { defineConfig } from 'vitest/config';

/** `npm run mutation` says which of the tests a mutant meets: thousands of short runs, so modules are read once for all. */
export default defineConfig({
  test: {
    include: (process.env['MUTATION_TESTS'] ?? 'test/**/*.test.ts').split(' '),
    setupFiles: ['test/mutation/steady.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    isolate: false,
  },
});
