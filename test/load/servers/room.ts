/**
 * A stdio server of 2026-07-28 whose working room is the folder it is given: `write` and `read` a file there, `environment`
 * says all that it was started with, `steps` tells its mark as progress, `hold` is for a policy that holds it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const folder = process.argv[2] ?? '';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: {
    readonly name?: string;
    readonly arguments?: { readonly mark?: string };
    readonly _meta?: { readonly progressToken?: string | number };
  };
}

const tools = ['write', 'read', 'environment', 'steps', 'hold'].map((name) => ({
  name,
  description: `Does ${name}.`,
  inputSchema: { type: 'object', properties: { mark: { type: 'string' } } },
}));

const say = (message: object): void => {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
};

const DEEDS: Readonly<Record<string, (mark: string, token: string | number | undefined) => string>> = {
  write: (mark) => {
    writeFileSync(join(folder, 'note.txt'), mark, { flag: 'a' });
    return 'written';
  },
  read: () =>
    readdirSync(folder)
      .map((name) => `${name}: ${readFileSync(join(folder, name), 'utf8')}`)
      .join('\n'),
  environment: () => JSON.stringify({ argv: process.argv, env: process.env, cwd: process.cwd() }),
  hold: () => 'done',
  steps: (mark, progressToken) => {
    if (progressToken !== undefined) {
      say({ method: 'notifications/progress', params: { progressToken, progress: 1, message: mark } });
    }
    return mark;
  },
};

function resultOf({ method, params }: Message): object | undefined {
  const shared = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
  if (method === 'server/discover') {
    return { ...shared, supportedVersions: ['2026-07-28'], capabilities: { tools: {} } };
  }
  if (method === 'tools/list') return { ...shared, tools };
  const deed = method === 'tools/call' ? DEEDS[params?.name ?? ''] : undefined;
  if (deed === undefined) return undefined;
  const text = deed(params?.arguments?.mark ?? '', params?._meta?.progressToken);
  return { resultType: 'complete', content: [{ type: 'text', text }] };
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line) as Message;
  if (message.id === undefined) return;
  const result = resultOf(message);
  say(
    result === undefined
      ? { id: message.id, error: { code: -32601, message: 'Method not found' } }
      : { id: message.id, result },
  );
});
