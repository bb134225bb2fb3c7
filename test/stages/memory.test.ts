import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Received } from '../../src/domain/call.ts';
import type { Entry } from '../../src/domain/journal.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { homeOf } from '../../src/home.ts';
import type { Memory } from '../../src/stages/memory/memory.ts';
import { readOwn } from '../../src/stages/memory/own-resources.ts';
import type { Asker } from '../../src/stages/memory/own-session.ts';
import { environmentOf, temporaryFolder } from '../support/gateway.ts';
import { type OpenPath, openPath, type Presented, TOKEN } from '../support/path.ts';
import { enrolPerson, type Person } from '../support/person.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';
import { holdingPolicy, holdOf } from './holding-path.ts';

const NOW = AbortSignal.abort();
const asker = (session?: string, bearer: string | undefined = TOKEN): Asker => ({
  presented: { door: 'http', bearer },
  route: { profile: undefined, session, folder: undefined },
});

const folder = temporaryFolder();
let person: Person;
let server: RecordingServer;
let adas: OpenPath;
let eves: OpenPath;
let works = 0;

beforeAll(async () => {
  person = await enrolPerson(homeOf(environmentOf(folder)));
  server = recordingServer(folder, 'rough-stdio.ts', {}, ['resources']);
  adas = await openPath(folder, holdingPolicy(server));
  eves = await openPath(folder, holdingPolicy(server), { user: 'eve', role: 'visitor' });
});

