/** A stdio server that tells of changes, of the era that its argument names. */
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StdioServerTransport as ModernTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { tellingLegacy } from './telling-legacy.ts';
import { Listened, tellingModern } from './telling-modern.ts';

if (process.argv[2] === 'modern') {
  const listened = new Listened();
  const transport = new ModernTransport();
  let rest = '';
  process.stdin.on('data', (piece: Buffer) => {
    const lines = (rest + piece.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) listened.hear(JSON.parse(line));
  });
  serveStdio(
    () =>
      tellingModern(
        (told, server) => server.notification(told as Parameters<typeof server.notification>[0]),
        () => listened.uris,
      ),
    { legacy: 'reject', transport },
  );
} else {
  await tellingLegacy(new Set()).connect(new StdioServerTransport());
}
