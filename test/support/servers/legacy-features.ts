/** What a server of 2025-11-25 can have beside tools that only answer, built with the SDK's v1. */
import { completable } from '@modelcontextprotocol/sdk/server/completable.js';
import { type McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  CreateMessageResultSchema,
  ElicitResultSchema,
  ListRootsResultSchema,
  type ServerRequest,
  SetLevelRequestSchema,
  UrlElicitationRequiredError,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { FORM, NOTES, SAMPLE, TONES, URL } from './features.ts';

const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;
const said = (value: unknown) => ({ content: [{ type: 'text' as const, text: JSON.stringify(value) }] });

/** Questions by the argument `what`. */
const QUESTIONS: Record<string, { request: ServerRequest; answer: z.ZodType }> = {
  form: { request: { method: 'elicitation/create', params: { mode: 'form', ...FORM } }, answer: ElicitResultSchema },
  url: {
    request: { method: 'elicitation/create', params: { mode: 'url', ...URL, elicitationId: 'e1' } },
    answer: ElicitResultSchema,
  },
  sampling: { request: { method: 'sampling/createMessage', params: SAMPLE }, answer: CreateMessageResultSchema },
  tools: {
    request: { method: 'sampling/createMessage', params: { ...SAMPLE, tools: [] } },
    answer: CreateMessageResultSchema,
  },
  roots: { request: { method: 'roots/list' }, answer: ListRootsResultSchema },
};

export function addLegacyFeatures(server: McpServer): void {
  const levels: string[] = [];
  let refusals = 0;
  server.server.setRequestHandler(SetLevelRequestSchema, ({ params }) => {
    levels.push(params.level);
    return {};
  });
  server.registerTool('ask', { inputSchema: { what: z.array(z.string()) } }, async ({ what }, extra) => {
    const answers = what.map(async (one) => {
      const question = QUESTIONS[one];
      if (question === undefined) return undefined;
      return extra
        .sendRequest(question.request, question.answer)
        .catch((fault: { code: number; message: string }) => ({ code: fault.code, message: fault.message }));
    });
    return said(await Promise.all(answers));
  });
  server.registerTool('log', { inputSchema: { levels: z.array(z.enum(LEVELS)) } }, async ({ levels: some }, extra) => {
    for (const level of some) {
      await extra.sendNotification({
        method: 'notifications/message',
        params: { level, logger: 'fixture', data: { level } },
      });
    }
    return said(levels);
  });
  server.registerTool('abilities', { inputSchema: {} }, async () => said(server.server.getClientCapabilities()));
  server.registerTool('authorize', { inputSchema: { times: z.number() } }, async ({ times }) => {
    if (refusals++ < times) throw new UrlElicitationRequiredError([{ mode: 'url', ...URL, elicitationId: 'e1' }]);
    return said('authorized');
  });
  server.registerPrompt(
    'greet',
    {
      description: 'Greets.',
      argsSchema: { name: z.string().describe('Of whom.'), tone: completable(z.string().optional(), completeTone) },
    },
    ({ name, tone }) => ({
      messages: [{ role: 'user', content: { type: 'text', text: `Greet ${name}, ${tone ?? 'somehow'}.` } }],
    }),
  );
  server.registerResource('one', 'note://one', { description: 'The first.' }, async ({ href }) => ({
    contents: [{ uri: href, text: NOTES.one }],
  }));
  const template = new ResourceTemplate('note://{id}', {
    list: undefined,
    complete: { id: (begun) => Object.keys(NOTES).filter((id) => id.startsWith(begun)) },
  });
  server.registerResource('note', template, {}, async ({ href }, { id }) => ({
    contents: [{ uri: href, text: NOTES[id as keyof typeof NOTES] }],
  }));
}

const completeTone = (begun: string | undefined): string[] => TONES.filter((tone) => tone.startsWith(begun ?? ''));