afterAll(async () => {
  await eves.close();
  await adas.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Working {
  readonly id: string;
  readonly asker: Asker;
  readonly memory: Memory;
  call(name: string, given: JsonObject, as?: Partial<Received>): Promise<Presented>;
  journal(): Promise<readonly Entry[]>;
}

/** A session of its own, in which one call was made. */
async function working(path = adas): Promise<Working> {
  const route = { profile: undefined, session: undefined, folder: `/work/${++works}` };
  await path.call('rough__rough', { do: 'echo' }, { route });
  const { id } = (await path.session()).session;
  return {
    id,
    asker: asker(id),
    memory: path.memory,
    call: (name, given, as) => path.call(name, given, { route, ...as }),
    journal: () => path.ledger.journal(id),
  };
}

async function told(
  answer: Promise<{ ok: boolean; value?: JsonObject; error?: { reason: string } }>,
): Promise<JsonObject> {
  const said = await answer;
  if (said.value === undefined) throw new Error(`refused: ${said.error?.reason}`);
  return said.value;
}

describe('a session of somebody else, and one that does not exist,', () => {
  test('are refused in the same words by everything that memory can be asked, and nothing is written', async () => {
    const path = await working();
    const { memory } = eves;
    const journal = await path.journal();
    const answers = async (to: Asker): Promise<readonly unknown[]> => [
      await memory.session(to),
      await memory.events(to, 0, NOW),
      await memory.calls(to, undefined),
      await memory.result(to, 'call_1'),
      await memory.holds(to, 0, NOW),
      await memory.addEvent(to, { type: 'step', content: '1' }),
      await memory.report(to, { class: 'low', amount: 1, why: '' }),
      await readOwn(memory)(to, 'tollgate://session'),
    ];
    const unknown = { ok: false, error: { reason: 'session_unknown' } };
    expect(await answers(asker(path.id))).toEqual(Array(8).fill(unknown));
    expect(await answers(asker('s_none'))).toEqual(Array(8).fill(unknown));
    expect(await path.journal()).toEqual(journal);
  });

  test('nobody without a proof reads anything', async () => {
    const { memory, id } = await working();
    const unauthenticated = { ok: false, error: { reason: 'unauthenticated' } };
    expect(await memory.session(asker(id, 'wrong'))).toEqual(unauthenticated);
    expect(await memory.addEvent(asker(id, 'wrong'), { type: 'step', content: '1' })).toEqual(unauthenticated);
  });

  test('are what a caller has who has no session yet, and none is opened', async () => {
    const sessions = await adas.ledger.sessions(Date.now());
    expect(await adas.memory.session(asker())).toEqual({ ok: false, error: { reason: 'session_unknown' } });
    expect(await adas.ledger.sessions(Date.now())).toHaveLength(sessions.length);
  });

  test('a call of another session is as unknown as one that was never made', async () => {
    const path = await working();
    const { id } = await eves.call('rough__rough', { do: 'echo' });
    const unknown = { ok: false, error: { reason: 'call_unknown' } };
    expect(await path.memory.result(path.asker, id)).toEqual(unknown);
    expect(await path.memory.result(path.asker, 'call_none')).toEqual(unknown);
  });
});

describe('an agent reads of its session', () => {
  test('how it stands: what is used and left, what it has touched, and what waits for a person', async () => {
    const path = await working();
    const hold = holdOf(await path.call('rough__other', { do: 'echo' }));
    // What a server asked is counted for its own limit.
    const draft = { session: path.id, kind: 'asked', call: undefined, at: Date.now(), body: {} } as const;
    await adas.ledger.ask({ draft, kind: 'asked.rough.sampling', max: undefined });
    expect(await told(path.memory.session(path.asker))).toEqual({
      session: path.id,
      profile: 'holding',
      state: 'running',
      opened_at: expect.stringMatching(/^\d{4}-.*Z$/),
      labels: ['private', 'untrusted'],
      budget: {
        approvals: { used: 1 },
        calls: { used: 1 },
        runtime: { used: expect.any(Number), unit: 's' },
      },
      holds: [expect.objectContaining({ hold, target: 'rough.other', state: 'open' })],
    });
  });

  test('its calls, and of one what was sent and what came back, where that is kept', async () => {
    const path = await working();
    const hold = holdOf(await path.call('rough__other', { do: 'echo', to: 'ada' }));
    await adas.answer(person, hold, 'approve');
    const { id } = await path.call('tollgate__continue', { hold });
    const { calls } = await told(path.memory.calls(path.asker, undefined));
    expect(calls).toMatchObject([
      { call: id, target: 'rough.other', outcome: 'ok', kept: true },
      { target: 'rough.rough', outcome: 'ok', kept: false },
    ]);
    const [sent, read] = calls as readonly { call: string }[];
    expect(await told(path.memory.result(path.asker, sent?.call ?? ''))).toMatchObject({
      call: id,
      arguments: { do: 'echo', to: 'ada' },
      result: { content: [{ type: 'text', text: 'ok' }] },
    });
    const plain = await told(path.memory.result(path.asker, read?.call ?? ''));
    expect(plain).toMatchObject({ arguments: { do: 'echo' }, outcome: 'ok', kept: false });
    expect(plain).not.toHaveProperty('result');
  });

  test('the result of a read that a person approved: whoever waits for the hold hears what came of it', async () => {
    const path = await working();
    const read = { operation: 'resources/read' } as const;
    const hold = holdOf(await path.call('rough://one', {}, read));
    await adas.answer(person, hold, 'approve');
    const { id } = await path.call('rough://one', {}, read);
    const kept = { outcome: 'rpc_error', kept: true, error: { code: -32002, message: 'not found' } };
    expect(await told(path.memory.result(path.asker, id))).toMatchObject(kept);
  });

  test('without a journal entry, a label or a message to any server', async () => {
    const path = await working();
    await path.memory.addEvent(path.asker, { type: 'step', content: '"hi"' });
    const [journal, sent] = [await path.journal(), server.received().length];
    const labels = async () => (await adas.ledger.look(path.id, Date.now()))?.labels;
    const before = await labels();
    const { calls } = await told(path.memory.calls(path.asker, undefined));
    const [call] = calls as readonly { call: string }[];
    for (const rest of [
      '',
      '/events',
      '/events?after=0',
      '/calls',
      `/calls?before=${call?.call}`,
      `/results/${call?.call}`,
    ]) {
      expect(await readOwn(path.memory)(path.asker, `tollgate://session${rest}`)).toMatchObject({ ok: true });
    }
    expect(await path.journal()).toEqual(journal);
    expect(await labels()).toEqual(before);
    expect(server.received()).toHaveLength(sent);
  });
});

describe('what an agent writes', () => {
  test('is read back as it was, text or JSON', async () => {
    const { memory, ...path } = await working();
    const contents = ['"a text"', '{"step":1,"done":[null,true]}'];
    for (const content of contents) await memory.addEvent(path.asker, { type: 'step', content });
    expect(await told(memory.events(path.asker, 0, NOW))).toMatchObject({
      more: false,
      events: [
        { seq: 1, type: 'step', content: 'a text' },
        { seq: 2, type: 'step', content: { step: 1, done: [null, true] } },
      ],
    });
    expect(await told(memory.events(path.asker, 2, NOW))).toEqual({ events: [], more: false });
  });

  test('is told what it spent by then', async () => {
    const { memory, ...path } = await working();
    await memory.report(path.asker, { class: 'low', amount: 20_000, why: 'a model' });
    expect(await told(memory.report(path.asker, { class: 'low', amount: 5_000, why: 'a model' }))).toEqual({
      event: 2,
      spend: { used: 0.025, unit: 'USD' },
    });
  });

  test('is refused while the session is paused and after it, and what is there can be read until it is archived', async () => {
    const { memory, ...path } = await working();
    const event = { type: 'step', content: '1' };
    await memory.addEvent(path.asker, event);
    const reads = async () => (await memory.events(path.asker, 0, NOW)).ok;
    await adas.ledger.change(path.id, 'pause', 'grace', 'lunch', Date.now());
    expect([await memory.addEvent(path.asker, event), await reads()]).toMatchObject([
      { error: { reason: 'session_paused' } },
      true,
    ]);
    await adas.ledger.change(path.id, 'complete', 'grace', 'done', Date.now());
    expect([await memory.addEvent(path.asker, event), await reads()]).toMatchObject([
      { error: { reason: 'session_over' } },
      true,
    ]);
  });
});

describe('who waits', () => {
  const waiting = () => new AbortController();
  /** Long enough for the ledger to be asked for what is waited for. */
  const isWaiting = async ({ memory, asker: own }: Working): Promise<void> => {
    for (let asked = 0; asked < 5; asked++) await memory.calls(own, undefined);
  };

  test('for events is answered by the first, and not before', async () => {
    const path = await working();
    let answered = false;
    const events = path.memory.events(path.asker, 0, waiting().signal).then((said) => {
      answered = true;
      return told(Promise.resolve(said));
    });
    await isWaiting(path);
    expect(answered).toBe(false);
    await path.memory.addEvent(path.asker, { type: 'step', content: '1' });
    expect(await events).toMatchObject({ events: [{ seq: 1 }] });
  });

  test('is answered at once when the waiting ends: what comes later is for the next question', async () => {
    const path = await working();
    const until = waiting();
    const events = path.memory.events(path.asker, 0, until.signal);
    await isWaiting(path);
    until.abort();
    await adas.ledger.addEvent({ session: path.id, type: 'step', content: '1', at: Date.now() });
    expect(await told(events)).toEqual({ events: [], more: false });
  });

  test('for a hold hears of its answer, and at once of one that came in between', async () => {
    const path = await working();
    const hold = holdOf(await path.call('rough__other', { do: 'echo' }));
    expect(await told(path.memory.holds(path.asker, 0, waiting().signal))).toMatchObject({ changes: 1 });
    const holds = path.memory.holds(path.asker, 1, waiting().signal);
    await isWaiting(path);
    await adas.answer(person, hold, 'deny', 'not today');
    const answer = { changes: 2, holds: [{ hold, state: 'denied', because: 'not today' }] };
    expect(await told(holds)).toMatchObject(answer);
    expect(await told(path.memory.holds(path.asker, 1, waiting().signal))).toMatchObject(answer);
  });
});
