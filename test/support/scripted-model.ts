/** A loopback stand-in of the Messages API: it plays a script, one turn a request, and keeps what it was asked. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { JsonObject } from '../../src/domain/json.ts';

/** What the model says next: words, which end its turn, or a call of a tool. */
export type Turn = { readonly says: string } | { readonly calls: string; readonly with: JsonObject };

interface Asked {
  readonly model: string;
  readonly tools?: readonly { readonly name: string; readonly description?: string }[];
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
}

/** What the model reads of a tool's answer. */
export interface ReadByModel {
  readonly isError: boolean;
  readonly text: string;
}

export interface ScriptedModel {
  /** What ANTHROPIC_BASE_URL is to say. */
  readonly url: string;
  /** The tools that the first request named. */
  tools(): readonly { readonly name: string; readonly description?: string }[];
  /** What the model was given for each call of its script so far, in their order. */
  answers(): readonly ReadByModel[];
  close(): Promise<void>;
}

export async function scriptedModel(script: readonly Turn[]): Promise<ScriptedModel> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    if (request.method === 'POST' && request.url?.split('?')[0] === '/v1/messages') void play(request, response);
    else refuse(response);
  });
  async function play(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await json(request)) as Asked;
    const turn = script[asked.length] ?? { says: 'The script is over.' };
    const number = asked.push(body);
    response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': `req_${number}` });
    for (const event of eventsOf(turn, body.model, number))
      response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    response.end();
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tools: () => asked[0]?.tools ?? [],
    answers: () => toolResultsIn(asked.at(-1)?.messages ?? []),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function refuse(response: ServerResponse): void {
  response.writeHead(404, { 'content-type': 'application/json' });
  response.end('{"type":"error","error":{"type":"not_found_error","message":"not in the script"}}');
}

type Event = JsonObject & { readonly type: string };

/** One turn as the API streams it: a message that is opened, one block of it, and why it ended. */
function eventsOf(turn: Turn, model: string, number: number): readonly Event[] {
  const [stop, block, delta]: [string, JsonObject, JsonObject] =
    'calls' in turn
      ? [
          'tool_use',
          { type: 'tool_use', id: `toolu_${number}`, name: turn.calls, input: {} },
          { type: 'input_json_delta', partial_json: JSON.stringify(turn.with) },
        ]
      : ['end_turn', { type: 'text', text: '' }, { type: 'text_delta', text: turn.says }];
  const message = { id: `msg_${number}`, type: 'message', role: 'assistant', model, content: [] };
  const usage = { input_tokens: 1, output_tokens: 1 };
  return [
    { type: 'message_start', message: { ...message, stop_reason: null, stop_sequence: null, usage } },
    { type: 'content_block_start', index: 0, content_block: block },
    { type: 'content_block_delta', index: 0, delta },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: stop, stop_sequence: null }, usage: { output_tokens: 1 } },
    { type: 'message_stop' },
  ];
}

interface Block {
  readonly type: string;
  readonly is_error?: boolean;
  readonly content?: string | readonly { readonly text?: string }[];
}

/** Every request carries the whole conversation. */
const toolResultsIn = (messages: Asked['messages']): readonly ReadByModel[] =>
  messages
    .flatMap(({ content }) => (Array.isArray(content) ? (content as readonly Block[]) : []))
    .filter((block) => block.type === 'tool_result')
    .map(({ is_error, content = '' }) => ({
      isError: is_error === true,
      text: typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('\n'),
    }));
