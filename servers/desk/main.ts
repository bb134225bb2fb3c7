/**
 * desk: an MCP server over stdio, a small support desk: cases to read, replies to draft and send, refunds to pay.
 *
 *     node servers/desk/main.ts FOLDER
 */
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { type Desk, openDesk } from './desk.ts';
import { createDeskServer } from './desk-server.ts';

/** `EX_USAGE` of sysexits.h. */
const USAGE = 64;

function deskOf(given: readonly string[]): Desk | string {
  const [folder] = given;
  if (folder === undefined || given.length !== 1 || folder === '' || folder.startsWith('-')) {
    return 'usage: node servers/desk/main.ts FOLDER';
  }
  try {
    return openDesk(folder, Date.now);
  } catch (error) {
    return `desk: cannot use ${folder}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const desk = deskOf(process.argv.slice(2));
if (typeof desk === 'string') {
  process.stderr.write(`${desk}\n`);
  process.exitCode = USAGE;
} else {
  serveStdio(() => createDeskServer(desk), {
    onerror: (error) => process.stderr.write(`desk: ${error.message}\n`),
  });
}
