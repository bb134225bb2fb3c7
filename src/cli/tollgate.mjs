#!/usr/bin/env node
// Plain JavaScript, so that an older Node gets as far as saying what is wrong.
const [major] = process.versions.node.split('.');
if (Number(major) < 24) {
  process.stderr.write(
    `tollgate: needs Node 24 or newer, and this is ${process.version}: run it through npm (npx tollgate), which uses the Node installed with it\n`,
  );
  process.exit(69);
}
const { main } = await import('./main.ts');
await main(process.argv);
