import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Abilities, NO_ABILITIES } from '../../src/domain/abilities.ts';
import type { Asked, Received, Round } from '../../src/domain/call.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { homeOf } from '../../src/home.ts';
import { environmentOf, temporaryFolder } from '../support/gateway.ts';
import { lineTo, type OpenPath, openPath, type Presented } from '../support/path.ts';
import { enrolPerson, type Person } from '../support/person.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';

const NAME = { message: 'Your name?', requestedSchema: { type: 'object', properties: { name: { type: 'string' } } } };
const elicit = { method: 'elicitation/create', params: NAME };
const sample = { method: 'sampling/createMessage', params: { messages: [], maxTokens: 10 } };
const roots = { method: 'roots/list' };
const named = (name: string) => ({ action: 'accept', content: { name } });

const ABLE: Abilities = { ...NO_ABILITIES, elicitation: ['form'], sampling: { tools: false }, roots: true };

const policyOf = (server: RecordingServer): string => `version: 1
profile: rounds
who: local
servers:
  asking: ${server.yaml.slice(0, -1)}, asks: { elicitation: [form], sampling: { max: 2, max_tokens: 100 }, roots: true } }
tools:
  asking.ask: { effect: write, charges: { notes: 1 } }
  asking.ask_first: { effect: write, approval: {} }
budgets: { session: { calls: 1000, notes: 1000 } }
`;

interface Bench extends OpenPath {
  readonly server: RecordingServer;
  readonly person: Person;
}

