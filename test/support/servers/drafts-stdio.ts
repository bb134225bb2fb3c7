/**
 * A stdio server of drafts: one file each in the folder DRAFTS, which others may change at any time. A file that begins with
 * `{` is the whole result of reading it. What is sent is appended to the file SENT, a JSON text a line.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const { DRAFTS = '', SENT = '' } = process.env;
const reply = (message: unknown) =>
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...(message as object) })}\n`);
const text = (words: string, isError = false) => ({ content: [{ type: 'text', text: words }], isError });

const inputSchema = (more: object, required: readonly string[]) => ({
  type: 'object',
  properties: { draft_id: { type: 'string' }, ...more },
  required,
  additionalProperties: false,
});

const TOOLS = [
  { name: 'get_draft', description: 'Reads a draft.', inputSchema: inputSchema({}, ['draft_id']) },
  {
    name: 'send_draft',
    description: 'Sends a draft.',
    inputSchema: inputSchema({ to: { type: 'string' } }, []),
  },
];

type Given = Readonly<Record<string, unknown>>;
const pathOf = ({ draft_id }: Given): string => join(DRAFTS, String(draft_id));

const DEEDS: Readonly<Record<string, (given: Given) => unknown>> = {
  get_draft: (given) => {
    if (!existsSync(pathOf(given))) return text('there is no such draft', true);
    const draft = readFileSync(pathOf(given), 'utf8');
    return draft.startsWith('{') ? JSON.parse(draft) : text(draft);
  },
  send_draft: (given) => {
    const body = existsSync(pathOf(given)) ? readFileSync(pathOf(given), 'utf8') : '';
    appendFileSync(SENT, `${JSON.stringify({ ...given, body })}\n`);
    return text('sent');
  },
};

interface Asked {
  readonly id?: unknown;
  readonly method: string;
  readonly params?: { readonly name?: string; readonly arguments?: Given; readonly protocolVersion?: string };
}

const METHODS: Readonly<Record<string, (params: NonNullable<Asked['params']>) => unknown>> = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'drafts', version: '1' },
  }),
  'tools/list': () => ({ tools: TOOLS }),
  'tools/call': ({ name = '', arguments: given = {} }) => DEEDS[name]?.(given),
};

let rest = '';
process.stdin.setEncoding('utf8').on('data', (piece: string) => {
  const lines = `${rest}${piece}`.split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines.filter((one) => one !== '')) {
    const { id, method, params = {} } = JSON.parse(line) as Asked;
    if (id === undefined) continue;
    const answer = METHODS[method];
    reply(
      answer === undefined
        ? { id, error: { code: -32601, message: 'Method not found' } }
        : { id, result: answer(params) },
    );
  }
});
