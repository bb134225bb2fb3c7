/** `tollgate session new|show` and the verbs, beside a running gateway and without one. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/downstream.ts';
import { type Finished, type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { legacyCall, post, textOf } from '../support/posts.ts';
import { recordingServer } from '../support/recording-server.ts';

const folder = temporaryFolder();
let gateway: RunningGateway;

const policyOf = (profile: string, who: string, more = ''): string => `version: 1
profile: ${profile}
who: ${who}
servers: { rough: ${recordingServer(folder).yaml} }
tools:
  rough.rough: { effect: read, labels: [private] }
  rough.other: { effect: write, approval: { reason: Somebody should look. } }
${more}`;

beforeAll(async () => {
  const others = [
    policyOf('few', 'local', 'budgets: { principal: { sessions: 1 } }\n'),
    policyOf('foreign', '[{ issuer: "https://login.example.com" }]'),
  ];
  const deployment = `version: 1
identity: { issuers: [{ url: "https://login.example.com", audience: x, keys: keys.json }] }
`;
  writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys: [KEY] }));
  writeFileSync(join(folder, 'gateway.yaml'), deployment);
  const files = others.map((text, place) => {
    const file = join(folder, `other-${place}.yaml`);
    writeFileSync(file, text);
    return file;
  });
  const words = ['--config', join(folder, 'gateway.yaml'), '--policy', ...files];
  const budget = 'budgets: { session: { calls: 5 } }\nsession: { max_age: 8h }\n';
  gateway = await startGateway(policyOf('desk', 'local', budget), { folder, words });
});
afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Any public key: no token is checked here. */
const KEY = {
  kty: 'OKP',
  crv: 'Ed25519',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
};

const tollgate = (...words: readonly string[]): Promise<Finished> => gateway.command('session', ...words);

async function opened(...words: readonly string[]): Promise<{ session: string; url: string }> {
  const { code, stdout, stderr } = await tollgate('new', '--profile', 'desk', ...words, '--json');
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

const call = (url: string, name = 'rough__rough') => post({ ...gateway, url }, legacyCall(name, { do: 'echo' }));

describe('session new', () => {
  test('prints the URL at which its agent works at once', async () => {
    const { code, stdout } = await tollgate('new', '--profile', 'desk');
    expect(code).toBe(0);
    const [, id, url = ''] = /^Session (s_\S+) is open under the profile desk\. .*\n {2}(\S+)\n$/.exec(stdout) ?? [];
    expect(url).toBe(`${gateway.url}/${id}`);
    expect(textOf(await call(url))).toBe('ok');
  });

  test.each([
    [
      'a profile that was never in force',
      'none',
      1,
      /^tollgate: no policy of the profile none has been in force here\n$/,
    ],
    ['a profile for callers of an issuer alone', 'foreign', 1, /"who" lets in no agent of this machine \(local\)\n$/],
  ])('opens none under %s, and says why', async (_, profile, code, said) => {
    const finished = await tollgate('new', '--profile', profile, '--config', join(folder, 'gateway.yaml'));
    expect(finished).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(said) });
  });

  test('opens no more than the policy lets one principal have', async () => {
    expect((await tollgate('new', '--profile', 'few')).code).toBe(0);
    expect(await tollgate('new', '--profile', 'few')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/has 1 of 1 live sessions under few: complete one first\n$/),
    });
  });

  test('takes no instructions that are not there, are empty or longer than the API takes', async () => {
    const file = join(folder, 'instructions.txt');
    for (const [text, code, said] of [
      ['', 64, 'holds 0 characters'],
      ['x'.repeat(60_001), 64, 'holds 60001 characters'],
    ] as const) {
      writeFileSync(file, text);
      const finished = await tollgate('new', '--profile', 'desk', '--instructions', file);
      expect(finished).toMatchObject({ code, stderr: expect.stringContaining(said) });
    }
    expect((await tollgate('new', '--profile', 'desk', '--instructions', `${file}.none`)).code).toBe(74);
  });
});

