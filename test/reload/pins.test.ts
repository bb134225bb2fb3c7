/** A pinned server changes while the gateway runs: what the agent, its user and the journal see until a person has accepted it. */
import { once } from 'node:events';
import { readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { homeOf } from '../../src/home.ts';
import { atTerminal } from '../stories/support/person.ts';
import { until } from '../support/downstream.ts';
import { environmentOf, type RunningGateway, run, startGateway, temporaryFolder } from '../support/gateway.ts';
import { enrolPerson, type Person, visit } from '../support/person.ts';
import { legacyCall, post, textOf } from '../support/posts.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';

interface PinnedGateway {
  readonly gateway: RunningGateway;
  readonly server: RecordingServer;
  readonly person: Person;
  readonly lock: string;
  /** From now on the server describes its tool so. */
  describe(words: string): void;
}

async function pinnedGateway(): Promise<PinnedGateway> {
  const folder = temporaryFolder();
  const description = `${folder}/description`;
  const server = recordingServer(folder, 'rough-stdio.ts', { LIST: description });
  const describe = (words: string): void => writeFileSync(description, words);
  const text = `version: 1
profile: pinned
who: local
servers: { rough: ${server.yaml} }
tools:
  rough.rough: { effect: write, cases: [{ id: quiet, when: { do: { enum: [echo, tell-change] } }, then: allow }, { id: else, when: { do: { const: raw } }, then: hold }] }
  rough.other: { effect: write }
`;
  writeFileSync(`${folder}/policy.yaml`, text);
  describe('Sends mail to Ada.');
  const pin = await run(['policy', 'pin', `${folder}/policy.yaml`, '--yes'], environmentOf(folder));
  expect(pin.code).toBe(0);
  const person = await enrolPerson(homeOf(environmentOf(folder)), userInfo().username);
  const gateway = await startGateway(text, { folder });
  onTestFinished(async () => {
    await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return { gateway, server, person, lock: `${folder}/policy.lock.json`, describe };
}

/** A client of 2025-11-25 at the gateway's socket. */
async function agentAt({ gateway }: PinnedGateway) {
  const socket = connect(gateway.home.socket);
  onTestFinished(() => void socket.destroy());
  const heard: JsonObject[] = [];
  createInterface({ input: socket }).on('line', (line) => heard.push(JSON.parse(line) as JsonObject));
  let last = 0;
  const say = (message: object): void => void socket.write(`${JSON.stringify(message)}\n`);
  const answered = async (id: number): Promise<JsonObject> => {
    const found = (): JsonObject | undefined => heard.find((one) => one['id'] === id);
    await until(() => found() !== undefined);
    return found() ?? {};
  };
  const ask = async (method: string, params: object): Promise<JsonObject> => {
    const id = ++last;
    say({ jsonrpc: '2.0', id, method, params });
    return answered(id);
  };
  await once(socket, 'connect');
  say({ as: 'agent', policy: gateway.policy, folder: gateway.home.folder });
  const client = { name: 'test', version: '1' };
  await ask('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: client });
  say({ jsonrpc: '2.0', method: 'notifications/initialized' });
  const textIn = (answer: JsonObject): string => JSON.stringify(answer['result'] ?? answer['error']);
  return {
    tools: async () => textIn(await ask('tools/list', {})),
    call: async (name: string, given: object) => textIn(await ask('tools/call', { name, arguments: given })),
    /** Asked and not waited for. */
    begin: (name: string, given: object) => void ask('tools/call', { name, arguments: given }),
    told: () => heard.filter((one) => one['method'] === 'notifications/tools/list_changed').length,
  };
}

test('a tool whose description changes is gone until a person accepts the word that changed; approvals of before run nothing', {
  timeout: 180_000,
}, async () => {
  const here = await pinnedGateway();
  const { gateway, server, person, lock, describe } = here;
  const agent = await agentAt(here);
  expect(await agent.tools()).toContain('Sends mail to Ada.');
  const ledger = await visit(gateway.home);
  onTestFinished(() => ledger.close());
  const openHolds = async () => (await ledger.holds({ open: true }, Date.now())).map(({ id }) => id);
  const letter = { do: 'raw', result: { content: [] } };
  agent.begin('rough__rough', letter);
  await until(async () => (await openHolds()).length === 1);
  const [old = ''] = await openHolds();

  describe('Sends mail to Eve.');
  const before = agent.told();
  expect(await agent.call('rough__rough', { do: 'tell-change' })).toContain('told');
  await until(() => agent.told() > before);
  const listed = await agent.tools();
  expect([listed.includes('rough__rough'), listed.includes('rough__other')]).toEqual([false, true]);
  const refused = await agent.call('rough__rough', { do: 'echo' });
  expect(refused).toContain('CHANGED, NOT DONE: this is no longer what was reviewed.');
  expect(refused).toContain('Tell the user to run: tollgate policy diff.');
  const diff = await gateway.command('policy', 'diff', gateway.policy);
  expect([diff.code, diff.stdout]).toEqual([1, expect.stringContaining('Sends mail to [-Ada-]{+Eve+}.')]);
  expect(diff.stdout).toContain(`tollgate policy accept --pins ${gateway.policy}`);

  // Nobody but a person at a terminal: the lock on disk stays as it was.
  const accept = ['policy', 'accept', '--pins', gateway.policy];
  const pinnedBefore = readFileSync(lock, 'utf8');
  expect((await gateway.command(...accept)).code).toBe(77);
  expect(readFileSync(lock, 'utf8')).toBe(pinnedBefore);

  const env = gateway.environment as Readonly<Record<string, string>>;
  const sat = await atTerminal({ env }, accept, [['Passphrase to accept: ', 'correct horse']]);
  expect(sat.screen).toContain('Sends mail to [-Ada-]{+Eve+}.');
  expect(sat).toMatchObject({ code: 0, screen: expect.stringContaining('in force from the next call on') });
  expect(readFileSync(lock, 'utf8')).toContain('Sends mail to Eve.');
  expect(await agent.tools()).toContain('Sends mail to Eve.');
  expect(await agent.call('rough__rough', { do: 'echo' })).toContain('"text":"ok"');

  const [hold] = (await ledger.holds({ open: true }, Date.now())).filter(({ id }) => id === old);
  if (hold === undefined) throw new Error('the hold is gone');
  expect(await ledger.decide(old, person.sign(ledger, hold, 'approve'))).toMatchObject({ ok: true });
  agent.begin('tollgate__continue', { hold: old });
  await until(async () => (await openHolds()).some((id) => id !== old));
  expect(server.calls().filter((given) => given['do'] === 'raw')).toEqual([]);

  const entries = (await ledger.journal('gateway')).filter(({ kind }) => kind === 'accepted');
  expect(entries.at(-1)?.body).toMatchObject({
    by: userInfo().username,
    signature: expect.any(String),
    widenings: ['lock.rough.tool rough: changed'],
  });
});

test('a server that speaks another era has nothing until a person accepts it, and then all it had', {
  timeout: 180_000,
}, async () => {
  const folder = realpathSync(temporaryFolder());
  const rough = join(import.meta.dirname, '../support/servers/rough-stdio.ts');
  const speak = (era: string): void => writeFileSync(join(folder, 'era'), era);
  const start = `exec node ${rough} $(cat ${join(folder, 'era')})`;
  const text = `version: 1
profile: pinned
who: local
servers: { rough: { command: [sh, "-c", ${JSON.stringify(start)}] } }
tools: { rough.rough: { effect: read } }
`;
  writeFileSync(join(folder, 'policy.yaml'), text);
  speak('legacy');
  expect((await run(['policy', 'pin', join(folder, 'policy.yaml'), '--yes'], environmentOf(folder))).code).toBe(0);
  await enrolPerson(homeOf(environmentOf(folder)), userInfo().username);
  // What was agreed with a server once is not asked again: only a gateway that starts finds it out.
  speak('modern');
  const gateway = await startGateway(text, { folder });
  onTestFinished(async () => {
    await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const call = async (deed: string) => textOf(await post(gateway, legacyCall('rough__rough', { do: deed })));
  expect(await call('echo')).toMatch(/^CHANGED, NOT DONE/);
  const env = gateway.environment as Readonly<Record<string, string>>;
  const accept = ['policy', 'accept', '--pins', gateway.policy];
  const sat = await atTerminal({ env }, accept, [['Passphrase to accept: ', 'correct horse']]);
  expect(sat).toMatchObject({ code: 0, screen: expect.stringContaining('era: [-legacy-]{+modern+}') });
  expect(await call('echo')).toBe('ok');
});
