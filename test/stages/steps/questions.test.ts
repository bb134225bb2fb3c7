import { describe, expect, test } from 'vitest';
import { type Abilities, type Asks, NO_ABILITIES } from '../../../src/domain/abilities.ts';
import type { Committed } from '../../../src/domain/call.ts';
import type { Answer, Question } from '../../../src/domain/exchange.ts';
import { digestOf } from '../../../src/domain/json.ts';
import { answerQuestion } from '../../../src/stages/answer-question.ts';
import { intentOf } from '../../contract/ledger-bench.ts';
import { lineTo } from '../../support/path.ts';
import { AT, desks, passed } from './desk.ts';

const desk = desks();

const FORM: Question = {
  key: 'q1',
  method: 'elicitation/create',
  params: { message: 'Which?', requestedSchema: { type: 'object', properties: { n: { type: 'number' } } } },
};
const SAMPLE: Question = {
  key: 'q1',
  method: 'sampling/createMessage',
  params: { messages: [{ role: 'user', content: { type: 'text', text: 'Think.' } }], maxTokens: 5 },
};
const ROOTS: Question = { key: 'q1', method: 'roots/list', params: {} };
const ABLE: Abilities = { elicitation: ['form'], sampling: { tools: false }, roots: true, ui: undefined };
const ASKS: Asks = { elicitation: ['form'], sampling: { max: 1, maxTokens: 9 }, roots: true };
const ACCEPTED: Answer = { ok: true, result: { action: 'accept', content: { n: 1 } } };
const SAMPLED = {
  ok: true,
  result: { role: 'assistant', model: 'm', content: { type: 'text', text: 'Thought.' } },
} as const satisfies Answer;

interface Setting {
  readonly more?: string;
  readonly asks?: Asks | undefined;
  readonly abilities?: Abilities;
  /** What the client does. */
  readonly client?: (call: Committed) => Promise<Answer>;
}

async function asking(setting: Setting = {}) {
  const { more = '', abilities = ABLE, client = async () => ACCEPTED } = setting;
  const asks = 'asks' in setting ? setting.asks : ASKS;
  const one = await desk('{ effect: write, labels: [private] }', more);
  const call = passed(await one.through(await one.resolved()));
  const put: Question[] = [];
  const line = lineTo(new AbortController().signal, {
    ask: (question) => {
      put.push(question);
      return client(made);
    },
  });
  const made: Committed = {
    ...call,
    abilities,
    line,
    profile: { ...call.profile, asks: new Map(asks === undefined ? [] : [['crm', asks]]) },
  };
  const ask = answerQuestion(one.ledger, () => AT);
  const journal = async () =>
    (await one.ledger.journal(call.session.id))
      .filter(({ kind }) => kind === 'asked' || kind === 'answered')
      .map(({ kind, call: of, body }) => ({ kind, call: of, ...body }));
  return { ...one, call: made, put, journal, ask: (question: Question) => ask(made, question) };
}
const refusedWith = (message: string) => ({ ok: false, code: -32601, message });

describe('a question of a server', () => {
  test('that is allowed is put to the client, and its answer handed over; the journal has digests of both, not the words', async () => {
    const { ask, put, journal, call } = await asking();
    expect(await ask(FORM)).toEqual(ACCEPTED);
    expect(put).toMatchObject([{ method: 'elicitation/create', params: { message: 'crm asks: Which?' } }]);
    const about = { call: call.id, server: 'crm', method: 'elicitation/create' };
    expect(await journal()).toEqual([
      { kind: 'asked', ...about, digest: digestOf(FORM.params) },
      { kind: 'answered', ...about, answer: 'accept', digest: digestOf({ action: 'accept', content: { n: 1 } }) },
    ]);
  });

  test.each<[string, Setting, Question, string]>([
    ['the policy lets it ask nothing', { asks: undefined }, FORM, 'the policy allows crm to ask nothing of the client'],
    [
      'the policy does not let it ask this',
      { asks: { ...ASKS, elicitation: [] } },
      FORM,
      'the client may not be asked in form mode',
    ],
    ['the client cannot be asked', { abilities: NO_ABILITIES }, ROOTS, 'the client may not be asked for its roots'],
  ])('is refused where %s: nobody is asked, and it is on record', async (_, setting, question, why) => {
    const { ask, put, journal } = await asking(setting);
    expect(await ask(question)).toEqual(refusedWith(why));
    expect(put).toEqual([]);
    expect(await journal()).toMatchObject([
      { kind: 'asked', answer: 'refused', why, digest: digestOf(question.params) },
    ]);
  });

  test('is refused once its session is paused or over', async () => {
    const one = await asking();
    passed(await one.ledger.change(one.call.session.id, 'pause', 'grace', 'lunch', AT));
    expect(await one.ask(FORM)).toEqual(refusedWith('this session is paused'));
    passed(await one.ledger.change(one.call.session.id, 'complete', 'grace', 'done', AT));
    expect(await one.ask(FORM)).toEqual(refusedWith('this session is completed'));
    expect(one.put).toEqual([]);
    const { ledger, call } = await asking();
    const elsewhere = { ...call, session: { ...call.session, id: 's_none' } };
    await expect(answerQuestion(ledger, () => AT)(elsewhere, FORM)).rejects.toThrow();
  });

  test('for a completion is counted: no more than the policy says, in the whole session', async () => {
    const { ask, put, journal } = await asking({ client: async () => SAMPLED });
    expect(await ask(SAMPLE)).toEqual(SAMPLED);
    expect(await ask(SAMPLE)).toEqual(refusedWith('1 of 1 such questions were asked in this session'));
    expect(put).toHaveLength(1);
    expect((await journal()).map(({ kind, ...rest }) => [kind, 'answer' in rest ? rest.answer : undefined])).toEqual([
      ['asked', undefined],
      ['answered', 'given'],
      ['asked', 'refused'],
    ]);
    expect((await journal())[2]).toMatchObject({
      why: '1 were asked in this session',
      digest: digestOf(SAMPLE.params),
    });
  });

  test('that is no completion is not held to how many of those there may be', async () => {
    const roots: Answer = { ok: true, result: { roots: [] } };
    const { ask, journal } = await asking({ client: async () => roots });
    for (let n = 0; n < 3; n++) expect(await ask(ROOTS)).toEqual(roots);
    expect((await journal()).filter(({ kind }) => kind === 'answered')).toHaveLength(3);
  });
});