describe('session show', () => {
  test('is one screen: what it is for, how it stands, what waits and what was called', async () => {
    const file = join(folder, 'told.txt');
    writeFileSync(file, 'Be brief.');
    const given = ['--task', 'Answer c1.', '--instructions', file, '--model', 'a-model', '--route', 'by\u001b[2J'];
    const { session, url } = await opened(...given);
    expect(textOf(await call(url))).toBe('ok');
    const waiting = call(url, 'rough__other');
    const show = async (): Promise<string> => (await tollgate('show', session)).stdout;
    await until(async () => (await show()).includes('awaiting_approval'));
    const lines = (await show()).trimEnd().split('\n');
    expect(lines[0]).toBe(`${session}  awaiting_approval`);
    const rows = lines.slice(2).map((line) => [line.slice(2, 17).trimEnd(), line.slice(17)]);
    expect(rows).toEqual([
      ['task', 'Answer c1.'],
      ['instructions', expect.stringMatching(/^sha256:[0-9a-f]{64}$/)],
      ['model', 'a-model'],
      ['route', 'by\\u{1b}[2J'],
      ['profile', 'desk'],
      ['principal', expect.stringMatching(/^local:agent-of:\S+, client local, tenant local$/)],
      ['opened', expect.stringMatching(/^20\S+Z, \d+ s ago$/)],
      ['last call', expect.stringMatching(/^20\S+Z, \d+ s ago$/)],
      ['expires', expect.stringMatching(/^20\S+Z$/)],
      ['labels', 'private'],
      ['used', expect.stringMatching(/\bcalls 1 of 5\b/)],
      ['waits for you', expect.stringMatching(/^h_\S+ {2}rough\.other {2}since \d+ s$/)],
      ['calls', expect.stringMatching(/^20\S+Z {2}rough\.rough {2}ok$/)],
      ['', expect.stringMatching(/^20\S+Z {2}rough__other {2}refused: held$/)],
    ]);
    const { stdout } = await tollgate('show', session, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      session: { id: session, named: true },
      description: { task: 'Answer c1.', instructions: { text: 'Be brief.' } },
      holds: [{ target: 'rough.other' }],
      calls: [{ target: 'rough.rough', became: 'ok' }, { became: 'refused: held' }],
    });
    await tollgate('complete', session, '--because', 'shown');
    await waiting;
  });

  test('of none says so', async () => {
    expect(await tollgate('show', 's_\u001b[2J')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'tollgate: there is no session s_\\u{1b}[2J; tollgate sessions lists them\n',
    });
  });
});

test('a session is paused, resumed, completed and archived, and is listed as long as it is not over', async () => {
  const { session } = await opened();
  const listed = async (...words: readonly string[]) => (await gateway.command('sessions', ...words)).stdout;
  for (const [verb, state] of [
    ['pause', 'paused'],
    ['resume', 'running'],
    ['complete', 'completed'],
    ['archive', 'archived'],
  ] as const) {
    const done = await tollgate(verb, session, '--because', 'so');
    expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(`^Session ${session} is ${state}[.:]`) });
    expect(await listed('--all')).toMatch(new RegExp(`${session} +${state}`));
    expect((await listed()).includes(session)).toBe(verb === 'pause' || verb === 'resume');
    expect((await listed('--json')).includes(session)).toBe(verb === 'pause' || verb === 'resume');
  }
  expect(await tollgate('resume', session, '--because', 'so')).toMatchObject({ code: 1, stdout: '' });
});

test('without a gateway a session is opened, shown and ended all the same', { timeout: 120_000 }, async () => {
  const place = temporaryFolder();
  const other = await startGateway(policyOf('desk', 'local'), { folder: place });
  await other.stop();
  const made = JSON.parse((await other.command('session', 'new', '--profile', 'desk', '--json')).stdout);
  expect(made.url).toBe(`${other.url}/${made.session}`);
  expect((await other.command('session', 'show', made.session)).stdout).toContain(`${made.session}  created\n`);
  await other.command('session', 'complete', made.session, '--because', 'done');
  expect((await other.command('sessions')).stdout).toBe('No session is open; --all shows those that are over.\n');
  rmSync(place, { recursive: true, force: true });
});
