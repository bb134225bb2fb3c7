/**
 * A stdio server that says what it is told to in every way that a server can, in plain code: `legacy` (default) or
 * `modern`. Its own WORDS stand in the description of its tool, in its prompt, resource and completions. The tool `say` takes
 * `progress` and `log`, sent first, `question`, asked next, then for the end `error`, or `result`, or so many levels of `deep`.
 */
import { createInterface } from 'node:readline';

const isModern = process.argv.includes('modern');
const words = process.env['WORDS'] ?? 'nothing';

interface Said {
  readonly progress?: string;
  readonly log?: unknown;
  readonly question?: { readonly method: string; readonly params: unknown };
  readonly error?: unknown;
  readonly result?: object;
  readonly deep?: number;
}
interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: {
    readonly uri?: string;
    readonly arguments?: Said;
    readonly inputResponses?: unknown;
    readonly _meta?: { readonly progressToken?: unknown };
  };
}

const send = (message: object): void =>
  void process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const answer = (id: Message['id'], result: object): void =>
  send({ id, result: isModern ? { resultType: 'complete', ...result } : result });
const waiting = new Map<unknown, () => void>();

const CAPABILITIES = { tools: {}, prompts: {}, resources: {}, completions: {}, logging: {} };

function nested(levels: number): object {
  let inner: unknown = levels;
  for (let level = 2; level < levels; level++) inner = [inner];
  return levels === 0 ? { content: [] } : { content: [], structuredContent: { inner } };
}

function say({ id, params }: Message): void {
  const { progress, log, question, error, deep = 0, result = nested(deep) } = params?.arguments ?? {};
  const end = (): void => (error === undefined ? answer(id, result) : send({ id, error }));
  const isAnswered = params?.inputResponses !== undefined;
  if (progress !== undefined && !isAnswered) {
    const step = { progressToken: params?._meta?.progressToken, progress: 1, message: progress };
    send({ method: 'notifications/progress', params: step });
  }
  if (log !== undefined && !isAnswered) {
    send({ method: 'notifications/message', params: { level: 'info', logger: 'own', data: log } });
  }
  if (question === undefined || isAnswered) end();
  else if (isModern) send({ id, result: { resultType: 'input_required', inputRequests: { q: question } } });
  else {
    waiting.set('q', end);
    send({ id: 'q', ...question });
  }
}

const tool = { name: 'say', description: words, inputSchema: { type: 'object' } };
const methods: Readonly<Record<string, (message: Message) => void>> = {
  'server/discover': ({ id }) =>
    isModern
      ? answer(id, { supportedVersions: ['2026-07-28'], capabilities: CAPABILITIES })
      : send({ id, error: { code: -32601, message: 'Method not found' } }),
  initialize: ({ id }) =>
    answer(id, {
      protocolVersion: '2025-11-25',
      capabilities: CAPABILITIES,
      serverInfo: { name: 'saying', version: '1' },
    }),
  'logging/setLevel': ({ id }) => answer(id, {}),
  'tools/list': ({ id }) => answer(id, { tools: [tool] }),
  'prompts/list': ({ id }) => answer(id, { prompts: [{ name: 'talk', arguments: [{ name: 'topic' }] }] }),
  'resources/list': ({ id }) => answer(id, { resources: [{ uri: 'say://words', name: 'words' }] }),
  'resources/templates/list': ({ id }) => answer(id, { resourceTemplates: [] }),
  'prompts/get': ({ id }) => answer(id, { messages: [{ role: 'user', content: { type: 'text', text: words } }] }),
  'resources/read': ({ id, params }) => answer(id, { contents: [{ uri: params?.uri, text: words }] }),
  'completion/complete': ({ id }) => answer(id, { completion: { values: [words] } }),
  'tools/call': say,
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line) as Message;
  if (message.method === undefined) waiting.get(message.id)?.();
  else methods[message.method]?.(message);
});
