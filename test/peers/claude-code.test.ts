/** Claude Code, run headless against a stand-in of the model, with Tollgate as its one MCP server. */
import { mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Decision } from '../../src/domain/hold.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { homeOf } from '../../src/home.ts';
import { CLAUDE, type ClaudeEnded, runClaude } from '../support/claude-code.ts';
import { environmentOf, type RunningGateway, startGateway, TOLLGATE, temporaryFolder } from '../support/gateway.ts';
import { enrolPerson, type Person } from '../support/person.ts';
import { type ScriptedModel, scriptedModel, type Turn } from '../support/scripted-model.ts';
import { answerNext } from './answer-next.ts';
import { EVERYTHING } from './shipped-servers.ts';

const NEEDS = 'needs Claude Code: name its program in TOLLGATE_CLAUDE, or have claude on the PATH';
if (CLAUDE === undefined) console.log(`skipped: test/peers/claude-code.test.ts ${NEEDS}`);

const SERVERS = join(import.meta.dirname, '..', '..', 'servers');
const folder = realpathSync(temporaryFolder());
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
servers:
  workspace: ${shipped('workspace', workspace)}
  outbox: ${shipped('outbox', outbox)}
  everything: { command: ${JSON.stringify(EVERYTHING)}, asks: { elicitation: [form], roots: true } }
tools:
  workspace.read_file: { effect: read }
  outbox.send_message:
    effect: irreversible
    arguments: { to: { pattern: "[a-z]+@example\\\\.com" } }
    approval: { reason: Mail cannot be called back. }
  everything.trigger-elicitation-request: { effect: read }
  everything.get-roots-list: { effect: read }
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
const ELICIT = 'mcp__tollgate__everything__trigger-elicitation-request';
const ROOTS = 'mcp__tollgate__everything__get-roots-list';

const letterTo = (to: string, id: string): Turn => ({
  calls: SEND,
  with: { request_id: id, to, subject: 'Hi', body: 'Hello' },
});

const delivered = (): readonly string[] => readdirSync(join(outbox, 'new'));

type Way = () => JsonObject;

const overHttp: Way = () => ({
  type: 'http',
  url: gateway.url,
  headers: { Authorization: `Bearer ${gateway.token}` },
});

const overStdio: Way = () => ({
  type: 'stdio',
  command: process.execPath,
  args: [TOLLGATE, 'stdio', '--policy', gateway.policy],
  env: { TOLLGATE_HOME: gateway.home.folder },
});

interface Played {
  readonly model: ScriptedModel;
  readonly ended: ClaudeEnded;
  /** Its working folder. */
  readonly work: string;
}

/** Plays a script to its end, while a person answers the one call that is held. */
async function play(
  name: string,
  script: readonly Turn[],
  run: { readonly server: JsonObject; readonly settings?: JsonObject; readonly verdict: Decision['verdict'] },
): Promise<Played> {
  const model = await scriptedModel(script);
  try {
    const own = join(folder, name.replaceAll(' ', '-'));
    mkdirSync(own);
    const running = runClaude(CLAUDE ?? '', { ...run, model, folder: own });
    const [ended] = await Promise.all([running, answerNext(gateway.home, person, run.verdict, running)]);
    return { model, ended, work: join(own, 'work') };
  } finally {
    await model.close();
  }
}

const WAYS: readonly (readonly [name: string, server: Way])[] = [
  ['over HTTP', overHttp],
  ['over stdio', overStdio],
];

describe.skipIf(CLAUDE === undefined).each(WAYS)(`Claude Code %s (${NEEDS})`, (way, server) => {
  let played: Played;
  let before: number;

  beforeAll(async () => {
    before = delivered().length;
    const script: readonly Turn[] = [
      { calls: READ, with: { path: 'hello.txt' } },
      letterTo('eve@evil.example', way),
      letterTo('ada@example.com', way),
      { calls: ELICIT, with: {} },
      { calls: ROOTS, with: {} },
      { says: 'All done.' },
    ];
    played = await play(way, script, { server: server(), verdict: 'approve' });
  });

  test('comes to its end, and says what the model said', () => {
    expect(played.ended).toMatchObject({ code: 0, result: 'All done.' });
  });

  test('shows the model the tools of the policy, each with its contract, and no other of Tollgate', () => {
    const tools = played.model.tools().filter(({ name }) => name.startsWith('mcp__'));
    const named = [READ, SEND, ELICIT, ROOTS, 'mcp__tollgate__tollgate__continue'];
    expect(tools.map(({ name }) => name).sort()).toEqual(named.sort());
    expect(tools.find(({ name }) => name === READ)?.description).toMatch(/^Effect: read, it only reads\./);
  });

  test('has an allowed call made, and the model reads its result', () => {
    expect(played.model.answers()[0]).toEqual({ isError: false, text: 'Hello from a file.' });
  });

  test('lets the model read why a call is denied', () => {
    expect(played.model.answers()[1]).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^DENIED, NOT DONE: `to` must be/),
    });
  });

  test('waits while a person is asked, and has the result once they approve: one message is sent', () => {
    expect(played.model.answers()[2]).toMatchObject({ isError: false, text: expect.stringContaining('@localhost') });
    expect(delivered()).toHaveLength(before + 1);
  });

  test('answers the question of a server for a person who is not there: cancelled', () => {
    expect(played.model.answers()[3]?.text).toContain('User cancelled');
  });

  test('tells a server that may ask its working folder', () => {
    expect(played.model.answers()[4]?.text).toContain(pathToFileURL(played.work).href);
  });
});

/** Accepts whatever a server asks, with nobody there. */
const ACCEPTS = JSON.stringify({
  hookSpecificOutput: { hookEventName: 'Elicitation', action: 'accept', content: { name: 'A hook' } },
});

test.skipIf(CLAUDE === undefined)(
  `a hook of Claude Code that accepts every question answers a server, and approves no hold (${NEEDS})`,
  async () => {
    const before = delivered().length;
    const settings = { hooks: { Elicitation: [{ hooks: [{ type: 'command', command: `echo '${ACCEPTS}'` }] }] } };
    const script: readonly Turn[] = [
      { calls: ELICIT, with: {} },
      letterTo('ada@example.com', 'by a hook'),
      { says: 'All done.' },
    ];
    const { model } = await play('with a hook', script, { server: overHttp(), settings, verdict: 'deny' });
    const [elicited, sent] = model.answers();
    expect(elicited?.text).toContain('Name: A hook');
    expect(sent).toMatchObject({ isError: true, text: expect.stringMatching(/^DENIED, NOT DONE: a person denied/) });
    expect(delivered()).toHaveLength(before);
  },
);
