import { defineConfig } from 'vitest/config';

// As the program does for itself: threads and processes that tests start compile each file once.
process.env['NODE_COMPILE_CACHE'] ??= `${import.meta.dirname}/node_modules/.cache/tollgate`;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/canary-watch.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // A test opens many ledgers in one process, each with a thread: freed WebAssembly code can end such a process
    // (nodejs/node#64500). A gateway opens one.
    execArgv: ['--no-wasm-code-gc'],
  },
});
