import { rmSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { homeOf } from '../../src/home.ts';
import { environmentOf, run, temporaryFolder } from '../support/gateway.ts';
import { type OpenPath, openPath, type PathOptions, type Presented } from '../support/path.ts';
import { enrolPerson } from '../support/person.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';
import { holdOf } from './holding-path.ts';

interface Ruled extends OpenPath {
  readonly folder: string;
  readonly server: RecordingServer;
  /** Another process's path on the same ledger and server. */
  beside(): Promise<OpenPath>;
}

/** A path under rules over earlier calls: these lines of YAML are its tools. Closed when the test ends. */
async function ruledPath(tools: string, options: PathOptions = {}, folder = temporaryFolder()): Promise<Ruled> {
  const server = recordingServer(folder);
  const policy = `version: 1\nprofile: ruled\nwho: local\nservers: { rough: ${server.yaml} }\ntools:\n${tools}`;
  const path = await openPath(folder, policy, options);
  onTestFinished(async () => {
    await path.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const beside = async (): Promise<OpenPath> => {
    const other = await openPath(folder, policy, { ...options, role: 'visitor' });
    onTestFinished(() => other.close());
    return other;
  };
  return { ...path, folder, server, beside };
}

const OTHER = 'rough__other';
const echo = (more: JsonObject = {}): JsonObject => ({ do: 'echo', ...more });
const answering = (structuredContent: JsonObject, more: JsonObject = {}): JsonObject => ({
  do: 'raw',
  result: { content: [], structuredContent },
  ...more,
});
const ran = (answers: readonly Presented[]): number => answers.filter((one) => one.refusal === undefined).length;

describe('no limit is overrun by a crowd', () => {
  test('of 16 calls at once, in two processes, against a limit of 5: exactly 5 reach the server', async () => {
    const path = await ruledPath('  rough.other: { effect: write, limits: [{ count: calls, within: 1h, max: 5 }] }\n');
    const paths = [path, await path.beside()];
    const answers = await Promise.all(
      Array.from({ length: 16 }, async (_, n) => (paths[n % 2] ?? path).call(OTHER, echo({ n }))),
    );
    expect(ran(answers)).toBe(5);
    expect(path.server.calls()).toHaveLength(5);
    expect(new Set(answers.flatMap((one) => one.refusal?.reason ?? []))).toEqual(new Set(['denied']));
    expect((await path.session()).used['calls']).toBe(5);
  });

  test('of 16 that each add 300 to a sum of at most 1500, in two sessions of one principal, exactly 5', async () => {
    const rule = `{ sum: "$\{arguments.amount}", within: 1h, max: 1500, per: principal }`;
    const path = await ruledPath(`  rough.other: { effect: write, limits: [${rule}] }\n`);
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, n) => {
        const route = { profile: undefined, session: undefined, folder: `/folder-${n % 2}` };
        return path.call(OTHER, echo({ n, amount: 300 }), { route });
      }),
    );
    expect(await path.ledger.sessions(Date.now())).toHaveLength(2);
    expect(ran(answers)).toBe(5);
    expect(path.server.calls()).toHaveLength(5);
  });

  test('who is refused hears the limit, what is used of it, and when some is free', async () => {
    const at = Date.UTC(2026, 0, 1);
    const rules = `[{ count: calls, within: 1h, max: 1 }, { sum: "$\{arguments.amount}", within: 2h, max: 2.5 }]`;
    const path = await ruledPath(`  rough.other: { effect: write, limits: ${rules} }\n`, { now: () => at });
    expect((await path.call(OTHER, echo({ amount: 2.6 }))).refusal).toMatchObject({
      rules: ['rough.other.limits.1'],
      why: 'the limit is 2.5 of `amount` in 2h, of which 0 used',
      remedy: 'make the call with less `amount`, if that still does what was asked',
    });
    expect((await path.call(OTHER, echo({ amount: 1.25 }))).said).toBe('ok');
    expect((await path.call(OTHER, echo({ amount: 1 }))).refusal).toEqual({
      reason: 'denied',
      rules: ['rough.other.limits.0'],
      why: 'the limit is 1 call in 1h, of which 1 used',
      remedy: 'wait until 2026-01-01T01:00:00.000Z, when some of it is free',
    });
  });
});

