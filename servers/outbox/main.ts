/**
 * outbox: an MCP server over stdio that drafts messages and delivers them into a local maildir.
 *
 *     node servers/outbox/main.ts FOLDER
 */
import { randomUUID } from 'node:crypto';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { type Outbox, openOutbox } from './outbox.ts';
import { createOutboxServer } from './outbox-server.ts';

/** `EX_USAGE` of sysexits.h. */
const USAGE = 64;

function outboxOf(given: readonly string[]): Outbox | string {
  const [folder] = given;
  if (folder === undefined || given.length !== 1 || folder === '' || folder.startsWith('-')) {
    return 'usage: node servers/outbox/main.ts FOLDER';
  }
  try {
    return openOutbox(folder, { now: Date.now, unique: randomUUID });
  } catch (error) {
    return `outbox: cannot use ${folder}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const outbox = outboxOf(process.argv.slice(2));
if (typeof outbox === 'string') {
  process.stderr.write(`${outbox}\n`);
  process.exitCode = USAGE;
} else {
  await createOutboxServer(outbox).connect(new StdioServerTransport());
}
