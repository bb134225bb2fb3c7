import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Received, Route } from '../../src/domain/call.ts';
import { temporaryFolder } from '../support/gateway.ts';
import { type OpenPath, openPath } from '../support/path.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';

const folder = temporaryFolder();
let server: RecordingServer;
let adas: OpenPath;

const policyOf = (profile: string): string =>
  `version: 1\nprofile: ${profile}\nwho: local\nservers: { rough: ${server.yaml} }\ntools: { rough.rough: { effect: read } }\n`;

beforeAll(async () => {
  server = recordingServer(folder);
  adas = await openPath(folder, policyOf('one'), { user: 'ada' });
});

afterAll(async () => {
  await adas.close();
  rmSync(folder, { recursive: true, force: true });
});

const by = (route: Partial<Route>): Partial<Received> => ({
  route: { profile: undefined, session: undefined, folder: undefined, ...route },
});
const ECHO = { do: 'echo' };

/** The session that a call entered, by its intent. */
async function entered(path: OpenPath, as: Partial<Received> = {}): Promise<string | undefined> {
  const { id } = await path.call('rough__rough', ECHO, as);
  for (const { session } of await path.ledger.sessions(Date.now())) {
    const entries = await path.ledger.journal(session.id);
    if (entries.some((entry) => entry.call === id && entry.kind === 'intent')) return session.id;
  }
  return undefined;
}

describe('a session', () => {
  test('is the same one for one principal and profile, whatever the client says it is', async () => {
    const first = await entered(adas);
    expect(first).toMatch(/^s_/);
    expect(await entered(adas, { client: { name: 'another', version: '9' } })).toBe(first);
    expect(await entered(adas, { transport: 'stdio', revision: '2025-11-25', requestId: '7' })).toBe(first);
    expect(await entered(adas, by({ session: first }))).toBe(first);
    expect(await entered(adas, by({ profile: 'one' }))).toBe(first);
  });

  test('is another one in another working folder', async () => {
    const here = await entered(adas, by({ folder: '/here' }));
    expect(here).not.toBe(await entered(adas));
    expect(await entered(adas, by({ folder: '/here' }))).toBe(here);
  });

  test('of somebody else is named in vain, in the same words as one that does not exist', async () => {
    const eves = await openPath(folder, policyOf('one'), { user: 'eve', role: 'visitor' });
    onTestFinished(() => eves.close());
    const hers = await entered(eves);
    const adasOwn = await entered(adas);
    expect(hers).not.toBe(adasOwn);
    const before = server.calls().length;
    const refusals = await Promise.all(
      [adasOwn, 's_none', 'gateway', ''].map((session) => eves.call('rough__rough', ECHO, by({ session }))),
    );
    for (const { refusal } of refusals) expect(refusal).toEqual({ reason: 'session_unknown' });
    expect(server.calls()).toHaveLength(before);
    const listed = await eves.list(
      { door: 'socket' },
      { profile: undefined, session: adasOwn, folder: undefined },
      'tools',
    );
    expect(listed).toEqual({ ok: false, error: { reason: 'session_unknown' } });
  });

  test('is not entered under another profile than its own', async () => {
    const two = await openPath(folder, policyOf('two'), { user: 'ada', role: 'visitor' });
    onTestFinished(() => two.close());
    const one = await entered(adas);
    expect((await two.call('rough__rough', ECHO, by({ session: one }))).refusal).toEqual({ reason: 'session_unknown' });
    expect((await adas.call('rough__rough', ECHO, by({ session: one, profile: 'two' }))).refusal).toEqual({
      reason: 'session_unknown',
    });
    expect((await adas.call('rough__rough', ECHO, by({ profile: 'none' }))).refusal).toEqual({
      reason: 'session_unknown',
    });
  });

  test('that is paused by another process refuses the next call, and goes on once resumed', async () => {
    const session = (await entered(adas, by({ folder: '/paused' }))) ?? '';
    const person = await openPath(folder, policyOf('one'), { role: 'visitor' });
    onTestFinished(() => person.close());
    await person.ledger.change(session, 'pause', 'ada', 'lunch', Date.now());
    const before = server.calls().length;
    for (const as of [by({ folder: '/paused' }), by({ session })])
      expect((await adas.call('rough__rough', ECHO, as)).refusal).toMatchObject({ reason: 'session_paused' });
    expect(server.calls()).toHaveLength(before);
    expect(await entered(adas)).toMatch(/^s_/);
    await person.ledger.change(session, 'resume', 'ada', 'back', Date.now());
    expect(await entered(adas, by({ folder: '/paused' }))).toBe(session);
  });

  test('that is over is not entered by its name, and a new one takes its place', async () => {
    const session = (await entered(adas, by({ folder: '/over' }))) ?? '';
    await adas.ledger.change(session, 'complete', 'ada', 'done', Date.now());
    expect((await adas.call('rough__rough', ECHO, by({ session }))).refusal).toEqual({ reason: 'session_over' });
    const next = await entered(adas, by({ folder: '/over' }));
    expect([typeof next, next === session]).toEqual(['string', false]);
  });
});
