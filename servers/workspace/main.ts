/**
 * workspace: an MCP server over stdio that reads, lists and writes the files of one folder.
 *
 *     node servers/workspace/main.ts FOLDER
 */
import { randomUUID } from 'node:crypto';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { type Folder, openFolder } from './folder.ts';
import { createWorkspaceServer } from './workspace-server.ts';

/** `EX_USAGE` of sysexits.h. */
const USAGE = 64;

function folderOf(given: readonly string[]): Folder | string {
  const [path] = given;
  if (path === undefined || given.length !== 1 || path === '' || path.startsWith('-')) {
    return 'usage: node servers/workspace/main.ts FOLDER';
  }
  try {
    return openFolder(path, randomUUID);
  } catch (error) {
    return `workspace: cannot use ${path}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const folder = folderOf(process.argv.slice(2));
if (typeof folder === 'string') {
  process.stderr.write(`${folder}\n`);
  process.exitCode = USAGE;
} else {
  serveStdio(() => createWorkspaceServer(folder), {
    onerror: (error) => process.stderr.write(`workspace: ${error.message}\n`),
  });
}
