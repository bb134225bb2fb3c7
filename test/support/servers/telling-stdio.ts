/** A stdio server that tells of changes, of the era that its argument names. It writes its process id to the file named by PID. */
import { writeFileSync } from 'node:fs';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StdioServerTransport as ModernTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { tellingLegacy } from './telling-legacy.ts';
import { Listened, tellingModern } from './telling-modern.ts';

writeFileSync(process.env['PID'] ?? '/dev/null', String(process.pid));

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
