import { defineConfig } from 'vitest/config';

/** `npm run mutation` says in which folder the tests are that a mutant meets. */
export default defineConfig({
  test: { include: ['**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
});
