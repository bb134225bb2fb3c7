/** What a session has touched stays with it, whatever is tried. */
import { describe, expect, test } from 'vitest';
import { NO_ABILITIES } from '../../src/domain/abilities.ts';
import type { Received } from '../../src/domain/call.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { holdOf } from '../stages/holding-path.ts';
import { lineTo, type OpenPath } from '../support/path.ts';
import { inFolder, type RuledPath, ruledPath } from '../support/ruled-path.ts';

const READ = 'rough__rough';
const SEND = 'rough__other';
const echo = (more: JsonObject = {}): JsonObject => ({ do: 'echo', ...more });

/** `rough` brings in what is private and untrusted; `other` sends. What leaves after that is denied. */
const FLOW = `tools:
  rough.rough: { effect: read }
  rough.other: { effect: write, labels: [], sends_to: external }
flows: [{ id: stays, when: { labels: [private, untrusted], sends_to: external }, then: deny }]
`;
const STAYS = { reason: 'denied', rules: ['flows.stays'] };
const flowPath = (policy = FLOW): Promise<RuledPath> =>
  ruledPath(policy, { flags: ['resources'], more: ', defaults: { sends_to: none }' });

const labelled = async ({ ledger }: OpenPath): Promise<readonly string[]> =>
  [...new Set((await ledger.sessions(Date.now())).flatMap(({ labels }) => labels))].sort();

describe('labels are washed off', () => {
  test('by no other era, client, connection or window, and by no restart', async () => {
    const path = await flowPath();
    await path.call(READ, echo());
    const guises: readonly Partial<Received>[] = [
      { revision: '2025-11-25' },
      { client: { name: 'another', version: '2' }, transport: 'stdio' },
      { abilities: { ...NO_ABILITIES, roots: true } },
      { route: { profile: 'ruled', session: undefined, folder: undefined } },
      { route: { profile: undefined, session: (await path.session()).session.id, folder: undefined } },
    ];
    for (const as of guises) expect((await path.call(SEND, echo(), as)).refusal).toMatchObject(STAYS);
    const window = await path.again('visitor');
    expect((await window.call(SEND, echo())).refusal).toMatchObject(STAYS);
    await window.close();
    await path.close();
    const restarted = await path.again('owner');
    expect((await restarted.call(SEND, echo())).refusal).toMatchObject(STAYS);
    expect(path.server.calls()).toEqual([echo()]);
  });

  test.each<[string, JsonObject, JsonObject]>([
    ['an error that says it all', { do: 'error' }, { outcome: 'rpc_error' }],
    ['a result that says it failed', { do: 'raw', result: { content: [], isError: true } }, { outcome: 'tool_error' }],
    ['a result that is withheld', { do: 'raw', result: { content: 'none' } }, { outcome: 'withheld' }],
    ['a server that dies half way', { do: 'exit' }, { outcome: 'unknown' }],
    ['progress before an end', { do: 'progress', steps: [1] }, { outcome: 'ok' }],
  ])('by no way in which a call ends: %s', async (_, given, outcome) => {
    const path = await flowPath();
    expect((await path.call(READ, given)).outcome).toMatchObject(outcome);
    expect((await path.call(SEND, echo())).refusal).toMatchObject(STAYS);
  });

  test('by no answer that the client gave up waiting for', async () => {
    const path = await flowPath();
    const gone = new AbortController();
    const line = lineTo(gone.signal);
    const hanging = path.call(READ, { do: 'hang' }, { line });
    while (path.server.calls().length === 0) await new Promise(setImmediate);
    expect((await path.call(SEND, echo())).refusal).toMatchObject(STAYS);
    gone.abort();
    await hanging;
    expect((await path.call(SEND, echo())).refusal).toMatchObject(STAYS);
  });

  test('by reading as a resource, or by watching one', async () => {
    for (const operation of ['resources/read', 'resources/subscribe'] as const) {
      const path = await flowPath(`${FLOW}resources: [{ server: rough, uri: "rough://**" }]\n`);
      await path.call('rough://one', {}, { operation });
      expect((await path.call(SEND, echo())).refusal, operation).toMatchObject(STAYS);
    }
  });
});

test('a session of its own, of the same principal, has its own labels, and no call or hold of the other', async () => {
  const path = await flowPath();
  await path.call(READ, echo());
  expect((await path.call(SEND, echo(), inFolder('/elsewhere'))).said).toBe('ok');
  expect(await labelled(path)).toEqual(['private', 'untrusted']);
});

describe('a draft', () => {
  test('that a case lets send is no draft: what it does not say of its reach is the farthest', async () => {
    const path = await ruledPath(`tools:
  rough.rough: { effect: read, sends_to: none }
  rough.other:
    effect: draft
    cases:
      - { id: draft, when: { method: { const: draft } }, then: allow }
      - { id: send, when: { method: { const: send } }, effect: irreversible, then: allow }
flows: [{ id: stays, when: { labels: [private, untrusted], sends_to: external }, then: deny }]
`);
    await path.call(READ, echo());
    expect((await path.call(SEND, echo({ method: 'send' }))).refusal).toMatchObject(STAYS);
  });

  test('brings in what it is not said to leave out', async () => {
    const path = await flowPath(FLOW.replace('rough.rough: { effect: read }', 'rough.rough: { effect: draft }'));
    await path.call(READ, echo());
    expect((await path.call(SEND, echo())).refusal).toMatchObject(STAYS);
  });
});

test('an approval from before the session touched it lets nothing leave after', async () => {
  const approved = FLOW.replace('rough.other: { effect: write,', 'rough.other: { effect: write, approval: {},');
  const path = await flowPath(approved);
  const hold = holdOf(await path.call(SEND, echo()));
  await path.answer(path.person, hold, 'approve');
  await path.call(READ, echo({ n: 1 }));
  expect((await path.call(SEND, echo())).refusal).toMatchObject(STAYS);
  expect((await path.call('tollgate__continue', { hold })).refusal).toMatchObject(STAYS);
  expect(path.server.calls()).toEqual([echo({ n: 1 })]);
});

test('a reason reaches nobody but the person who approves', async () => {
  const path = await flowPath(`${FLOW}session: { require_reason: [write] }\n`);
  const reason = { tollgate_reason: 'the secret is 42' };
  expect((await path.call(SEND, echo(reason))).said).toBe('ok');
  await path.call(READ, echo());
  expect((await path.call(SEND, echo(reason))).refusal).toMatchObject(STAYS);
  expect(path.server.calls()).toEqual([echo(), echo()]);
  expect(JSON.stringify(path.server.received())).not.toContain('42');
});

test('what is read and what is sent at the same moment do not slip past each other', async () => {
  const path = await flowPath();
  const calls = Array.from({ length: 12 }, (_, n) => path.call(n % 2 === 0 ? SEND : READ, echo({ n })));
  await Promise.all(calls);
  const intents = (await path.journal()).filter(({ kind }) => kind === 'intent').map(({ body }) => body['target']);
  const firstRead = intents.indexOf('rough.rough');
  expect(intents.filter((target) => target === 'rough.rough')).toHaveLength(6);
  expect(intents.slice(firstRead)).not.toContain('rough.other');
});
