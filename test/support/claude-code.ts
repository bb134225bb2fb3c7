/** Claude Code as people run it without a screen. It is not open source, so nobody is made to install it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { json, text } from 'node:stream/consumers';
import type { JsonObject } from '../../src/domain/json.ts';

/** Where it is: TOLLGATE_CLAUDE says, or PATH; undefined where it is not installed. */
export const CLAUDE: string | undefined = [
  process.env['TOLLGATE_CLAUDE'],
  ...(process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'claude')),
].find((file) => file !== undefined && isProgram(file));

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

export interface ClaudeRun {
  /** What it prompts the model with, is of no matter: the model plays a script. */
  readonly model: { readonly url: string };
  /** The MCP server, named `tollgate`, as its configuration file has it. */
  readonly server: JsonObject;
  /** Its own settings, hooks among them. */
  readonly settings?: JsonObject;
  /** A folder of its own: its home, configuration and working folder. A second run in it is the same user's, in the same place. */
  readonly folder: string;
}

/** How it ended: its own words, as `--output-format json` gives them. */
export interface ClaudeEnded {
  readonly code: number | null;
  readonly result: string;
  readonly errors: string;
}

/** Runs one prompt to its end, with every tool of the server allowed. */
export async function runClaude(claude: string, run: ClaudeRun): Promise<ClaudeEnded> {
  const { folder } = run;
  const work = join(folder, 'work');
  mkdirSync(work, { recursive: true });
  const [servers, settings] = ['mcp.json', 'settings.json'].map((name) => join(folder, name)) as [string, string];
  writeFileSync(servers, JSON.stringify({ mcpServers: { tollgate: run.server } }));
  writeFileSync(settings, JSON.stringify(run.settings ?? {}));
  const words = [
    ...['-p', 'Go.', '--output-format', 'json', '--settings', settings],
    ...['--mcp-config', servers, '--strict-mcp-config', '--allowedTools', 'mcp__tollgate'],
  ];
  const child = spawn(claude, words, {
    cwd: work,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      ANTHROPIC_BASE_URL: run.model.url,
      ANTHROPIC_API_KEY: 'no-key',
      // Every tool stands in the request, so that a test can read what the model sees.
      ENABLE_TOOL_SEARCH: 'false',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_ERROR_REPORTING: '1',
      IS_SANDBOX: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [ended, errors, [code]] = await Promise.all([json(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: code as number | null, result: String((ended as { result?: unknown }).result), errors };
}
