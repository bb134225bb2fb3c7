import { describe, expect, test } from 'vitest';
import type { Received } from '../../src/domain/call.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { TOKEN } from '../support/path.ts';
import { inFolder, type RuledPath, ruledPath } from '../support/ruled-path.ts';
import { holdOf } from './holding-path.ts';

const PRODUCTION = ', environment: production';
const TOOLS = `tools:
  rough.rough: { effect: read }
  rough.other: { effect: write }
resources: [{ server: rough, uri: "rough://**" }]
`;
const NEED = {
  kind: 'production',
  rule: 'servers.rough.environment',
  reason: 'rough is production; a yes lets this session reach it from then on',
};
const echo = (text: string): JsonObject => ({ do: 'echo', text });

const reaching = (policy = TOOLS, now?: () => number): Promise<RuledPath> =>
  ruledPath(policy, { flags: ['resources'], more: PRODUCTION, ...(now && { now }) });

const agree = async (path: RuledPath, as?: Partial<Received>): Promise<void> => {
  const hold = holdOf(await path.call('rough__rough', echo('first'), as));
  await path.answer(path.person, hold, 'approve');
  expect((await path.call('rough__rough', echo('first'), as)).said).toBe('ok');
};

describe('a server of production', () => {
  test('is reached by no call of a session before a person agreed, and then by every one', async () => {
    const path = await reaching();
    const held = await path.call('rough__rough', echo('first'));
    expect(held.refusal).toMatchObject({ reason: 'held', hold: { needs: [NEED], target: 'rough.rough' } });
    expect(path.server.calls()).toEqual([]);
    await path.answer(path.person, holdOf(held), 'approve');
    expect(path.server.calls()).toEqual([]);
    for (const text of ['first', 'second']) expect((await path.call('rough__rough', echo(text))).said).toBe('ok');
    expect((await path.call('rough__other', echo('third'))).said).toBe('ok');
    expect((await path.session()).extended).toEqual({ 'production.rough': 1 });
    expect(path.server.calls()).toHaveLength(3);
    const [intent] = (await path.journal()).filter(({ kind }) => kind === 'intent');
    expect(intent?.body).toMatchObject({ rules: [NEED.rule], grant: { extend: { 'production.rough': 1 } } });
  });

  test('is reached after a restart without asking again', async () => {
    const path = await reaching();
    await agree(path);
    await path.close();
    const again = await path.again('owner');
    expect((await again.call('rough__rough', echo('second'))).said).toBe('ok');
  });

  test('is asked for once with whatever else the call needs', async () => {
    const path = await reaching('tools: { rough.other: { effect: write, approval: { reason: Look. } } }\n');
    const held = await path.call('rough__other', echo('1'));
    expect(held.refusal).toMatchObject({ hold: { needs: [{ rule: 'rough.other.approval', reason: 'Look.' }, NEED] } });
    await path.answer(path.person, holdOf(held), 'approve');
    expect((await path.call('rough__other', echo('1'))).said).toBe('ok');
    const next = await path.call('rough__other', echo('2'));
    expect(next.refusal).toMatchObject({ hold: { needs: [{ rule: 'rough.other.approval' }] } });
  });

  test('is not reached by who only stopped asking: a denied call is denied, and another asks anew', async () => {
    const path = await reaching();
    const hold = holdOf(await path.call('rough__rough', echo('1')));
    await path.answer(path.person, hold, 'deny', 'Not today.');
    expect((await path.call('rough__rough', echo('1'))).said).toBe('denied');
    expect((await path.call('rough__rough', echo('2'))).said).toBe('held');
    expect(path.server.calls()).toEqual([]);
  });

  test.each<[string, string]>([
    ['a profile that only observes', `mode: observe\n${TOOLS}`],
    ['a tool that nothing else is asked of', TOOLS],
    [
      'a case that allows every call',
      'tools: { rough.rough: { effect: read, cases: [{ id: a, when: {}, then: allow }] } }\n',
    ],
  ])('waits for a person whatever the policy says: %s', async (_name, policy) => {
    const path = await reaching(policy);
    expect((await path.call('rough__rough', echo('1'))).refusal).toMatchObject({ hold: { needs: [NEED] } });
    expect(path.server.calls()).toEqual([]);
  });

  test('is asked for again by another session of the same caller, and by one that follows', async () => {
    let now = Date.now();
    const path = await reaching(`${TOOLS}session: { max_age: 1h }\n`, () => now);
    await agree(path, inFolder('/a'));
    expect((await path.call('rough__rough', echo('2'), inFolder('/b'))).said).toBe('held');
    now += 2 * 3_600_000;
    expect((await path.call('rough__rough', echo('2'), inFolder('/a'))).said).toBe('held');
    expect(path.server.calls()).toHaveLength(1);
  });

  test('is not reached by listing, and what is listed says that a person is asked', async () => {
    const path = await reaching();
    const [presented, route] = [{ door: 'http', bearer: TOKEN } as const, inFolder('/a').route];
    const tools = await path.list(presented, route, 'tools');
    const told = tools.ok ? tools.value.map(({ name, description }) => `${name}: ${description}`) : [];
    expect(told.join('\n')).toContain(
      'A person must approve the first call of a session that reaches rough, which is production.',
    );
    expect(told.some((one) => one.startsWith('tollgate__continue'))).toBe(true);
    expect((await path.list(presented, route, 'resources')).ok).toBe(true);
    expect(await path.ledger.sessions(Date.now())).toEqual([]);
  });
});

describe('what cannot wait for a person', () => {
  const WATCH = { operation: 'resources/subscribe', arguments: {} } as const;
  const COMPLETE = {
    operation: 'completion/complete',
    completes: 'resource',
    arguments: { argument: { name: 'name', value: 'a' } },
  } as const;

  test.each<[string, string, Partial<Received>]>([
    ['a subscription', 'rough://a', WATCH],
    ['a completion', 'rough://{name}', COMPLETE],
  ])('is denied with a sentence that says what can: %s', async (_name, target, as) => {
    const path = await reaching();
    expect((await path.call(target, {}, { ...as, target })).refusal).toEqual({
      reason: 'denied',
      rules: [NEED.rule],
      why: 'rough is production, no person has agreed yet that this session reaches it, and this cannot wait',
      remedy: 'Call a tool of that server, read a resource of it or get a prompt: such a call can wait for a person.',
    });
    expect((await path.session()).extended).toEqual({});
  });

  test('a resource waits like a tool', async () => {
    const path = await reaching();
    const read = { operation: 'resources/read', target: 'rough://a', arguments: {} } as const;
    const held = await path.call('', {}, read);
    expect(held.refusal).toMatchObject({ hold: { needs: [NEED], target: 'resource rough rough://a' } });
  });
});

test('calls that waited for the same yes run once it is given: nobody is asked twice', async () => {
  const path = await reaching();
  const [first, second] = await Promise.all(['1', '2'].map((text) => path.call('rough__rough', echo(text))));
  if (first === undefined || second === undefined) throw new Error('two calls were made');
  await path.answer(path.person, holdOf(first), 'approve');
  expect((await path.call('rough__rough', echo('1'))).said).toBe('ok');
  expect(await path.ledger.hold(holdOf(second), Date.now())).toMatchObject({ state: 'lapsed' });
  expect((await path.call('rough__rough', echo('2'))).said).toBe('ok');
  expect(await path.ledger.holds({ open: true }, Date.now())).toEqual([]);
});
