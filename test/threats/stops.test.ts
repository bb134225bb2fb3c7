/** Stops and pauses over a real gateway, by the real command: the very next call, what is under way, what waits. */
import { readdirSync, rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Entry } from '../../src/domain/journal.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Snapshot } from '../../src/domain/session.ts';
import { until } from '../support/downstream.ts';
import { type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { type Answered, legacyCall, modernHeaders, modernMeta, modernRequest, post, textOf } from '../support/posts.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';

let folder: string;
let gateway: RunningGateway;
let rough: RecordingServer;
let cold: RecordingServer;
let asking: RecordingServer;

const policy = () => `version: 1
profile: stops
who: local
servers:
  rough: ${rough.yaml}
  cold: { ${cold.yaml.slice(1, -1)}, cwd: "\${session.dir}" }
  asking: { ${asking.yaml.slice(1, -1)}, asks: { elicitation: [form] } }
tools:
  rough.rough: { effect: write }
  rough.other: { effect: write, approval: { reason: Somebody should look. } }
  cold.rough: { effect: read }
  asking.ask: { effect: write }
`;

beforeEach(async () => {
  folder = temporaryFolder();
  rough = recordingServer(folder);
  cold = recordingServer(folder, 'rough-stdio.ts', { COLD: '1' });
  asking = recordingServer(folder, 'asking-stdio.ts', {}, ['modern']);
  gateway = await startGateway(policy(), { folder });
});
afterEach(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

const call = (tool: string, given: JsonObject): Promise<Answered> => post(gateway, legacyCall(tool, given));
const stop = async (...words: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await gateway.command('stop', ...words, '--why', 'It misbehaves.');
  expect([code, stderr]).toEqual([0, '']);
  return /tollgate lift (st_\S+)/.exec(stdout)?.[1] ?? '';
};
const session = async (): Promise<string> => {
  const listed = await gateway.command('sessions', '--json');
  return (JSON.parse(listed.stdout) as readonly Snapshot[])[0]?.session.id ?? '';
};
const traced = async (): Promise<readonly Entry[]> => {
  const { stdout } = await gateway.command('trace', await session(), '--json');
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry);
};

/** A call that hangs at its server, once it is there. */
async function underWay(mark: string): Promise<{ readonly answer: Promise<Answered> }> {
  const answer = call('rough__rough', { do: 'hang', mark });
  await until(() => rough.calls().some((one) => one['mark'] === mark));
  return { answer };
}

const STOPPED = /^STOPPED: a person stopped .*: It misbehaves\. Do not try another way\./;

describe('the very next call', () => {
  test('of what is stopped is refused before its server is started, also after a restart, until it is lifted', async () => {
    expect(textOf(await call('rough__rough', { do: 'echo' }))).toBe('ok');
    const id = await stop('--server', 'cold');
    const rooms = (): readonly string[] => readdirSync(gateway.home.sessions).filter((name) => name.startsWith('s_'));
    expect(textOf(await call('cold__rough', { do: 'echo', mark: 'first' }))).toMatch(
      /^STOPPED: a person stopped the server cold: It misbehaves\./,
    );
    expect(rooms()).toEqual([]);
    expect(textOf(await call('rough__rough', { do: 'echo', mark: 'another server' }))).toBe('ok');
    await gateway.stop();
    gateway = await startGateway(policy(), { folder });
    expect(textOf(await call('cold__rough', { do: 'echo', mark: 'second' }))).toMatch(STOPPED);
    expect(rooms()).toEqual([]);
    const last = (await traced()).findLast(({ kind }) => kind === 'refused');
    expect(last?.body).toMatchObject({ reason: 'stopped', stop: id });
    expect(await gateway.command('lift', id, '--why', 'mended')).toMatchObject({
      code: 0,
      stdout: 'Lifted: server cold may be called again.\n',
    });
    expect(textOf(await call('cold__rough', { do: 'echo', mark: 'third' }))).toBe('ok');
    const marks = cold.calls().map((one) => one['mark']);
    expect(marks).toContain('third');
    for (const mark of ['first', 'second']) expect(marks).not.toContain(mark);
  });

  test('is refused whatever is stopped that it is one of', async () => {
    await call('rough__rough', { do: 'echo' });
    const id = await session();
    for (const words of [
      ['--all'],
      ['--server', 'rough'],
      ['--tool', 'rough.rough'],
      ['--session', id],
      ['--principal', `local:agent-of:${userInfo().username}`],
    ]) {
      const stopped = await stop(...words);
      const before = rough.calls().length;
      expect(textOf(await call('rough__rough', { do: 'echo', of: words.join(' ') })), words.join(' ')).toMatch(STOPPED);
      expect(rough.calls()).toHaveLength(before);
      await gateway.command('lift', stopped, '--why', 'next');
    }
    expect(textOf(await call('rough__rough', { do: 'echo', of: 'nothing' }))).toBe('ok');
  });
});

describe('a call under way', () => {
  test.each(['--all', '--server', '--call'])(
    'is cancelled at its server by a stop with %s, and says that it may have happened',
    async (word) => {
      const { answer } = await underWay('hung');
      const intent = (await traced()).findLast(({ kind }) => kind === 'intent');
      await stop(word, ...(word === '--all' ? [] : [word === '--server' ? 'rough' : (intent?.call ?? '')]));
      expect(textOf(await answer)).toMatch(/^UNKNOWN: stopped by a person after it was sent\. It may have happened\./);
      await until(() => rough.cancelled().some((one) => one['mark'] === 'hung'));
      expect((await traced()).at(-1)).toMatchObject({
        kind: 'outcome',
        call: intent?.call,
        body: { outcome: 'unknown' },
      });
      expect(textOf(await call('rough__rough', { do: 'hang', mark: 'hung' }))).toMatch(STOPPED);
      expect(rough.calls().filter((one) => one['mark'] === 'hung')).toHaveLength(1);
    },
  );

  test('is cancelled by a pause, and goes on for nobody else', async () => {
    const { answer } = await underWay('paused');
    await gateway.command('session', 'pause', await session(), '--because', 'lunch');
    expect(textOf(await answer)).toMatch(/^UNKNOWN: stopped by a person after it was sent\./);
    await until(() => rough.cancelled().some((one) => one['mark'] === 'paused'));
  });

  test('of something else goes on', async () => {
    const { answer } = await underWay('spared');
    const other = await underWay('stopped');
    const stopped = (await traced()).findLast(({ kind }) => kind === 'intent');
    await stop('--server', 'cold');
    await stop('--call', stopped?.call ?? '');
    expect(textOf(await other.answer)).toMatch(/^UNKNOWN/);
    expect((await traced()).filter(({ kind }) => kind === 'outcome').map((one) => one.call)).toEqual([stopped?.call]);
    await stop('--all');
    expect(textOf(await answer)).toMatch(/^UNKNOWN/);
  });
});

describe('a call that waits', () => {
  test.each([
    ['stop --all', STOPPED],
    ['pause', /^STOPPED: this session is paused/],
  ] as const)('for a person is told at once: %s', async (how, told) => {
    const message = legacyCall('rough__other', { do: 'echo' });
    const answer = post(gateway, {
      ...message,
      params: { ...(message['params'] as JsonObject), _meta: { progressToken: 1 } },
    });
    await until(async () => (await gateway.command('holds', '--json')).stdout !== '[]\n');
    if (how === 'pause') await gateway.command('session', 'pause', await session(), '--because', 'lunch');
    else await stop('--all');
    expect(textOf(await answer)).toMatch(told);
    expect(rough.calls()).toEqual([]);
  });

  test('for its client between two rounds ends, and its next round is refused', async () => {
    const question = {
      method: 'elicitation/create',
      params: { message: 'who?', requestedSchema: { type: 'object', properties: {} } },
    };
    const capabilities = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } } };
    const given = { name: 'asking__ask', arguments: { rounds: [[question]] }, _meta: modernMeta(capabilities) };
    const send = (more: JsonObject) => {
      const message = modernRequest('tools/call', { ...given, ...more });
      return post(gateway, message, modernHeaders(message));
    };
    const asked = await send({});
    expect(asked.last.result).toMatchObject({ resultType: 'input_required' });
    await stop('--tool', 'asking.ask');
    await until(async () => (await traced()).some(({ kind }) => kind === 'outcome'));
    const answers = { k0: { action: 'accept', content: {} } };
    const back = await send({ requestState: asked.last.result?.['requestState'] ?? '', inputResponses: answers });
    expect(textOf(back)).toMatch(STOPPED);
    expect((await traced()).find(({ kind }) => kind === 'outcome')?.body).toMatchObject({ outcome: 'unknown' });
    expect(asking.calls()).toHaveLength(1);
  });
});
