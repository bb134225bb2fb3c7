import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Snapshot } from '../../src/domain/session.ts';
import { homeOf } from '../../src/home.ts';
import { environmentOf, type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { enrolPerson, type Person, visit } from '../support/person.ts';
import { type Answered, legacyCall, post, textOf } from '../support/posts.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';

const folder = temporaryFolder();
let gateway: RunningGateway;
let server: RecordingServer;
let person: Person;

beforeAll(async () => {
  server = recordingServer(folder);
  person = await enrolPerson(homeOf(environmentOf(folder)));
  gateway = await startGateway(
    `version: 1
profile: commands
who: local
servers: { rough: ${server.yaml} }
tools:
  rough.rough: { effect: read }
  rough.other: { effect: write, approval: { reason: Somebody should look. } }
`,
    { folder },
  );
});

afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

const read = (given: JsonObject): Promise<Answered> => post(gateway, legacyCall('rough__rough', given));

const jsonOf = async <T>(...words: readonly string[]): Promise<T> =>
  JSON.parse((await gateway.command(...words)).stdout) as T;
const sessionId = async (): Promise<string> =>
  (await jsonOf<readonly Snapshot[]>('sessions', '--json'))[0]?.session.id ?? '';
const openHolds = (): Promise<readonly { id: string; target: string; effective: JsonObject }[]> =>
  jsonOf('holds', '--json');

/** Places a hold and answers its id; the call that asked goes on waiting. */
async function held(given: JsonObject): Promise<{ id: string; waiting: Promise<Answered> }> {
  const { promise: first, resolve } = Promise.withResolvers<void>();
  const call = legacyCall('rough__other', given);
  const asked = { ...call, params: { ...(call['params'] as JsonObject), _meta: { progressToken: 1 } } };
  const waiting = fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${gateway.token}` },
    body: JSON.stringify(asked),
  }).then(async (response) => {
    resolve();
    const last = JSON.parse((await response.text()).trim().split('data:').at(-1) ?? '') as JsonObject;
    return { status: response.status, headers: response.headers, messages: [], last };
  });
  await first;
  const hold = (await openHolds()).find((one) => one.effective['mark'] === given['mark']);
  return { id: hold?.id ?? '', waiting };
}

describe('holds', () => {
  test('are shown with all that a person must know, and answered at a terminal only', async () => {
    const { id, waiting } = await held({ do: 'echo', mark: 'shown' });
    const listed = await gateway.command('holds');
    expect(listed.code).toBe(0);
    expect(listed.stdout).toMatch(new RegExp(`${id} +open +rough\\.other +\\d+ s +\\{"do":"echo","mark":"shown"\\}`));
    for (const words of [
      ['approve', id],
      ['deny', id, '--because', 'no'],
    ]) {
      const { code, stderr } = await gateway.command(...words);
      expect([code, stderr]).toEqual([
        77,
        'tollgate: A passphrase must be typed at a terminal, and this process has none.\n',
      ]);
    }
    const ledger = await visit(gateway.home);
    const hold = await ledger.hold(id, Date.now());
    expect(hold?.state).toBe('open');
    if (hold !== undefined) await ledger.decide(id, person.sign(ledger, hold, 'deny', 'Not today'));
    await ledger.close();
    expect(textOf(await waiting)).toMatch(/^DENIED, NOT DONE: a person denied this exact call: Not today\./);
    expect(await openHolds()).toEqual([]);
    expect((await gateway.command('holds', '--all')).stdout).toMatch(new RegExp(`${id} +denied`));
    const again = await gateway.command('approve', id);
    expect([again.code, again.stderr]).toEqual([1, `tollgate: hold ${id} is denied and waits for nobody\n`]);
    expect(server.calls()).not.toContainEqual(expect.objectContaining({ mark: 'shown' }));
  });

  test('hide nothing: what moves the cursor or turns the text is shown as its code', async () => {
    const { id, waiting } = await held({ do: 'echo', mark: 'bidi', to: 'a\u202eb\u001b[2J' });
    const { stdout } = await gateway.command('approve', id);
    expect(stdout).toContain('to: "a\\u{202e}b\\u001b[2J"');
    expect(stdout).toContain('Somebody should look.');
    const ledger = await visit(gateway.home);
    const hold = await ledger.hold(id, Date.now());
    if (hold !== undefined) await ledger.decide(id, person.sign(ledger, hold, 'approve'));
    await ledger.close();
    expect(textOf(await waiting)).toBe('ok');
    expect(server.calls().filter((given) => given['mark'] === 'bidi')).toHaveLength(1);
  });
});

describe('a session', () => {
  test('that a person pauses refuses the next call, and goes on when resumed', async () => {
    expect(textOf(await read({ do: 'echo' }))).toBe('ok');
    const id = await sessionId();
    expect(await gateway.command('session', 'pause', id, '--because', 'lunch')).toMatchObject({
      code: 0,
      stdout: `Session ${id} is paused.\n`,
    });
    const before = server.calls().length;
    expect(textOf(await read({ do: 'echo' }))).toMatch(/^STOPPED: this session is paused/);
    expect(server.calls()).toHaveLength(before);
    expect(await gateway.command('session', 'pause', id, '--because', 'again')).toMatchObject({ code: 1, stdout: '' });
    await gateway.command('session', 'resume', id, '--because', 'back');
    expect(textOf(await read({ do: 'echo' }))).toBe('ok');
  });

  test('is traced in order, with who did what and why, in words and as JSON lines', async () => {
    const page = { ...legacyCall('', {}), method: 'resources/read', params: { uri: 'note://secret' } };
    await post(gateway, page);
    await read({ do: 'echo', mark: 'traced' });
    const id = await sessionId();
    const { stdout } = await gateway.command('trace', id);
    expect(stdout).toMatch(/refused +operation=resources\/read target=note:\/\/secret reason=target_unknown\n/);
    expect(stdout).toMatch(/^ +1 .* opened /);
    expect(stdout).toMatch(/ state +why=lunch by=\S+ verb=pause/);
    expect(stdout).toMatch(
      /intent +operation=tools\/call target=rough\.rough effect=read .*\{"do":"echo","mark":"traced"\}/,
    );
    const lines = (await gateway.command('trace', id, '--json')).stdout.trim().split('\n');
    const entries = lines.map((line) => JSON.parse(line) as { seq: number; kind: string; arguments?: string });
    expect(entries.map((entry) => entry.seq)).toEqual(entries.map((_, at) => at + 1));
    expect(entries.at(-2)).toMatchObject({ kind: 'intent', arguments: '{"do":"echo","mark":"traced"}' });
    expect(entries.at(-1)).toMatchObject({ kind: 'outcome', body: { outcome: 'ok' } });
  });

  test('that is completed is over: its successor starts with a fresh budget', async () => {
    const id = await sessionId();
    await gateway.command('session', 'complete', id, '--because', 'done');
    expect(
      textOf(await post({ ...gateway, url: `${gateway.url}/${id}` }, legacyCall('rough__rough', { do: 'echo' }))),
    ).toMatch(/^STOPPED: this session is over/);
    expect(textOf(await read({ do: 'echo' }))).toBe('ok');
    expect(await sessionId()).not.toBe(id);
    expect((await gateway.command('sessions', '--all')).stdout).toMatch(new RegExp(`${id} +completed`));
    expect((await gateway.command('sessions')).stdout).not.toContain(id);
  });
});

test('the state that a gateway leaves behind is for its own user only', () => {
  for (const path of [gateway.home.folder, gateway.home.keys, gateway.home.approvers])
    expect(statSync(path).mode & 0o777).toBe(0o700);
  for (const path of [gateway.home.token, gateway.home.ledger, gateway.home.socket])
    expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('an entry that was edited by force is found by audit verify, and named', async () => {
  await read({ do: 'echo' });
  expect(await gateway.command('audit', 'verify')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^Every chain is whole\.\n(\d+ answers? (is|are) proven by who is enrolled here\.\n)?$/,
    ),
  });
  const id = await sessionId();
  const database = new DatabaseSync(gateway.home.ledger);
  const set = database.prepare("UPDATE journal SET body = replace(body, ?, ?) WHERE session = ? AND kind = 'intent'");
  expect(Number(set.run('rough.rough', 'rough.rouge', id).changes)).toBeGreaterThan(0);
  const { code, stdout, stderr } = await gateway.command('audit', 'verify');
  set.run('rough.rouge', 'rough.rough', id);
  database.close();
  expect([code, stdout, stderr]).toEqual([
    1,
    '',
    expect.stringMatching(new RegExp(`^tollgate: ${id}: entry 2 was changed, or does not follow`)),
  ]);
});

test('a policy that is sound is told so, and nothing is started', async () => {
  const { code, stdout, stderr } = await gateway.command('policy', 'check', gateway.policy);
  expect([code, stderr]).toEqual([0, '']);
  const [first, ...warnings] = stdout.trimEnd().split('\n');
  expect(first).toBe('ok  profile commands, 2 tools, 1 server');
  for (const one of warnings) expect(one).toMatch(/^\/.*\.yaml:\d+:\d+: warning: /);
  expect(warnings).not.toEqual([]);
});

test('prompts and patterns of resources are counted where a policy names some', async () => {
  const file = join(folder, 'reading.yaml');
  writeFileSync(
    file,
    `version: 1
profile: reading
who: local
servers: { notes: { command: [node, never-started.js] } }
tools: {}
prompts: [{ server: notes, name: summary }]
resources: [{ server: notes, uri: "note://**" }, { server: notes, uri: "page://**" }]
`,
  );
  const { stdout } = await gateway.command('policy', 'check', file);
  expect(stdout).toMatch(/^ok {2}profile reading, 0 tools, 1 prompt, 2 resource patterns, 1 server\n/);
});
