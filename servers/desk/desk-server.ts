/** The tools of `desk`, for both eras of MCP as the SDK serves them. */
import { type CallToolResult, McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { Answer, Desk } from './desk.ts';

const caseId = z.string().min(1).max(40).describe('Such as c-1001.');
const orderId = z.string().min(1).max(40).describe('Such as o-501.');
const requestId = z
  .string()
  .min(1)
  .max(200)
  .describe('Names this one act, chosen by you; a repeat does nothing twice.');
const queue = z.enum(['billing', 'returns']);
const body = z.string().min(1).max(20_000);

const summary = { case_id: z.string(), queue, subject: z.string(), open: z.boolean() };
const done = { request_id: z.string(), case_id: z.string(), at: z.string(), repeated: z.boolean() };
const reply = z.object({ ...done, to: z.string(), body: z.string(), status: z.literal('sent') });

const reads = { readOnlyHint: true, openWorldHint: false };
const acts = { readOnlyHint: false, destructiveHint: true, idempotentHint: true };

export function createDeskServer(desk: Desk): McpServer {
  const server = new McpServer({ name: 'desk', version: '1.0.0' });
  server.registerTool(
    'search_cases',
    {
      description: 'Cases whose subject or message has a text.',
      inputSchema: z.strictObject({ queue: queue.optional(), text: z.string().max(200).default('') }),
      outputSchema: z.object({ cases: z.array(z.object(summary)) }),
      annotations: reads,
    },
    ({ queue: of, text }) => structured(desk.search(of, text)),
  );
  server.registerTool(
    'get_case',
    {
      description: 'One case, with what the customer wrote.',
      inputSchema: z.strictObject({ case_id: caseId }),
      outputSchema: z.object({
        ...summary,
        customer: z.string(),
        order_id: z.string(),
        paid: z.number(),
        message: z.string(),
      }),
      annotations: reads,
    },
    ({ case_id }) => structured(desk.get(case_id)),
  );
  server.registerTool(
    'check_fraud',
    {
      description: 'Whether anything is wrong with an order.',
      inputSchema: z.strictObject({ order_id: orderId }),
      outputSchema: z.object({ order_id: z.string(), result: z.enum(['clear', 'suspect']) }),
      annotations: reads,
    },
    ({ order_id }) => structured(desk.checkFraud(order_id)),
  );
  server.registerTool(
    'send_reply',
    {
      description: 'Sends one reply to somebody about a case.',
      inputSchema: z.strictObject({ request_id: requestId, case_id: caseId, to: z.email(), body }),
      outputSchema: reply,
      annotations: { ...acts, openWorldHint: true },
    },
    (asked) => structured(desk.send(asked)),
  );
  server.registerTool(
    'get_reply',
    {
      description: 'A reply that was sent, by its request_id.',
      inputSchema: z.strictObject({ request_id: requestId }),
      outputSchema: reply,
      annotations: reads,
    },
    ({ request_id }) => structured(desk.sent(request_id)),
  );
  server.registerTool(
    'refund_order',
    {
      description: 'Pays money back for the order of a case.',
      inputSchema: z.strictObject({
        request_id: requestId,
        case_id: caseId,
        order_id: orderId,
        amount: z.number().positive().max(10_000),
      }),
      outputSchema: z.object({ ...done, order_id: z.string(), amount: z.number(), status: z.literal('paid') }),
      annotations: { ...acts, openWorldHint: true },
    },
    (asked) => structured(desk.refund(asked)),
  );
  server.registerTool(
    'close_case',
    {
      description: 'Closes a case: no reply can be sent for it afterwards.',
      inputSchema: z.strictObject({ case_id: caseId }),
      outputSchema: z.object({ case_id: z.string(), open: z.literal(false) }),
      annotations: { ...acts, openWorldHint: false },
    },
    ({ case_id }) => structured(desk.close(case_id)),
  );
  return server;
}

function structured<T extends object>(answer: Answer<T>): CallToolResult {
  if (!answer.ok) return { content: [{ type: 'text', text: answer.error }], isError: true };
  return { content: [{ type: 'text', text: JSON.stringify(answer.value) }], structuredContent: { ...answer.value } };
}