/** A path whose one server speaks this era. */
async function benchOf(era: 'legacy' | 'modern'): Promise<Bench> {
  const folder = temporaryFolder();
  const server = recordingServer(folder, 'asking-stdio.ts', {}, [era]);
  const person = await enrolPerson(homeOf(environmentOf(folder)));
  const path = await openPath(folder, policyOf(server));
  return {
    ...path,
    server,
    person,
    close: async () => {
      await path.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The questions of a round; fails where the call was not asked. */
function asked({ asked: reply, said }: Presented): Asked {
  if (reply === undefined) throw new Error(`nothing was asked, but: ${said}`);
  return reply;
}

const roundOf = ({ round: number, session, digest }: Asked, answers: JsonObject): Round => ({
  number,
  session,
  digest,
  answers,
});

describe.each(['legacy', 'modern'] as const)('a %s server that asks in the middle of a call', (era) => {
  let path: Bench;
  beforeAll(async () => {
    path = await benchOf(era);
  });
  afterAll(() => path.close());

  let salt = 0;
  const first = (rounds: unknown, as: Partial<Received> = {}) =>
    path.call('asking__ask', { rounds, salt: ++salt } as JsonObject, { abilities: ABLE, ...as });
  const again = (rounds: unknown, asking: Asked, answers: JsonObject, as: Partial<Received> = {}) =>
    path.call('asking__ask', { rounds, salt } as JsonObject, {
      abilities: ABLE,
      id: asking.id,
      round: roundOf(asking, answers),
      ...as,
    });
  const key = (reply: Asked, index = 0) => Object.keys(reply.questions)[index] ?? '';
  const charged = async () => (await path.session()).used['notes'] ?? 0;

  test('is one call with one id over all its rounds, charged once, and its server hears each answer once', async () => {
    const before = path.server.calls().length;
    const rounds = [[elicit], [elicit]];
    const one = asked(await first(rounds));
    const used = await charged();
    const two = asked(await again(rounds, one, { [key(one)]: named('Ada') }));
    expect([two.id, two.round, one.round]).toEqual([one.id, 2, 1]);
    const end = await again(rounds, two, { [key(two)]: named('Eve') });
    expect(end.said).toContain('Ada');
    expect(end.said).toContain('Eve');
    expect(await charged()).toBe(used);
    const entries = (await path.journal()).filter((entry) => entry.call === one.id);
    expect(entries.map((entry) => entry.kind)).toEqual(['intent', 'asked', 'answered', 'asked', 'answered', 'outcome']);
    expect(path.server.calls().length - before).toBe(era === 'legacy' ? 1 : 3);
  });

  test('may ask several things at once: all in one round, and the client answers some now, the rest later', async () => {
    const rounds = [[elicit, roots, sample]];
    const one = asked(await first(rounds));
    expect(Object.values(one.questions).map((question) => question.method)).toEqual([
      'elicitation/create',
      'roots/list',
      'sampling/createMessage',
    ]);
    const two = asked(await again(rounds, one, { [key(one, 1)]: { roots: [{ uri: 'file:///ada' }] }, stray: {} }));
    expect(Object.keys(two.questions)).toEqual([key(one), key(one, 2)]);
    const answer = { role: 'assistant', content: { type: 'text', text: 'hi' }, model: 'm' };
    const end = await again(rounds, two, { [key(one)]: named('Ada'), [key(one, 2)]: answer });
    for (const heard of ['file:///ada', 'Ada', 'assistant']) expect(end.said).toContain(heard);
    const entries = (await path.journal()).filter(({ call, kind }) => call === one.id && kind === 'answered');
    expect(entries.map(({ body }) => [body['method'], body['answer']]).toSorted()).toEqual([
      ['elicitation/create', 'accept'],
      ['roots/list', 'given'],
      ['sampling/createMessage', 'given'],
    ]);
    expect(JSON.stringify(entries)).not.toContain('Ada');
  });

  test('is named in what it asks, and an answer that is none is asked again, never handed on', async () => {
    const one = asked(await first([[elicit]]));
    expect(one.questions[key(one)]?.params).toMatchObject({
      message: 'asking asks: Your name?',
      _meta: { 'tollgate/server': 'asking' },
    });
    const two = asked(await again([[elicit]], one, { [key(one)]: { name: 'no action' } }));
    expect(two.questions[key(two)]?.method).toBe('elicitation/create');
    const end = await again([[elicit]], two, { [key(two)]: { action: 'decline' } });
    expect(end.said).toContain('decline');
    expect(end.said).not.toContain('no action');
  });

  test('shows a person every terminal escape and hidden character as one, in the message and in the form', async () => {
    const title = 'Na\u001b[2Jme\u202e';
    const requestedSchema = {
      type: 'object',
      title,
      properties: { name: { type: 'string', title, description: title } },
    };
    const rounds = [[{ ...elicit, params: { message: title, requestedSchema } }]];
    const one = asked(await first(rounds));
    const seen = 'Na⟨U+001B⟩[2Jme⟨U+202E⟩';
    const shown = { type: 'string', title: seen, description: seen };
    expect(one.questions[key(one)]?.params).toMatchObject({
      message: `asking asks: ${seen}`,
      requestedSchema: { type: 'object', title: seen, properties: { name: shown } },
    });
    await again(rounds, one, { [key(one)]: { action: 'decline' } });
  });

  test('a round that is sent twice is answered twice and heard once', async () => {
    const rounds = [[elicit], [elicit]];
    const one = asked(await first(rounds));
    const answers = { [key(one)]: named('Ada') };
    const two = asked(await again(rounds, one, answers));
    const repeated = asked(await again(rounds, one, answers));
    expect(repeated.round).toBe(two.round);
    const end = await again(rounds, two, { [key(two)]: named('Eve') });
    const late = await again(rounds, two, { [key(two)]: named('Mallory') });
    expect(late.refusal).toMatchObject({ reason: 'repeated', call: one.id });
    expect((await path.ledger.recorded(one.id))?.outcome).toEqual(end.outcome);
    expect(JSON.stringify(path.server.received())).not.toContain('Mallory');
  });

  test('answers for other arguments, another session or another principal are heard by nobody', async () => {
    const one = asked(await first([[elicit]]));
    const answers = { [key(one)]: named('Mallory') };
    const other = await again([[elicit], []], one, answers);
    const elsewhere = await again([[elicit]], one, answers, {
      route: { profile: undefined, session: undefined, folder: '/elsewhere' },
    });
    expect([other.refusal, elsewhere.refusal]).toEqual([{ reason: 'round_unknown' }, { reason: 'round_unknown' }]);
    const end = await again([[elicit]], one, { [key(one)]: named('Ada') });
    expect(end.said).toContain('Ada');
    expect(JSON.stringify(path.server.received())).not.toContain('Mallory');
  });

  test('what came of a call is told to no round with other arguments, and in no other session', async () => {
    const here: Partial<Received> = { route: { profile: undefined, session: undefined, folder: '/over' } };
    const one = asked(await first([[elicit]], here));
    await again([[elicit]], one, { [key(one)]: named('Ada') }, here);
    const other = await again([[elicit], []], one, {}, here);
    expect(other.refusal).toEqual({ reason: 'round_unknown' });
    await path.ledger.change(one.session, 'complete', 'ada', 'done', Date.now());
    const successor = await again([[elicit]], one, {}, here);
    expect(successor.refusal).toEqual({ reason: 'round_unknown' });
  });

  test('a client that cancels its round ends the call, honestly', async () => {
    const one = asked(await first([[elicit], [elicit]]));
    const leaving = new AbortController();
    leaving.abort();
    const end = await again([[elicit], [elicit]], one, {}, { line: lineTo(leaving.signal) });
    expect(['unknown', 'rpc_error']).toContain(end.outcome?.['outcome']);
    const late = await again([[elicit], [elicit]], one, { [key(one)]: named('Ada') });
    expect(late.refusal).toMatchObject({ reason: 'repeated', call: one.id });
  });

  test('is refused, and not put to the client, where it asks for more than the policy allows', async () => {
    const sessions = await path.ledger.sessions(Date.now());
    const used = sessions.find(({ session }) => session.folder === undefined)?.used['asked.asking.sampling'] ?? 0;
    const left = 2 - used;
    const answer = { role: 'assistant', content: { type: 'text', text: 'hi' }, model: 'm' };
    for (let count = 0; count < left; count++) {
      const one = asked(await first([[sample]]));
      await again([[sample]], one, { [key(one)]: answer });
    }
    const end = await first([[sample]]);
    expect(end.asked).toBeUndefined();
    expect(JSON.stringify(end.outcome)).toContain('2 of 2');
    const greedy = await first([[{ ...sample, params: { messages: [], maxTokens: 101 } }]]);
    expect(JSON.stringify(greedy.outcome)).toContain('100 tokens at most');
  });

  // Some models take less than one for as many as they like.
  test.each([0, -1, 0.5, 1e300])('asks for no sampling of %d tokens', async (maxTokens) => {
    const end = await first([[{ ...sample, params: { messages: [], maxTokens } }]]);
    expect(end.asked).toBeUndefined();
    expect(JSON.stringify(end.outcome)).toContain('100 tokens at most');
  });

  test('an approval stands for all rounds of its call, and for no other call', async () => {
    const given = { rounds: [[elicit]], salt: 'held' } as JsonObject;
    const held = await path.call('asking__ask_first', given, { abilities: ABLE });
    if (held.refusal?.reason !== 'held') throw new Error(`not held: ${held.said}`);
    await path.answer(path.person, held.refusal.hold.id, 'approve');
    const one = asked(await path.call('asking__ask_first', given, { abilities: ABLE }));
    const round = roundOf(one, { [key(one)]: named('Ada') });
    const end = await path.call('asking__ask_first', given, { abilities: ABLE, id: one.id, round });
    expect(end.said).toContain('Ada');
    const more = await path.call('asking__ask_first', given, { abilities: ABLE });
    expect(more.refusal).toMatchObject({ reason: 'repeated', call: one.id });
  });
});

test('a client that can be asked at once is asked on its line, and the call never leaves it waiting between rounds', async () => {
  const path = await benchOf('legacy');
  onTestFinished(() => path.close());
  const line = lineTo(new AbortController().signal, {
    ask: async () => ({ ok: true, result: named('Ada') }),
  });
  const end = await path.call('asking__ask', { rounds: [[elicit], [elicit]] } as JsonObject, { abilities: ABLE, line });
  expect(end.said.match(/Ada/g)).toHaveLength(2);
});

test('a session that is paused asks its client nothing more: what its server wants is refused, and on record', async () => {
  const path = await benchOf('legacy');
  onTestFinished(() => path.close());
  let put = 0;
  const line = lineTo(new AbortController().signal, {
    ask: async () => {
      put++;
      const { session } = await path.session();
      await path.ledger.change(session.id, 'pause', 'ada', 'wait', Date.now());
      return { ok: true, result: named('Ada') };
    },
  });
  const end = await path.call('asking__ask', { rounds: [[elicit], [elicit]] } as JsonObject, { abilities: ABLE, line });
  expect(put).toBe(1);
  expect(end.said).toContain('this session is paused');
  const entries = (await path.journal()).filter(({ kind }) => kind === 'asked');
  expect(entries.at(-1)?.body).toMatchObject({ answer: 'refused', why: 'this session is paused' });
});

test('when the gateway ends, a call between two rounds is settled, not left open', async () => {
  const path = await benchOf('legacy');
  const one = asked(await path.call('asking__ask', { rounds: [[elicit]] } as JsonObject, { abilities: ABLE }));
  const { session } = await path.session();
  await path.exchanges.close();
  const entries = (await path.ledger.journal(session.id)).filter((entry) => entry.call === one.id);
  expect(entries.at(-1)).toMatchObject({ kind: 'outcome', body: { outcome: 'unknown' } });
  await path.close();
});
