/** What a server or a policy's file says anew waits for a person, who reads and accepts it over the API with a passphrase. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type PolicyWhole, policyList, policyWhole } from '../../src/console/policy-shapes.ts';
import { homeOf } from '../../src/home.ts';
import { type ApiAnswered, apiToken, ask } from '../support/api-posts.ts';
import { until } from '../support/downstream.ts';
import { environmentOf, type RunningGateway, run, startGateway, temporaryFolder } from '../support/gateway.ts';
import { enrolPerson, visit } from '../support/person.ts';
import { legacyCall, post, textOf } from '../support/posts.ts';
import { recordingServer } from '../support/recording-server.ts';

const PASSPHRASE = 'correct horse';
const LONG = { timeout: 180_000 };

interface Here {
  readonly gateway: RunningGateway;
  readonly folder: string;
  /** From now on the server describes its tool so. */
  describe(words: string): Promise<void>;
  call(name: string): Promise<string>;
  policy(): Promise<PolicyWhole>;
  accept(shown: string, passphrase?: string): Promise<ApiAnswered>;
}

const policyText = (server: string, effect = 'read'): string =>
  `version: 1
profile: pinned
who: local
servers: { rough: ${server} }
tools:
  rough.rough: { effect: ${effect} }
  rough.other: { effect: write, arguments: { n: { maximum: 5 } } }
`;

async function here(): Promise<Here> {
  const folder = temporaryFolder();
  const description = `${folder}/description`;
  const server = recordingServer(folder, 'rough-stdio.ts', { LIST: description });
  writeFileSync(description, 'Sends mail to Ada.');
  writeFileSync(`${folder}/policy.yaml`, policyText(server.yaml));
  expect((await run(['policy', 'pin', `${folder}/policy.yaml`, '--yes'], environmentOf(folder))).code).toBe(0);
  await enrolPerson(homeOf(environmentOf(folder)), userInfo().username);
  const gateway = await startGateway(policyText(server.yaml), { folder });
  onTestFinished(async () => {
    await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const token = apiToken(gateway);
  const call = async (name: string, given = {}) =>
    textOf(await post(gateway, legacyCall(name, { do: 'echo', ...given })));
  return {
    gateway,
    folder,
    describe: async (words) => {
      writeFileSync(description, words);
      expect(textOf(await post(gateway, legacyCall('rough__other', { do: 'tell-change' })))).toBe('told');
      await until(async () => (await call('rough__rough')).startsWith('CHANGED'));
    },
    call,
    policy: async () => policyWhole.parse((await ask(gateway, '/api/policies/pinned', { token })).body),
    accept: (shown, passphrase = PASSPHRASE) =>
      ask(gateway, '/api/policies/pinned/accept', { token, body: { shown, passphrase } }),
  };
}

test(
  'a changed description is quarantined, shown word for word, accepted by a person, and back for the agent',
  LONG,
  async () => {
    const { gateway, folder, describe, call, policy, accept } = await here();
    expect((await policy()).offer).toBeNull();
    await describe('Sends mail to Eve.');
    const list = policyList.parse((await ask(gateway, '/api/policies', { token: apiToken(gateway) })).body).policies;
    expect(list).toMatchObject([
      { profile: 'pinned', wider: [], quarantined: [{ server: 'rough', names: ['rough'] }] },
    ]);
    const { offer } = await policy();
    expect(offer).toMatchObject({ kind: 'pins', wider: ['lock.rough.tool rough: changed'], files: [] });
    expect(offer?.pins).toMatchObject([
      {
        heading: 'tool rough.rough  changed',
        words: [
          { how: 'same', text: 'description: Sends mail to ' },
          { how: 'gone', text: 'Ada' },
          { how: 'new', text: 'Eve' },
          { how: 'same', text: '.' },
        ],
      },
    ]);
    const shown = offer?.shown ?? '';
    const before = readFileSync(join(folder, 'policy.lock.json'), 'utf8');
    expect((await accept(shown, 'wrong')).body).toMatchObject({ status: 403, reason: 'wrong_passphrase' });
    expect(readFileSync(join(folder, 'policy.lock.json'), 'utf8')).toBe(before);

    const accepted = await accept(shown);
    expect(policyWhole.parse(accepted.body)).toMatchObject({
      accepted_by: userInfo().username,
      quarantined: [],
      offer: null,
    });
    expect(await call('rough__rough')).toBe('ok');
    expect(readFileSync(join(folder, 'policy.lock.json'), 'utf8')).toContain('Sends mail to Eve.');
    expect((await policy()).offer).toBeNull();
    const ledger = await visit(gateway.home);
    onTestFinished(() => ledger.close());
    const entries = (await ledger.journal('gateway')).filter(({ kind }) => kind === 'accepted');
    expect(entries.at(-1)?.body).toMatchObject({
      by: userInfo().username,
      signature: expect.any(String),
      widenings: ['lock.rough.tool rough: changed'],
    });
  },
);

test('what changed again since it was shown is not accepted: the person looks once more', LONG, async () => {
  const { folder, describe, call, policy, accept } = await here();
  await describe('Sends mail to Eve.');
  const { offer } = await policy();
  await describe('Sends everything to Eve.');
  expect((await accept(offer?.shown ?? '')).body).toMatchObject({
    status: 409,
    detail: 'What waits is not what was shown: look again',
  });
  expect(await call('rough__rough')).toMatch(/^CHANGED/);
  expect(readFileSync(join(folder, 'policy.lock.json'), 'utf8')).toContain('Sends mail to Ada.');
});

test(
  'a wider file waits with its lines and why it is wider, and is in force once a person accepted that very text',
  LONG,
  async () => {
    const { gateway, policy, accept } = await here();
    const text = readFileSync(gateway.policy, 'utf8');
    writeFileSync(gateway.policy, text.replace('maximum: 5', 'maximum: 9'));
    await until(async () => (await policy()).wider.length > 0);
    const { offer, texts } = await policy();
    expect(texts[0]?.text).toContain('maximum: 5');
    expect(offer?.kind).toBe('policy');
    expect(offer?.files[0]?.lines.filter(({ how }) => how !== 'same')).toEqual([
      { how: 'gone', text: '  rough.other: { effect: write, arguments: { n: { maximum: 5 } } }' },
      { how: 'new', text: '  rough.other: { effect: write, arguments: { n: { maximum: 9 } } }' },
    ]);
    const call = async () => textOf(await post(gateway, legacyCall('rough__other', { do: 'echo', n: 7 })));
    expect(await call()).toMatch(/^(DENIED|INVALID)/);
    expect((await accept(offer?.shown ?? '')).status).toBe(200);
    expect(await call()).toBe('ok');
    expect((await policy()).wider).toEqual([]);
  },
);

test('a lock file that cannot be written is one clear error, and nothing is accepted', LONG, async () => {
  const { folder, describe, call, policy, accept } = await here();
  await describe('Sends mail to Eve.');
  const { offer } = await policy();
  const lock = join(folder, 'policy.lock.json');
  rmSync(lock);
  mkdirSync(lock);
  const refused = await accept(offer?.shown ?? '');
  const detail = expect.stringMatching(
    /^The lock file .* cannot be written here \(E\w+\); whoever may write it runs: tollgate policy accept --pins /,
  );
  expect(refused.body).toMatchObject({ status: 409, detail });
  expect(readdirSync(folder).filter((name) => name.startsWith('policy.lock.json.'))).toEqual([]);
  expect(await call('rough__rough')).toMatch(/^CHANGED/);
});