describe('what must come first', () => {
  const AFTER = `  rough.rough: { effect: read }
  rough.other:
    effect: write
    after: [{ tool: rough.rough, within: 10m, where: { arguments.order: "$\{arguments.order}", output.clear: true } }]
`;

  test('is what really happened, with the values that it really had', async () => {
    let at = Date.now();
    const path = await ruledPath(AFTER, { now: () => at });
    const refund = (order: string): Promise<Presented> => path.call(OTHER, echo({ order }));
    const check = (order: string, clear: boolean): Promise<Presented> =>
      path.call('rough__rough', answering({ clear }, { order }));
    expect((await refund('o1')).refusal).toMatchObject({
      reason: 'denied',
      rules: ['rough.other.after.0'],
      remedy: 'call `rough.rough` with the same `order` first',
    });
    await check('o1', false);
    await check('o2', true);
    expect((await refund('o1')).refusal).toMatchObject({ reason: 'denied' });
    await check('o1', true);
    expect((await refund('o1')).said).toBe('ok');
    at += 10 * 60_000 + 1;
    expect((await refund('o2')).refusal).toMatchObject({ reason: 'denied' });
    expect(path.server.calls().filter((given) => given['do'] === 'echo')).toEqual([echo({ order: 'o1' })]);
    const refused = (await path.journal()).filter((entry) => entry.kind === 'refused');
    expect(refused[0]?.body).toMatchObject({ reason: 'denied', rules: ['rough.other.after.0'] });
  });

  test('is kept without any value of it', async () => {
    const path = await ruledPath(AFTER);
    await path.call('rough__rough', answering({ clear: true, more: 'canary-output' }, { order: 'canary-order' }));
    await path.ledger.close();
    const database = new (await import('node:sqlite')).DatabaseSync(path.home.ledger);
    const rows = JSON.stringify(database.prepare('SELECT * FROM call').all());
    database.close();
    expect(rows).toContain('is:output.clear');
    expect(rows).not.toContain('canary');
  });
});

test('a call that ran on its approval is answered from the record, though no other like it is allowed', async () => {
  const folder = temporaryFolder();
  const person = await enrolPerson(homeOf(environmentOf(folder)));
  const path = await ruledPath(
    '  rough.other: { effect: irreversible, approval: {}, limits: [{ count: calls, within: 1h, max: 1 }] }\n',
    {},
    folder,
  );
  const hold = holdOf(await path.call(OTHER, echo()));
  await path.answer(person, hold, 'approve');
  const first = await path.call(OTHER, echo());
  expect(first.said).toBe('ok');
  expect((await path.call(OTHER, echo())).refusal).toMatchObject({ reason: 'repeated', call: first.id });
  expect((await path.call(OTHER, echo({ more: 1 }))).refusal).toMatchObject({ reason: 'denied' });
  expect(path.server.calls()).toEqual([echo()]);
});

test('a rule that only observes refuses nothing, and nobody who reads of it takes it for one that does', async () => {
  const rules = '[{ count: calls, within: 1h, max: 1, mode: observe }, { count: calls, within: 1h, max: 2 }]';
  const path = await ruledPath(`  rough.other: { effect: write, limits: ${rules} }\n`);
  for (const n of [1, 2]) expect((await path.call(OTHER, echo({ n }))).said).toBe('ok');
  expect((await path.call(OTHER, echo({ n: 3 }))).refusal).toMatchObject({ rules: ['rough.other.limits.1'] });
  const intents = (await path.journal()).filter((entry) => entry.kind === 'intent');
  const observed = { rule: 'rough.other.limits.0', would: 'deny', reason: 'the limit is 1 call in 1h' };
  expect(intents.map((entry) => entry.body['observed'])).toEqual([undefined, [observed]]);
  const { stdout } = await run(['trace', (await path.session()).session.id], environmentOf(path.folder));
  const lines = stdout.split('\n').filter((line) => line.includes('observed, not enforced'));
  expect(lines).toEqual([expect.stringContaining('observed, not enforced: deny by rough.other.limits.0')]);
});

describe('a refused call', () => {
  test('keeps its arguments beside its entry, sealed, where they are not longer than anybody reads', async () => {
    const path = await ruledPath('  rough.other: { effect: write, arguments: { to: { enum: [ada] } } }\n');
    const short = await path.call(OTHER, echo({ to: 'canary' }));
    const long = await path.call(OTHER, echo({ to: 'x'.repeat(64 * 1024) }));
    const unknown = await path.call('rough__none', echo());
    expect([short, long, unknown].map((one) => one.refusal?.reason)).toEqual(['denied', 'denied', 'target_unknown']);
    expect(await path.ledger.content(short.id, 'arguments')).toBe('{"do":"echo","to":"canary"}');
    expect(await path.ledger.content(long.id, 'arguments')).toBeUndefined();
    expect(await path.ledger.content(unknown.id, 'arguments')).toBeUndefined();
    expect(JSON.stringify(await path.journal())).not.toContain('canary');
  });
});
