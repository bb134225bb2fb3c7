/** The tools of `outbox`, on the v1 SDK: revisions up to 2025-11-25. */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import { LONGEST_SUBJECT } from './message.ts';
import type { Answer, Outbox } from './outbox.ts';

const letter = {
  to: z.string().describe('Exactly one address, local@domain.'),
  subject: z.string().describe(`One line, at most ${LONGEST_SUBJECT} characters.`),
  body: z.string().describe('Plain text, at most 256 KiB.'),
};

const summary = { id: z.string(), status: z.enum(['draft', 'accepted', 'sent']), to: z.string(), subject: z.string() };

export function createOutboxServer(outbox: Outbox): McpServer {
  const server = new McpServer({ name: 'outbox', version: '1.0.0' });
  server.registerTool(
    'draft_message',
    {
      title: 'Draft a message',
      description: 'Keeps a message as a draft. Nothing is sent.',
      inputSchema: z.strictObject(letter),
      outputSchema: z.object({ draft_id: z.string() }),
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
    },
    (asked) => answered(() => outbox.draft(asked)),
  );
  server.registerTool(
    'send_message',
    {
      title: 'Send a message',
      description:
        'Delivers a message. It cannot be called back. The same request_id never delivers twice: repeat it when no answer came, choose a new one for a new message.',
      inputSchema: z.strictObject({
        request_id: z.string().min(1).max(200).describe('Names this one message, chosen by you.'),
        ...letter,
      }),
      outputSchema: z.object({
        request_id: z.string(),
        message_id: z.string(),
        file: z.string(),
        sent_at: z.string(),
        repeated: z.boolean().describe('True when an earlier call with this request_id sent it.'),
      }),
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
    },
    ({ request_id, ...asked }) => answered(() => outbox.send(request_id, asked)),
  );
  server.registerTool(
    'get_message',
    {
      title: 'Get a message',
      description: 'One draft or sent message.',
      inputSchema: z.strictObject({
        id: z.string().min(1).max(200).describe('A draft_id, or the request_id of a send.'),
      }),
      outputSchema: z.object({
        ...summary,
        body: z.string(),
        at: z.string(),
        message_id: z.string().optional(),
        file: z.string().optional(),
      }),
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    (asked) => answered(() => outbox.get(asked.id)),
  );
  server.registerTool(
    'list_messages',
    {
      title: 'List messages',
      description: 'Drafts and sent messages without their bodies, newest first, at most 200.',
      inputSchema: z.strictObject({}),
      outputSchema: z.object({ messages: z.array(z.object({ ...summary, at: z.string() })), total: z.int() }),
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    () => answered(() => ({ ok: true, value: outbox.list() })),
  );
  return server;
}

function answered<T extends object>(ask: () => Answer<T>): CallToolResult {
  const answer = attempted(ask);
  if (!answer.ok) return { content: [{ type: 'text', text: answer.error }], isError: true };
  return {
    content: [{ type: 'text', text: JSON.stringify(answer.value) }],
    structuredContent: answer.value as Record<string, unknown>,
  };
}

/** A disk that fails in the middle of a send leaves the caller in doubt; a repeat is safe, and the caller must know. */
function attempted<T>(ask: () => Answer<T>): Answer<T> {
  try {
    return ask();
  } catch (error) {
    process.stderr.write(`outbox: ${error instanceof Error ? error.message : String(error)}\n`);
    return {
      ok: false,
      error:
        'The outbox could not use its folder; whether it was done is not certain. ' +
        'A send may be repeated with the same request_id and content: it is never delivered twice.',
    };
  }
}
