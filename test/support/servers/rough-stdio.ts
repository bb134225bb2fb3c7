/**
 * A stdio server that misbehaves on demand, in plain code, so that no SDK puts anything right. It writes every line that
 * it receives to the file named by RECORD. Arguments of the program: `legacy` (default) or `modern`; `silent-at-probe`,
 * `dies-at-probe`, `dies-at-start`, `bad-list`, `resources`, `logging`.
 */
import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

const flags = new Set(process.argv.slice(2));
const record = process.env['RECORD'];
const listFile = process.env['LIST'];
const send = (message: unknown) => process.stdout.write(`${JSON.stringify(message)}\n`);
const answer = (id: unknown, result: unknown) => send({ jsonrpc: '2.0', id, result });
const text = (words: string) => ({ content: [{ type: 'text', text: words }] });

if (flags.has('dies-at-start')) {
  process.stderr.write('first line\nthe database is not there\n');
  process.exit(3);
}

interface Asked {
  id?: unknown;
  method?: string;
  params?: { name?: string; uri?: string; arguments?: Record<string, unknown>; _meta?: { progressToken?: unknown } };
}

const tools = () => [
  {
    name: 'rough',
    description: listFile && existsSync(listFile) ? readFileSync(listFile, 'utf8') : 'Rough.',
    inputSchema: { type: 'object' },
  },
  { name: 'other', description: 'Another.', inputSchema: { type: 'object' } },
];

function ask(given: Record<string, unknown>, done: (heard: unknown) => void): void {
  const heard: unknown[] = [];
  const count = Number(given['count'] ?? 1);
  for (let at = 1; at <= count; at++) {
    pending.set(`q${at}`, (message) => {
      heard.push(message);
      if (heard.length === count) done(count === 1 ? message : heard);
    });
    send({ jsonrpc: '2.0', id: `q${at}`, method: given['method'], params: given['params'] ?? { message: 'May I?' } });
  }
}

