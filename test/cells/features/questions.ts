import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { Cell } from '../cell.ts';
import type { Put } from '../clients/client.ts';
import { type Feature, mark, said, textOf } from './feature.ts';

const accepted = (answer: string): JsonObject => ({ action: 'accept', content: { answer } });

/** How often the server heard this very answer. */
const heard = ({ seen }: Cell, answer: JsonObject): number =>
  seen('heard').filter((event) => isDeepStrictEqual(event['answer'], answer)).length;

/** Asked once, what was asked came whole, and the answer was heard once, whole. */
async function answersOnce(cell: Cell, put: Put, answer: JsonObject, ask: () => Promise<JsonObject>): Promise<void> {
  const before = heard(cell, answer);
  const asked = cell.client.person.answering(() => answer);
  expect(await ask()).toEqual({ only: answer });
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject(put);
  expect(heard(cell, answer) - before).toBe(1);
}

const formOf = (message: string): Put => ({
  method: 'elicitation/create',
  params: {
    message: expect.stringContaining(message) as unknown as string,
    requestedSchema: { type: 'object', properties: { answer: { type: 'string' } } },
  },
});

const firstText = (result: JsonObject, list: 'contents' | 'messages'): JsonObject => {
  const [first] = result[list] as unknown as readonly { readonly text?: string; readonly content?: { text: string } }[];
  return JSON.parse(first?.text ?? first?.content?.text ?? '') as JsonObject;
};

const PLACE = { roots: [{ uri: 'file:///work', name: 'work' }] };

export const questionFeatures: readonly Feature[] = [
  {
    name: 'elicitation by form: accepted',
    check: (cell) =>
      answersOnce(cell, formOf('How many?'), accepted(mark()), async () =>
        said(await cell.client.call(cell.named('form'), { question: 'How many?' })),
      ),
  },
  ...(['decline', 'cancel'] as const).map(
    (action): Feature => ({
      name: `elicitation by form: ${action === 'decline' ? 'declined' : 'cancelled'}`,
      check: (cell) =>
        answersOnce(cell, formOf('Really?'), { action }, async () =>
          said(await cell.client.call(cell.named('form'), { question: 'Really?' })),
        ),
    }),
  ),
  {
    name: 'elicitation by URL',
    check: (cell) => {
      const url = `https://example.com/${mark()}`;
      const put: Put = { method: 'elicitation/create', params: { mode: 'url', url } };
      return answersOnce(cell, put, { action: 'accept' }, async () =>
        said(await cell.client.call(cell.named('visit'), { url })),
      );
    },
  },
  {
    name: 'elicitation by URL: asked for by an error',
    only: { server: 'legacy', because: 'A modern server has no such error: it asks in its result.' },
    check: async (cell) => {
      const url = `https://example.com/${mark()}`;
      const asked = cell.client.person.answering(() => ({ action: 'accept' }));
      expect(textOf(await cell.client.call(cell.named('gate'), { url }))).toBe('open');
      expect(asked).toEqual([{ method: 'elicitation/create', params: expect.objectContaining({ mode: 'url', url }) }]);
    },
  },
  {
    name: 'sampling',
    check: (cell) => {
      const prompt = mark();
      const put: Put = {
        method: 'sampling/createMessage',
        params: { messages: [{ role: 'user', content: { type: 'text', text: prompt } }], maxTokens: 50 },
      };
      const answer = { model: 'm', role: 'assistant', content: { type: 'text', text: `It says ${prompt}` } };
      return answersOnce(cell, put, answer, async () => said(await cell.client.call(cell.named('sample'), { prompt })));
    },
  },
  {
    name: 'roots',
    check: (cell) =>
      answersOnce(cell, { method: 'roots/list', params: {} }, PLACE, async () =>
        said(await cell.client.call(cell.named('roots'), {})),
      ),
  },
  {
    name: 'several questions at once, each with its own answer',
    check: async (cell) => {
      const [one, two] = [accepted(mark()), accepted(mark())];
      const asked = cell.client.person.answering(({ method, params }) => {
        if (method === 'roots/list') return PLACE;
        return String(params['message']).includes('one?') ? one : two;
      });
      expect(said(await cell.client.call(cell.named('survey'), {}))).toEqual({ first: one, where: PLACE, second: two });
      expect(asked.map(({ method }) => method).sort()).toEqual([
        'elicitation/create',
        'elicitation/create',
        'roots/list',
      ]);
      expect([heard(cell, one), heard(cell, two)]).toEqual([1, 1]);
    },
  },
  {
    name: 'one question after another in one call',
    check: async (cell) => {
      const answers = [accepted(mark()), accepted(mark())];
      const asked = cell.client.person.answering(({ params }) => {
        const answer = answers[String(params['message']).includes('one?') ? 0 : 1];
        return answer ?? {};
      });
      expect(said(await cell.client.call(cell.named('twice'), {}))).toEqual(answers.map((only) => ({ only })));
      expect(asked.map(({ params }) => params['message'])).toEqual([
        expect.stringContaining('one?'),
        expect.stringContaining('two?'),
      ]);
      expect(answers.map((answer) => heard(cell, answer))).toEqual([1, 1]);
    },
  },
  {
    name: 'two calls that ask at the same time: no answer reaches the other',
    check: async (cell) => {
      const marks = [mark(), mark()];
      const asked = cell.client.person.answering(({ params }) => {
        return accepted(marks.find((one) => String(params['message']).includes(`${one}?`)) ?? 'nobody');
      });
      const calls = marks.map((one) => cell.client.call(cell.named('form'), { question: `${one}?` }));
      expect((await Promise.all(calls)).map(said)).toEqual(marks.map((one) => ({ only: accepted(one) })));
      expect(asked).toHaveLength(2);
    },
  },
  {
    name: 'a question while a prompt is made',
    check: (cell) =>
      answersOnce(cell, formOf('Who are you?'), accepted(mark()), async () =>
        firstText(await cell.client.prompt(cell.named('interview'), {}), 'messages'),
      ),
  },
  {
    name: 'a question while a resource is read',
    check: (cell) =>
      answersOnce(cell, formOf('May it be read?'), accepted(mark()), async () =>
        firstText(await cell.client.read('cells://asks'), 'contents'),
      ),
  },
];
