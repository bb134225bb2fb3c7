/** Claude Code, run headless against a stand-in of the model, with Tollgate as its one MCP server. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { homeOf } from '../../src/home.ts';
import { CLAUDE, type ClaudeEnded, runClaude } from '../support/claude-code.ts';
import { environmentOf, type RunningGateway, startGateway, TOLLGATE, temporaryFolder } from '../support/gateway.ts';
import { enrolPerson, type Person } from '../support/person.ts';
import { type ScriptedModel, scriptedModel, type Turn } from '../support/scripted-model.ts';
import { answerNext } from './answer-next.ts';

const NEEDS = 'needs Claude Code: name its program in TOLLGATE_CLAUDE, or have claude on the PATH';
if (CLAUDE === undefined) console.log(`skipped: test/peers/claude-code.test.ts ${NEEDS}`);

const SERVERS = join(import.meta.dirname, '..', '..', 'servers');
const folder = temporaryFolder();
const outbox = join(folder, 'outbox');
let gateway: RunningGateway;
let person: Person;

beforeAll(async () => {
  if (CLAUDE === undefined) return;
  person = await enrolPerson(homeOf(environmentOf(folder)));
  const workspace = join(folder, 'workspace');
  mkdirSync(workspace);
  writeFileSync(join(workspace, 'hello.txt'), 'Hello from a file.');
  const shipped = (name: string, of: string) =>
    JSON.stringify({ command: ['node', join(SERVERS, name, 'main.ts'), of] });
  const policy = `version: 1
profile: peers
who: local
servers: { workspace: ${shipped('workspace', workspace)}, outbox: ${shipped('outbox', outbox)} }
tools:
  workspace.read_file: { effect: read }
  outbox.send_message:
    effect: irreversible
    arguments: { to: { pattern: "[a-z]+@example\\\\.com" } }
    approval: { reason: Mail cannot be called back. }
`;
  gateway = await startGateway(policy, { folder });
});

afterAll(async () => {
  if (CLAUDE === undefined) return;
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

const READ = 'mcp__tollgate__workspace__read_file';
const SEND = 'mcp__tollgate__outbox__send_message';

const letterTo = (to: string, id: string): Turn => ({
  calls: SEND,
  with: { request_id: id, to, subject: 'Hi', body: 'Hello' },
});

const delivered = (): readonly string[] => readdirSync(join(outbox, 'new'));

const ways: readonly (readonly [name: string, server: () => object])[] = [
  ['over HTTP', () => ({ type: 'http', url: gateway.url, headers: { Authorization: `Bearer ${gateway.token}` } })],
  [
    'over stdio',
    () => ({
      type: 'stdio',
      command: process.execPath,
      args: [TOLLGATE, 'stdio', '--policy', gateway.policy],
      env: { TOLLGATE_HOME: gateway.home.folder },
    }),
  ],
];

describe.skipIf(CLAUDE === undefined).each(ways)(`Claude Code %s (${NEEDS})`, (way, server) => {
  let model: ScriptedModel;
  let ended: ClaudeEnded;
  let before: number;

  beforeAll(async () => {
    before = delivered().length;
    model = await scriptedModel([
      { calls: READ, with: { path: 'hello.txt' } },
      letterTo('eve@evil.example', way),
      letterTo('ada@example.com', way),
      { says: 'All done.' },
    ]);
    const own = join(folder, way.replaceAll(' ', '-'));
    mkdirSync(own);
    const run = runClaude(CLAUDE ?? '', { model, server: server() as never, folder: own });
    const approved = answerNext(gateway.home, person, 'approve', run);
    ended = await run;
    await approved;
  });
  afterAll(() => model.close());

  test('comes to its end, and says what the model said', () => {
    expect(ended).toMatchObject({ code: 0, result: 'All done.' });
  });

  test('shows the model the tools of the policy, each with its contract, and no other of Tollgate', () => {
    const tools = model.tools().filter(({ name }) => name.startsWith('mcp__'));
    expect(tools.map(({ name }) => name).sort()).toEqual([SEND, 'mcp__tollgate__tollgate__continue', READ].sort());
    expect(tools.find(({ name }) => name === READ)?.description).toMatch(/^Effect: read, it only reads\./);
  });

  test('has an allowed call made, and the model reads its result', () => {
    expect(model.answers()[0]).toEqual({ isError: false, text: 'Hello from a file.' });
  });

  test('lets the model read why a call is denied', () => {
    expect(model.answers()[1]).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^DENIED, NOT DONE: `to` must be/),
    });
  });

  test('waits while a person is asked, and has the result once they approve: one message is sent', () => {
    expect(model.answers()[2]).toMatchObject({ isError: false, text: expect.stringContaining('@localhost') });
    expect(delivered()).toHaveLength(before + 1);
  });
});