/** By the argument `do`. */
const deeds: Record<string, (asked: Asked, given: Record<string, unknown>) => void> = {
  echo: ({ id }) => answer(id, text('ok')),
  hang: () => undefined,
  exit: () => {
    process.stderr.write('\u001b[31mout of paper\u001b[0m\n');
    process.exit(7);
  },
  garbage: ({ id }) => {
    process.stdout.write('loading...\n{"half":\n\n[]\n');
    answer(id, text('after the garbage'));
  },
  // Written by hand: to stringify it would fill the stack.
  deep: ({ id }, given) => {
    const nested = '['.repeat(Number(given['levels'])) + ']'.repeat(Number(given['levels']));
    const told =
      given['as'] === 'error'
        ? `"error":{"code":1,"message":"m","data":${nested}}`
        : `"result":{"content":[],"structuredContent":{"a":${nested}}}`;
    process.stdout.write(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},${told}}\n`);
  },
  batch: ({ id }, given) => {
    process.stdout.write(`${'['.repeat(Number(given['levels']))}${']'.repeat(Number(given['levels']))}\n`);
    answer(id, text('after the batch'));
  },
  // Lines as they are given, word for word.
  say: ({ id }, given) => {
    for (const line of given['lines'] as string[]) process.stdout.write(`${line}\n`);
    answer(id, text('said'));
  },
  long: () => void process.stdout.write('x'.repeat(17 * 1024 * 1024)),
  progress: ({ id, params }, given) => {
    for (const progress of given['steps'] as number[]) {
      const progressToken = params?._meta?.progressToken;
      send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress } });
    }
    send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 'not ours', progress: 99 } });
    answer(id, text('done'));
  },
  // So many questions at once; answers once all are answered, unless it is to hang.
  ask: ({ id }, given) =>
    ask(given, (heard) => given['afterwards'] !== 'hang' && answer(id, text(JSON.stringify(heard)))),
  // Two questions at any time, for ever: one waits whenever the other is answered.
  'ask-on': (_asked, given) => {
    let asked = 0;
    const next = (): void => {
      const id = `on${++asked}`;
      pending.set(id, next);
      send({ jsonrpc: '2.0', id, method: given['method'] });
    };
    next();
    next();
  },
  log: ({ id }, given) => {
    for (const params of given['entries'] as unknown[]) {
      for (let count = 0; count < Number(given['times'] ?? 1); count++) {
        send({ jsonrpc: '2.0', method: 'notifications/message', params });
      }
    }
    answer(id, text('logged'));
  },
  'url-required': ({ id }, given) => {
    send({ jsonrpc: '2.0', id, error: { code: -32042, message: 'Open a page first.', data: given['data'] } });
    if (given['exit']) process.exit(0);
  },
  error: ({ id }) => send({ jsonrpc: '2.0', id, error: { code: -32602, message: 'bad', data: { field: 'x' } } }),
  raw: ({ id }, given) => answer(id, given['result']),
  grandchild: ({ id }) => {
    const child = spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], {
      stdio: 'ignore',
    });
    answer(id, text(String(child.pid)));
  },
  pid: ({ id }) => answer(id, text(String(process.pid))),
  environment: ({ id }) => answer(id, text(JSON.stringify({ env: process.env, cwd: process.cwd() }))),
  'digest-of': ({ id }, given) => answer(id, text(hash('sha256', process.env[String(given['name'])] ?? 'none'))),
  // Into the operator's log in every way there is.
  blurt: ({ id }, given) => {
    const value = process.env[String(given['name'])];
    process.stderr.write(`connecting with ${value}\n`);
    process.stdout.write(`connecting with ${value}\n`);
    answer(id, text('blurted'));
  },
  'tell-change': ({ id }) => {
    if (!flags.has('modern') || subscribed) send({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
    answer(id, text('told'));
  },
};
const NOT_FOUND = { code: -32601, message: 'Method not found' };
/** A modern server tells changes only to who asked for them. */
let subscribed = false;
const pending = new Map<unknown, (message: unknown) => void>();

const methods: Record<string, (asked: Asked) => void> = {
  'server/discover': ({ id }) => {
    if (flags.has('silent-at-probe')) return;
    if (flags.has('dies-at-probe')) process.exit(1);
    if (flags.has('modern')) {
      answer(id, {
        resultType: 'complete',
        supportedVersions: ['2026-07-28'],
        capabilities: { tools: { listChanged: true } },
        ttlMs: 0,
        cacheScope: 'private',
      });
    } else send({ jsonrpc: '2.0', id, error: NOT_FOUND });
  },
  'subscriptions/listen': () => {
    subscribed = true;
  },
  initialize: ({ id }) =>
    answer(id, {
      protocolVersion: process.env['REVISION'] ?? '2025-11-25',
      capabilities: {
        tools: {},
        ...(flags.has('resources') && { resources: {} }),
        ...(flags.has('logging') && { logging: {} }),
      },
      serverInfo: { name: 'rough', version: '1' },
    }),
  'tools/list': ({ id }) => (flags.has('bad-list') ? answer(id, { tools: 'none' }) : answer(id, { tools: tools() })),
  // Never says whether it did.
  'logging/setLevel': () => undefined,
  'completion/complete': ({ id }) =>
    ask({ method: 'roots/list' }, (heard) => answer(id, { completion: { values: [JSON.stringify(heard)] } })),
  'resources/list': ({ id }) => answer(id, { resources: [{ uri: 'rough://one', name: 'one' }] }),
  'resources/read': ({ id, params }) =>
    send({ jsonrpc: '2.0', id, error: { code: -32002, message: 'not found', data: { uri: params?.uri } } }),
  'tools/call': (asked) => {
    const given = asked.params?.arguments ?? {};
    deeds[String(given['do'])]?.(asked, given);
  },
};

function hear(line: string): void {
  if (record !== undefined) appendFileSync(record, `${line}\n`);
  const message = JSON.parse(line) as Asked;
  if (message.method === undefined) pending.get(message.id)?.(message);
  else if (methods[message.method] !== undefined) methods[message.method]?.(message);
  else if (message.id !== undefined) send({ jsonrpc: '2.0', id: message.id, error: NOT_FOUND });
}

// Not node:readline, which takes U+2028 for the end of a line.
let rest = '';
process.stdin.setEncoding('utf8').on('data', (piece: string) => {
  const lines = (rest + piece).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) hear(line);
});
// Like many a real server, it does not care that its input has ended.
setInterval(() => undefined, 1000);
