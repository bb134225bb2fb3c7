/** The tools of the feature server. */

import type { ListKind } from '../../../src/domain/downstream.ts';
import { LOG_LEVELS } from '../../../src/domain/exchange.ts';
import type { JsonObject, JsonValue } from '../../../src/domain/json.ts';
import { type Asked, type Audience, type Call, Fault, record } from './call.ts';
import { type ChangedState, change, touch } from './changes.ts';

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  readonly outputSchema?: JsonObject;
  readonly _meta?: JsonObject;
  run(given: JsonObject, call: Call, audience: Audience): Promise<JsonObject>;
}

const object = (properties: JsonObject, required = Object.keys(properties)): JsonObject => ({
  type: 'object',
  properties,
  required,
});
const TEXT = { type: 'string' };
const text = (said: JsonValue): JsonObject => ({
  content: [{ type: 'text', text: typeof said === 'string' ? said : JSON.stringify(said) }],
});

export const form = (message: string): Asked => ({
  method: 'elicitation/create',
  params: { mode: 'form', message, requestedSchema: { type: 'object', properties: { answer: TEXT } } },
});
const roots: Asked = { method: 'roots/list', params: {} };

/** Ends a call of `begin` that is neither released nor cancelled yet, by its mark; true for the first who does it. */
const begun = new Map<string, (how: string) => void>();

function end(mark: string, how: string): boolean {
  begun.get(mark)?.(how);
  return begun.delete(mark);
}

async function begin(given: JsonObject, call: Call): Promise<JsonObject> {
  const mark = String(given['mark']);
  const ended = Promise.withResolvers<string>();
  begun.set(mark, ended.resolve);
  call.signal.addEventListener('abort', () => {
    if (end(mark, 'cancelled')) record('cancelled', { mark });
  });
  record('began', { mark });
  const steps = Number(given['steps'] ?? 0);
  for (let progress = 1; progress <= steps; progress++) {
    await call.progress({ progress, total: steps, message: `step ${progress}` });
  }
  return text(`${mark} was ${await ended.promise}`);
}

/** The pages that `gate` has told of. */
const told = new Set<string>();
/** Of revisions up to 2025-11-25. */
const URL_ELICITATION_REQUIRED = -32042;

const sampled = (prompt: JsonValue | undefined): Asked => ({
  method: 'sampling/createMessage',
  params: { messages: [{ role: 'user', content: { type: 'text', text: String(prompt) } }], maxTokens: 50 },
});

export const TOOLS: readonly Tool[] = [
  {
    name: 'echo',
    description: 'Says it again, and links to where it is kept.',
    inputSchema: object({ text: TEXT }),
    outputSchema: object({ text: TEXT, length: { type: 'integer' } }),
    run: async ({ text: said }) => ({
      content: [
        { type: 'text', text: String(said) },
        { type: 'resource_link', uri: 'cells://note/greeting', name: 'greeting', mimeType: 'text/plain' },
      ],
      structuredContent: { text: String(said), length: String(said).length },
    }),
  },
  {
    name: 'fail',
    description: 'Fails.',
    inputSchema: object({}),
    run: async () => ({ ...text('no such thing'), isError: true }),
  },
  {
    name: 'sing',
    description: 'Answers with sound and a picture.',
    inputSchema: object({}),
    run: async () => ({
      content: [
        { type: 'audio', data: 'UklGRg==', mimeType: 'audio/wav' },
        { type: 'image', data: 'iVBORw==', mimeType: 'image/png' },
      ],
    }),
  },
  {
    name: 'begin',
    description: 'Tells its steps, then lasts until it is released or cancelled.',
    inputSchema: object({ mark: TEXT, steps: { type: 'integer' } }, ['mark']),
    run: begin,
  },
  {
    name: 'release',
    description: 'Ends what began.',
    inputSchema: object({ mark: TEXT }),
    run: async ({ mark }) => text(end(String(mark), 'released') ? 'released' : 'there is none'),
  },
  {
    name: 'form',
    description: 'Asks a person to fill in a form.',
    inputSchema: object({ question: TEXT }),
    run: async ({ question }, call) => text(await call.ask({ only: form(String(question)) })),
  },
  {
    name: 'visit',
    description: 'Asks a person to open a page.',
    inputSchema: object({ url: TEXT }),
    run: async ({ url }, call) =>
      text(
        await call.ask({
          only: { method: 'elicitation/create', params: { mode: 'url', message: 'Please open it.', url: String(url) } },
        }),
      ),
  },
  {
    name: 'sample',
    description: 'Asks the model of the client.',
    inputSchema: object({ prompt: TEXT }),
    run: async ({ prompt }, call) => text(await call.ask({ only: sampled(prompt) })),
  },
  {
    name: 'roots',
    description: 'Asks where the client works.',
    inputSchema: object({}),
    run: async (_none, call) => text(await call.ask({ only: roots })),
  },
  {
    name: 'survey',
    description: 'Asks several things at once.',
    inputSchema: object({}),
    run: async (_none, call) => text(await call.ask({ first: form('one?'), where: roots, second: form('two?') })),
  },
  {
    name: 'twice',
    description: 'Asks one thing, then another.',
    inputSchema: object({}),
    run: async (_none, call) => {
      const first = await call.ask({ only: form('one?') });
      return text([first, await call.ask({ only: form('two?') })]);
    },
  },
  {
    name: 'gate',
    description: 'Is closed until a page was opened.',
    inputSchema: object({ url: TEXT }),
    run: async ({ url }) => {
      const page = String(url);
      if (told.has(page)) return text('open');
      told.add(page);
      throw new Fault(URL_ELICITATION_REQUIRED, 'Open the page first.', {
        elicitations: [{ mode: 'url', elicitationId: page, message: 'Please open it.', url: page }],
      });
    },
  },
  {
    name: 'logs',
    description: 'Logs at every level.',
    inputSchema: object({}),
    run: async (_none, call) => {
      for (const level of LOG_LEVELS) await call.log(level, `said at ${level}`);
      return text('logged');
    },
  },
  {
    name: 'change',
    description: 'Makes a list change, and says so.',
    inputSchema: object({ kind: TEXT }),
    run: async ({ kind }, _call, audience) => {
      await change(String(kind) as ListKind, audience);
      return text('changed');
    },
  },
  {
    name: 'touch',
    description: 'Changes a resource, and says so.',
    inputSchema: object({ uri: TEXT }),
    run: async ({ uri }, _call, audience) => {
      await touch(String(uri), audience);
      return text('touched');
    },
  },
  {
    name: 'board',
    description: 'Shows a board.',
    inputSchema: object({}),
    _meta: { ui: { resourceUri: 'ui://cells/board.html' } },
    run: async (_none, call) => {
      const { extensions = {} } = call.capabilities as { extensions?: JsonObject };
      return text({ shown: extensions['io.modelcontextprotocol/ui'] ?? null });
    },
  },
  {
    name: 'region',
    description: 'Says which region it was asked for, in the arguments and in the header.',
    inputSchema: object({ region: { type: 'string', 'x-mcp-header': 'Region' } }),
    run: async ({ region }, call) =>
      text({ argument: String(region), header: call.header('mcp-param-region') ?? null }),
  },
];

/** What `tools/list` shows now: a tool more for each change. */
export const toolsNow = (changed: ChangedState): readonly Tool[] => [
  ...TOOLS,
  ...Array.from({ length: changed.tools }, (_, at) => ({
    name: `added_${at + 1}`,
    description: 'Came later.',
    inputSchema: object({}),
    run: async () => text('late'),
  })),
];
