import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Received } from '../src/domain/call.ts';
import type { JsonObject } from '../src/domain/json.ts';
import { LedgerFault } from '../src/domain/ports.ts';
import type { Refusal } from '../src/domain/refusal.ts';
import { homeOf } from '../src/home.ts';
import { environmentOf, temporaryFolder } from './support/gateway.ts';
import { lineTo, type OpenPath, openPath, presented, receivedOf } from './support/path.ts';
import { enrolPerson } from './support/person.ts';
import { type RecordingServer, recordingServer } from './support/recording-server.ts';

interface Bench extends OpenPath {
  readonly server: RecordingServer;
}

const policyOf = (server: RecordingServer, calls = 1000): string => `version: 1
profile: path
who: local
servers:
  rough: ${server.yaml}
  away: { url: "http://127.0.0.1:9/mcp" }
tools:
  rough.rough:
    effect: write
    arguments: { level: { maximum: 5 } }
    cases:
      - { id: ask, when: { do: { const: pid } }, then: hold }
      - { id: rest, when: {}, then: allow }
  rough.other: { effect: read }
  away.tool: { effect: read }
budgets: { session: { calls: ${calls} } }
`;

async function bench(calls?: number, folder = temporaryFolder()): Promise<Bench> {
  const server = recordingServer(folder);
  const path = await openPath(folder, policyOf(server, calls));
  return {
    ...path,
    server,
    close: async () => {
      await path.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A bench for one test. */
async function own(calls?: number, folder?: string): Promise<Bench> {
  const made = await bench(calls, folder);
  onTestFinished(() => made.close());
  return made;
}

describe('a refused call', () => {
  let path: Bench;
  beforeAll(async () => {
    path = await bench();
    await path.call('rough__other', { do: 'echo' });
  });
  afterAll(() => path.close());

  const http = (bearer: string | undefined): Partial<Received> => ({ presented: { door: 'http', bearer } });
  const route = (session: string): Partial<Received> => ({
    route: { profile: undefined, session, folder: undefined },
  });

  test.each<readonly [Refusal['reason'], string, JsonObject, Partial<Received>, 'gateway' | undefined]>([
    ['unauthenticated', 'rough__rough', { do: 'echo' }, http(undefined), 'gateway'],
    ['unauthenticated', 'rough__rough', { do: 'echo' }, http('the token of somebody else...'), 'gateway'],
    ['session_unknown', 'rough__rough', { do: 'echo' }, route('s_none'), 'gateway'],
    ['target_unknown', 'rough__none', { do: 'echo' }, {}, undefined],
    ['target_unknown', 'rough.rough', { do: 'echo' }, {}, undefined],
    ['denied', 'rough__rough', { do: 'echo', level: 6 }, {}, undefined],
    ['held', 'rough__rough', { do: 'pid' }, {}, undefined],
    ['server_unavailable', 'away__tool', {}, {}, undefined],
    ['invalid_arguments', 'tollgate__continue', { hold: 'h_none' }, {}, undefined],
  ])(
    '(%s, by %s %j) is charged nothing, reaches no server, and has one entry in the journal',
    async (reason, name, given, as, chain) => {
      const [before, calls] = [(await path.session()).used['calls'], path.server.calls().length];
      const { id, said } = await path.call(name, given, as);
      expect(said).toBe(reason);
      expect((await path.session()).used['calls']).toBe(before);
      expect(path.server.calls()).toHaveLength(calls);
      const entries = (await path.journal(chain)).filter((entry) => entry.call === id && entry.kind === 'refused');
      expect(entries.map((entry) => entry.body)).toEqual([expect.objectContaining({ reason, target: name })]);
    },
  );

  test('says in the journal neither its arguments nor a token', async () => {
    await path.call('rough__rough', { do: 'echo', level: 7, note: 'a canary in the arguments' });
    await path.call('rough__rough', {}, http('a canary in the token'));
    for (const chain of ['gateway', undefined] as const)
      expect(JSON.stringify(await path.journal(chain))).not.toContain('canary');
  });

  test('is refused by the first step that refuses, whatever the later ones would say', async () => {
    const { session } = await path.session();
    await path.ledger.change(session.id, 'pause', 'ada', 'test', Date.now());
    expect((await path.call('rough__none', {}, http('x'))).said).toBe('unauthenticated');
    expect((await path.call('rough__none', {})).said).toBe('session_paused');
    await path.ledger.change(session.id, 'resume', 'ada', 'test', Date.now());
    expect((await path.call('rough__none', { level: 9 })).said).toBe('target_unknown');
    expect((await path.call('rough__rough', { do: 'pid', level: 9 })).said).toBe('denied');
  });

  test('is not placed as a hold where it is denied or over budget', async () => {
    const poor = await own(1);
    await poor.call('rough__other', { do: 'echo' });
    expect((await poor.call('rough__rough', { do: 'pid', level: 9 })).said).toBe('denied');
    expect((await poor.call('rough__rough', { do: 'pid' })).said).toBe('over_budget');
    expect(await poor.ledger.holds({ open: false }, Date.now())).toEqual([]);
  });
});

describe('every intent gets an outcome', () => {
  let path: Bench;
  beforeAll(async () => {
    path = await bench();
    await path.call('rough__other', { do: 'echo' });
  });
  afterAll(() => path.close());
  const used = async (): Promise<number> => (await path.session()).used['calls'] ?? 0;
  const kinds = async (call: string) =>
    (await path.journal()).filter((entry) => entry.call === call).map(({ kind, body }) => [kind, body['outcome']]);

  test.each([
    ['ok', { do: 'echo' }],
    ['unknown', { do: 'exit' }],
    ['unknown', { do: 'long' }],
    ['rpc_error', { do: 'error' }],
    ['withheld', { do: 'raw', result: 'no object' }],
    ['tool_error', { do: 'raw', result: { content: [{ type: 'text', text: 'no' }], isError: true } }],
  ])('%s, by %j', async (outcome, given) => {
    const before = await used();
    const { id, outcome: reached } = await path.call('rough__rough', given);
    expect(reached?.['outcome']).toBe(outcome);
    expect(await kinds(id)).toEqual([
      ['intent', undefined],
      ['outcome', outcome],
    ]);
    expect(await used()).toBe(before + 1);
    expect((await path.call('rough__other', { do: 'echo' })).said).toBe('ok');
  });

  test('also when the caller cancels: unknown, and never sent twice', async () => {
    const before = path.server.calls().length;
    const leaving = new AbortController();
    const line = lineTo(leaving.signal, { progress: () => leaving.abort() });
    const given = { do: 'progress', steps: [1] };
    const first = await path.call('rough__rough', given, { line });
    expect([first.outcome?.['outcome'], await kinds(first.id)]).toEqual([
      'unknown',
      [
        ['intent', undefined],
        ['outcome', 'unknown'],
      ],
    ]);
    const again = await path.call('rough__rough', given);
    expect(again.refusal).toMatchObject({ reason: 'repeated', call: first.id });
    expect(path.server.calls()).toHaveLength(before + 1);
  });

  test('unknown, and the identical call attaches to it; other arguments run', async () => {
    const before = path.server.calls().length;
    const dying = { do: 'exit', mark: 'attached' };
    const first = await path.call('rough__rough', dying);
    expect((await path.call('rough__rough', dying)).refusal).toMatchObject({ reason: 'repeated', call: first.id });
    expect((await path.call('rough__rough', { ...dying, do: 'echo' })).said).toBe('ok');
    expect(path.server.calls().slice(before)).toEqual([dying, { ...dying, do: 'echo' }]);
  });
});

describe('what changes between the decision and the commit', () => {
  test('is decided again: a grant that another call used meanwhile runs nothing', async () => {
    const folder = temporaryFolder();
    const person = await enrolPerson(homeOf(environmentOf(folder)));
    const path = await own(undefined, folder);
    const given = { do: 'pid' };
    const held = await path.call('rough__rough', given);
    const hold = held.refusal?.reason === 'held' ? held.refusal.hold.id : '';
    await path.answer(person, hold, 'approve');
    let decisions = 0;
    let winner = '';
    const overtaken = await presented(
      {
        ...path.stages,
        judge: (call) => {
          decisions += 1;
          return path.stages.judge(call);
        },
        prepare: async (call) => {
          if (decisions === 1) winner = (await path.call('rough__rough', given)).id;
          return path.stages.prepare(call);
        },
      },
      receivedOf('rough__rough', given, Date.now()),
    );
    expect(overtaken.refusal).toMatchObject({ reason: 'repeated', call: winner });
    expect(decisions).toBe(2);
    expect(path.server.calls()).toHaveLength(1);
    expect((await path.session()).used['calls']).toBe(1);
  });

  test('stops the call where a person paused the session meanwhile', async () => {
    const path = await own();
    await path.call('rough__other', { do: 'echo' });
    const { session } = await path.session();
    const stages = {
      ...path.stages,
      prepare: async (call: Parameters<typeof path.stages.prepare>[0]) => {
        await path.ledger.change(session.id, 'pause', 'ada', 'stop', Date.now());
        return path.stages.prepare(call);
      },
    };
    const stopped = await presented(stages, receivedOf('rough__rough', { do: 'echo', level: 1 }, Date.now()));
    expect(stopped.said).toBe('session_paused');
    expect(path.server.calls()).toEqual([{ do: 'echo' }]);
    expect((await path.session()).used['calls']).toBe(1);
  });
});

test('where the ledger cannot be used nothing runs: fail closed', async () => {
  const path = await own();
  await path.call('rough__other', { do: 'echo' });
  await path.ledger.close();
  await expect(path.call('rough__other', { do: 'echo' })).rejects.toThrow(LedgerFault);
  await expect(path.call('rough__rough', { do: 'echo' })).rejects.toThrow(LedgerFault);
  expect(path.server.calls()).toHaveLength(1);
});

test.each(['result', 'error'])(
  'a %s nested without end is withheld, and its call has an outcome all the same',
  async (as) => {
    const path = await own();
    const { outcome } = await path.call('rough__rough', { do: 'deep', as, levels: 200_000 });
    expect(outcome).toMatchObject({ outcome: 'withheld', why: expect.stringContaining('nested deeper') });
    expect((await path.journal()).at(-1)).toMatchObject({ kind: 'outcome', body: { outcome: 'withheld' } });
    expect((await path.call('rough__rough', { do: 'echo' })).said).toBe('ok');
  },
);

test('a batch of batches without end is passed over, and ends neither the call nor the gateway', async () => {
  const path = await own();
  expect((await path.call('rough__rough', { do: 'batch', levels: 200_000 })).said).toBe('after the batch');
});