describe('an answer', () => {
  test('is told by what was done with a form; of what cannot be had, why', async () => {
    const answers: readonly (readonly [Answer, Question, object])[] = [
      [{ ok: true, result: { action: 'decline' } }, FORM, { answer: 'decline' }],
      [{ ok: false, code: 1, message: 'gone' }, FORM, { answer: 'none', why: 'gone' }],
      [SAMPLED, SAMPLE, { answer: 'given' }],
      [{ ok: true, result: { ...SAMPLED.result, action: 'Thought.' } }, SAMPLE, { answer: 'given' }],
    ];
    for (const [answer, question, told] of answers) {
      const { ask, journal } = await asking({ client: async () => answer });
      expect(await ask(question)).toEqual(answer);
      expect((await journal())[1]).toMatchObject(told);
      expect(JSON.stringify((await journal())[1])).not.toContain('Thought.');
    }
  });

  const FLOW = (then: string, more = '') =>
    `flows: [{ id: stays, when: { labels: [private], sends_to: external }, then: ${then}${more} }]\n`;
  const MAY_NOT_LEAVE = refusedWith('the policy lets this session send no answer to this server now');

  test.each(['hold', 'deny'])('that a flow would %s is not even asked for', async (then) => {
    const { ask, put, journal } = await asking({ more: FLOW(then) });
    expect(await ask(FORM)).toEqual(MAY_NOT_LEAVE);
    expect(put).toEqual([]);
    expect(await journal()).toMatchObject([
      {
        kind: 'asked',
        answer: 'refused',
        why: MAY_NOT_LEAVE.message,
        rules: ['flows.stays'],
        digest: digestOf(FORM.params),
      },
    ]);
  });

  test('stays here where the session touched meanwhile what a flow keeps in; that there is none is told', async () => {
    const flow = '{ id: stays, when: { labels: [untrusted], sends_to: external }, then: deny }';
    const more = `resources: [{ server: crm, uri: "crm://**" }]\nflows: [${flow}]\n`;
    const answered = async (answer: Answer) => {
      const one = await asking({
        more,
        client: async ({ session }) => {
          const labels = ['untrusted'];
          expect((await one.ledger.commit(intentOf(session.id, { call: `${session.id}-2`, labels }))).ok).toBe(true);
          return answer;
        },
      });
      return { said: await one.ask(FORM), journal: await one.journal() };
    };
    const kept = await answered(ACCEPTED);
    expect(kept.said).toEqual(MAY_NOT_LEAVE);
    expect(kept.journal[1]).toMatchObject({
      kind: 'answered',
      answer: 'refused',
      why: MAY_NOT_LEAVE.message,
      rules: ['flows.stays'],
    });
    const none: Answer = { ok: false, code: 1, message: 'gone' };
    expect((await answered(none)).said).toEqual(none);
  });

  test('is marked where a flow only observes', async () => {
    const { ask, journal } = await asking({ more: FLOW('deny', ', mode: observe') });
    expect(await ask(FORM)).toEqual(ACCEPTED);
    const observed = [{ rule: 'flows.stays', would: 'deny' }];
    expect(await journal()).toMatchObject([
      { kind: 'asked', observed },
      { kind: 'answered', answer: 'accept', observed },
    ]);
  });
});
