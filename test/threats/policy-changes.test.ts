/** Somebody who can write in the folder of policies, and has no passphrase. */
import { readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import type { LockedServer } from '../../src/domain/lock.ts';
import { readLock } from '../../src/policy/lock/read-lock.ts';
import { lockText } from '../../src/policy/lock/write-lock.ts';
import { lockWidenings } from '../../src/policy/widening/lock-widenings.ts';
import { wideningText } from '../../src/policy/widening/widening.ts';
import { type LivePolicy, livePolicy, upTo } from '../reload/live.ts';
import { startGateway, temporaryFolder } from '../support/gateway.ts';
import { pinned } from '../support/pin.ts';
import { legacyCall, post, textOf } from '../support/posts.ts';
import { recordingServer } from '../support/recording-server.ts';
import { ruledPath } from '../support/ruled-path.ts';

const WIDER = 'WIDER than what was accepted last';
const DENIED = /^DENIED, NOT DONE/;

async function live(rules: string, rest?: string): Promise<LivePolicy> {
  const policy = await livePolicy(rules, rest);
  onTestFinished(() => rmSync(policy.folder, { recursive: true, force: true }));
  onTestFinished(() => policy.gateway.stop());
  return policy;
}

async function restarted(policy: LivePolicy, text: string): Promise<LivePolicy> {
  const again = await policy.restart(text);
  onTestFinished(() => again.gateway.stop());
  return again;
}

describe('a wider file is not in force', () => {
  test('as a trial that was slipped in', async () => {
    const policy = await live(upTo(5));
    policy.write(policy.textOf(upTo(5), 'mode: observe\n'));
    await policy.reported(WIDER);
    await policy.reported('mode: observe, was enforce');
    expect(await policy.call(8)).toMatch(DENIED);
  });

  test('as a trial that no longer holds what cannot be undone', async () => {
    const policy = await live('{ effect: irreversible, approval: {} }', 'mode: observe\n');
    policy.write(policy.textOf('{ effect: irreversible }', 'mode: observe\n'));
    await policy.reported(WIDER);
    await policy.reported('tools.rough.rough.approval: dropped');
    policy.write(
      policy.textOf(
        '{ effect: irreversible, cases: [{ id: all, when: { do: { type: string } }, then: allow }] }',
        'mode: observe\n',
      ),
    );
    await policy.reported('not every call needs an approval any more');
  });

  test('under another name of its profile, behind a link that took its place', async () => {
    const policy = await live(upTo(5));
    await policy.gateway.stop();
    const other = join(policy.folder, 'other.yaml');
    renameSync(policy.gateway.policy, other);
    symlinkSync(other, policy.gateway.policy);
    const again = await restarted(policy, policy.textOf(upTo(900)).replace('profile: live', 'profile: another'));
    await again.reported(WIDER);
    expect(await again.call(8)).toMatch(DENIED);
  });

  test('with the text of another policy that was accepted for others', async () => {
    const policy = await live(upTo(5));
    await policy.gateway.stop();
    const lax = join(policy.folder, 'lax.yaml');
    const laxText = policy.textOf(upTo(900)).replace('profile: live', 'profile: lax');
    writeFileSync(lax, laxText);
    const both = await startGateway(policy.textOf(upTo(5)), { folder: policy.folder, words: ['--policy', lax] });
    expect(
      textOf(await post({ ...both, url: `${both.url}/p/lax` }, legacyCall('rough__rough', { do: 'echo', n: 8 }))),
    ).toBe('ok');
    await both.stop();
    const again = await restarted(policy, laxText);
    await again.reported(WIDER);
    expect(await again.call(8)).toMatch(DENIED);
  });
});

describe('a lock that somebody edited', () => {
  test('is wider in whatever was let in by it, with a seal that fits', async () => {
    const folder = temporaryFolder();
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const server = recordingServer(folder);
    const text = `version: 1\nprofile: locked\nwho: local\nservers: { rough: ${server.yaml} }\ntools: { rough.rough: { effect: read } }\n`;
    const file = join(folder, 'policy.lock.json');
    writeFileSync(file, (await pinned(folder, text)).text);
    const first = await startGateway(text, { folder });
    await first.stop();
    const lock = readLock({ file, text: readFileSync(file, 'utf8') });
    const locked = lock.ok ? lock.value.servers.get('rough') : undefined;
    if (locked === undefined) throw new Error('nothing was pinned');
    const { era: _any, ...eraless } = locked;
    writeFileSync(file, lockText({ servers: new Map([['rough', eraless]]) }));
    const again = await startGateway(text, { folder });
    onTestFinished(() => again.stop());
    expect(again.reports.join('\n')).toContain('lock.rough.era: nothing, was legacy');
  });

  test('is wider where another package is to run', () => {
    const server = (integrity: string): LockedServer => ({
      instructions: undefined,
      definitions: [],
      templates: [],
      pages: new Map(),
      reached: undefined,
      package: { name: 'p', version: '1.0.0', integrity, tree: 'sha256:0', record: {} },
    });
    const lock = (integrity: string) => ({
      file: 'x.lock.json',
      text: '',
      digest: '',
      servers: new Map([['crm', server(integrity)]]),
    });
    expect(lockWidenings(lock('sha512-a'), lock('sha512-a'))).toEqual([]);
    expect(lockWidenings(lock('sha512-a'), lock('sha512-b')).map(wideningText)).toEqual([
      expect.stringMatching(/^lock\.crm\.package: .*sha512-b.*, was .*sha512-a/),
    ]);
  });
});

describe('a profile on trial', () => {
  const TRIAL = `mode: observe
tools:
  rough.rough: { effect: write, arguments: { n: { maximum: 5 } }, approval: {} }
  rough.other:
    effect: write
    arguments: { n: { maximum: 5 } }
    cases:
      - { id: peek, when: { method: { const: peek } }, effect: read, then: allow }
      - { id: burn, when: { method: { const: burn } }, effect: irreversible, then: hold }
`;
  const echo = (more: JsonObject): JsonObject => ({ do: 'echo', ...more });

  test('lets through no call that cannot be undone, however it is dressed', async () => {
    const path = await ruledPath(TRIAL);
    const held = await path.call('rough__other', echo({ method: 'burn' }));
    expect(held.refusal?.reason).toBe('held');
    for (const given of [{}, { method: 'BURN' }, { method: ['burn'] }, { method: null }, { method: 'burn', n: 9 }]) {
      const said = await path.call('rough__other', echo(given));
      expect(said.refusal?.reason, JSON.stringify(given)).toMatch(/^(denied|held)$/);
    }
    expect(path.server.calls()).toEqual([]);
  });

  test('says of each call that it lets through what it would have refused, in the journal', async () => {
    const path = await ruledPath(TRIAL);
    const one = await path.call('rough__rough', echo({ n: 9 }));
    const two = await path.call('rough__other', echo({ method: 'peek', n: 9 }));
    expect([one.said, two.said]).toEqual(['ok', 'ok']);
    const intents = (await path.journal()).filter(({ kind }) => kind === 'intent');
    expect(intents.map(({ body }) => body['observed'])).toMatchObject([
      [
        { rule: 'rough.rough.arguments.n', would: 'deny' },
        { rule: 'rough.rough.approval', would: 'hold' },
      ],
      [{ rule: 'rough.other.arguments.n', would: 'deny' }],
    ]);
  });
});
