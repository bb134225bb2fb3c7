#!/usr/bin/env node
// Plain JavaScript, so that an older Node gets as far as saying what is wrong.
import * as modules from 'node:module';
import { join } from 'node:path';

const [major] = process.versions.node.split('.');
if (Number(major) < 24) {
  process.stderr.write(
    `tollgate: needs Node 24 or newer, and this is ${process.version}: run it through npm (npx tollgate), which uses the Node installed with it\n`,
  );
  process.exit(69);
}
// What was compiled once is kept beside the packages: whoever may write there may change this code anyway. Where nobody
// may, it is compiled each time. The environment hands the place on to the threads.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '../../node_modules/.cache/tollgate');
modules.enableCompileCache();
const { main } = await import('./main.ts');
await main(process.argv);
