/** A server dies in the middle of a call: a person finds out what became of it, and the call runs again once, or never. */
import { rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { unknownCallPage } from '../../src/console/outcome-shapes.ts';
import { homeOf } from '../../src/home.ts';
import { type ApiAnswered, apiToken, ask } from '../support/api-posts.ts';
import { environmentOf, type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { enrolPerson } from '../support/person.ts';
import { legacyCall, post, textOf } from '../support/posts.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';
import { tampered } from '../support/tampering.ts';
import { atTerminal } from './support/person.ts';

const PASSPHRASE = 'correct horse';
const LONG = { timeout: 180_000 };

interface Here {
  readonly gateway: RunningGateway;
  readonly server: RecordingServer;
  /** The next call is never answered. */
  die(): void;
  call(): Promise<string>;
  /** As the person at this machine, over the API. */
  api(path: string, body?: object): Promise<ApiAnswered>;
  unknown(): Promise<readonly string[]>;
}

async function here(rules = '{ effect: irreversible }'): Promise<Here> {
  const folder = temporaryFolder();
  const dies = join(folder, 'dies');
  const server = recordingServer(folder, 'dying-stdio.ts', { DIES: dies });
  await enrolPerson(homeOf(environmentOf(folder)), userInfo().username);
  const gateway = await startGateway(
    `version: 1\nprofile: post\nwho: local\nservers: { mail: ${server.yaml} }\ntools: { mail.post: ${rules} }\n`,
    { folder },
  );
  onTestFinished(async () => {
    await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const api = (path: string, body?: object): Promise<ApiAnswered> =>
    ask(gateway, `/api/outcomes${path}`, { token: apiToken(gateway), body });
  return {
    gateway,
    server,
    die: () => writeFileSync(dies, ''),
    call: async () => textOf(await post(gateway, legacyCall('mail__post', { to: 'ada' }))),
    api,
    unknown: async () => unknownCallPage.parse((await api('')).body).outcomes.map(({ call }) => call),
  };
}

test('what a person found not to be executed runs again, once, and nobody is asked a second time', LONG, async () => {
  const { gateway, server, die, call, api, unknown } = await here();
  die();
  const lost = await call();
  const [id = ''] = await unknown();
  const page = `${new URL(gateway.url).origin}/outcomes/${id}`;
  expect(lost).toMatch(/^UNKNOWN: .* It may have happened\. Do not repeat\. A person was asked: http/);
  expect(lost).toContain(`A person was asked: ${page}`);
  expect(await call()).toContain(page);
  expect(server.calls()).toHaveLength(1);

  const answer = { outcome: 'not_executed', why: 'The postbox was empty.' };
  expect((await api(`/${id}/settle`, { ...answer, passphrase: 'wrong' })).body).toMatchObject({
    reason: 'wrong_passphrase',
  });
  expect(await unknown()).toEqual([id]);
  const settled = await api(`/${id}/settle`, { ...answer, passphrase: PASSPHRASE });
  expect(settled.body).toMatchObject({ call: id, found: { ...answer, by: userInfo().username } });
  expect(await unknown()).toEqual([]);
  const late = await api(`/${id}/settle`, { ...answer, outcome: 'executed', passphrase: PASSPHRASE });
  expect(late.body).toMatchObject({ status: 409, reason: 'not_now' });

  expect(await call()).toBe('posted');
  expect(server.calls()).toHaveLength(2);
  const trace = await gateway.command('trace', String(settled.body['session']));
  expect(trace.stdout).toMatch(/found +target=mail\.post why=The postbox was empty\. by=\S+ outcome=not_executed/);
});

test(
  'what a person found to be executed never runs again, whoever asks and however often Tollgate restarts',
  LONG,
  async () => {
    const { gateway, server, die, call, unknown } = await here();
    die();
    await call();
    const [id = ''] = await unknown();
    const env = gateway.environment as Readonly<Record<string, string>>;
    const words = ['outcome', id, '--executed', '--why', 'Ada has the letter.'];
    const typed = await atTerminal({ env }, words, [['Passphrase to settle: ', PASSPHRASE]]);
    expect(typed.screen).toContain('"ada"');
    expect(typed).toMatchObject({ code: 0, screen: expect.stringContaining('Settled. It is never sent again.') });
    const told = await call();
    expect(told).toMatch(
      /^EXECUTED: this exact call was executed: a person found so at \d{4}-.*: Ada has the letter\. What it answered nobody knows\. Do not repeat\.$/,
    );
    expect(server.calls()).toHaveLength(1);
    expect((await gateway.command('outcomes')).stdout).toBe('No outcome is unknown.\n');
    expect((await gateway.command('outcomes', '--all')).stdout).toContain('executed');
    const whole = await gateway.command('audit', 'verify');
    expect([whole.code, whole.stdout]).toEqual([0, expect.stringContaining('1 answer is proven by who is enrolled')]);
    const undo = tampered(gateway.home.ledger, 'found', '"outcome":"executed"', '"outcome":"not_executed"');
    expect(await gateway.command('audit', 'verify')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/what \S+ found out about \S+ is not what was proven/),
    });
    undo();
  },
);

test(
  'a held call whose outcome is lost is asked about anew: the approval was for the one that was sent',
  LONG,
  async () => {
    const { gateway, server, die, call, api, unknown } = await here('{ effect: write, approval: { reason: Look. } }');
    const holds = async (): Promise<readonly string[]> => {
      const { body } = await ask(gateway, '/api/holds', { token: apiToken(gateway) });
      return (body['holds'] as readonly { id: string }[]).map((one) => one.id);
    };
    const approve = (hold: string): Promise<ApiAnswered> =>
      ask(gateway, `/api/holds/${hold}/approve`, { token: apiToken(gateway), body: { passphrase: PASSPHRASE } });
    const waitForHold = async (): Promise<string> => {
      for (;;) {
        const [hold] = await holds();
        if (hold !== undefined) return hold;
      }
    };
    die();
    const first = call();
    const hold = await waitForHold();
    await approve(hold);
    expect(await first).toMatch(/^UNKNOWN: /);
    const [id = ''] = await unknown();
    await api(`/${id}/settle`, { outcome: 'not_executed', why: 'No.', passphrase: PASSPHRASE });
    const second = call();
    const anew = await waitForHold();
    expect(anew).not.toBe(hold);
    expect(server.calls()).toHaveLength(1);
    await approve(anew);
    expect(await second).toBe('posted');
    expect(server.calls()).toHaveLength(2);
  },
);
