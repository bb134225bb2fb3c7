/**
 * A stdio server that asks its client before it answers, in plain code: `legacy` (default) by requests of its own in the
 * middle of the call, `modern` by `input_required`. Writes every line that it receives to the file named by RECORD. The
 * tool `ask` takes `rounds`, a list of lists of questions; those of one list are asked at once. It answers with what it heard.
 */
import { appendFileSync } from 'node:fs';

const isModern = process.argv.includes('modern');
const record = process.env['RECORD'];

interface Question {
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
}
interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: unknown;
  readonly params?: {
    readonly name?: string;
    readonly arguments?: { readonly rounds?: readonly (readonly Question[])[] };
    readonly inputResponses?: Readonly<Record<string, unknown>>;
    readonly requestState?: string;
  };
}

const send = (message: unknown) =>
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...(message as object) })}\n`);
const said = (heard: unknown) => ({ content: [{ type: 'text', text: JSON.stringify(heard) }] });
const pending = new Map<unknown, (message: Message) => void>();
let asked = 0;

function put(question: Question): Promise<unknown> {
  const id = `q${++asked}`;
  send({ id, ...question });
  return new Promise((answered) => pending.set(id, ({ result, error }) => answered(result ?? { error })));
}

async function askInBetween({ id, params }: Message): Promise<void> {
  const heard: unknown[] = [];
  for (const questions of params?.arguments?.rounds ?? []) heard.push(await Promise.all(questions.map(put)));
  send({ id, result: said(heard) });
}

/** The state is what was heard so far; the keys of a round are k0, k1 and so on. */
function askInRounds({ id, params }: Message): void {
  const heard = JSON.parse(params?.requestState ?? '[]') as unknown[];
  if (params?.inputResponses !== undefined) heard.push(params.inputResponses);
  const questions = params?.arguments?.rounds?.[heard.length];
  if (questions === undefined) return void send({ id, result: { resultType: 'complete', ...said(heard) } });
  const inputRequests = Object.fromEntries(questions.map((question, index) => [`k${index}`, question]));
  send({ id, result: { resultType: 'input_required', inputRequests, requestState: JSON.stringify(heard) } });
}

const methods: Readonly<Record<string, (message: Message) => void>> = {
  'server/discover': ({ id }) =>
    isModern
      ? send({ id, result: { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: { tools: {} } } })
      : send({ id, error: { code: -32601, message: 'Method not found' } }),
  initialize: ({ id }) =>
    send({
      id,
      result: {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'asking', version: '1' },
      },
    }),
  'tools/list': ({ id }) =>
    send({
      id,
      result: {
        ...(isModern ? { resultType: 'complete' } : {}),
        tools: ['ask', 'ask_first'].map((name) => ({ name, description: 'Asks.', inputSchema: { type: 'object' } })),
      },
    }),
  'tools/call': (message) => (isModern ? askInRounds(message) : void askInBetween(message)),
};

let rest = '';
process.stdin.setEncoding('utf8').on('data', (piece: string) => {
  const lines = (rest + piece).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) {
    if (record !== undefined) appendFileSync(record, `${line}\n`);
    const message = JSON.parse(line) as Message;
    if (message.method === undefined) pending.get(message.id)?.(message);
    else methods[message.method]?.(message);
  }
});
