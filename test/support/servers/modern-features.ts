/** What a server of 2026-07-28 can have beside tools that only answer, built with the SDK's v2. */
import { completable, inputRequired, type McpServer, ResourceTemplate } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { FORM, NOTES, SAMPLE, TONES, URL } from './features.ts';

const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;
const said = (value: unknown) => ({ content: [{ type: 'text' as const, text: JSON.stringify(value) }] });

const ENVELOPE = 'io.modelcontextprotocol/clientCapabilities';

/** Questions by the argument `what`. */
const QUESTIONS = {
  form: inputRequired.elicit(FORM),
  url: inputRequired.elicitUrl(URL),
  sampling: inputRequired.createMessage(SAMPLE),
  roots: inputRequired.listRoots(),
};

export function addModernFeatures(server: McpServer): void {
  server.registerTool(
    'ask',
    { inputSchema: z.object({ what: z.array(z.enum(['form', 'url', 'sampling', 'roots'])) }) },
    async ({ what }, { mcpReq }) =>
      mcpReq.inputResponses === undefined
        ? inputRequired({ inputRequests: Object.fromEntries(what.map((one) => [one, QUESTIONS[one]])) })
        : said(what.map((one) => mcpReq.inputResponses?.[one])),
  );
  server.registerTool(
    'log',
    { inputSchema: z.object({ levels: z.array(z.enum(LEVELS)) }) },
    async ({ levels }, { mcpReq }) => {
      for (const level of levels) await mcpReq.log(level, { level }, 'fixture');
      return said('logged');
    },
  );
  server.registerTool('abilities', { inputSchema: z.object({}) }, async (_none, { mcpReq }) =>
    said((mcpReq.envelope as Record<string, unknown> | undefined)?.[ENVELOPE]),
  );
  server.registerPrompt(
    'greet',
    {
      description: 'Greets.',
      argsSchema: z.object({
        name: z.string().describe('Of whom.'),
        tone: completable(z.string(), (begun) => TONES.filter((tone) => tone.startsWith(begun))).optional(),
      }),
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
