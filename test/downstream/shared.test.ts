/** A server that a policy calls shared: one connection for all sessions, over which nothing crosses that cannot be told whose it is. */
import { expect, onTestFinished, test } from 'vitest';
import { NO_ABILITIES } from '../../src/domain/abilities.ts';
import { SHARED } from '../../src/domain/policy.ts';
import { openDownstream } from '../../src/downstream/downstream.ts';
import { exchangeOf, stdioServer } from '../support/downstream.ts';

const opened = (flags: readonly string[] = []) => {
  const downstream = openDownstream({
    servers: new Map([['s', stdioServer('rough-stdio.ts', flags)]]),
    now: Date.now,
    log: () => undefined,
  });
  onTestFinished(() => downstream.close());
  return async (owner: string) => {
    const connected = await downstream.connect('s', owner, NO_ABILITIES);
    if (!connected.ok) throw new Error(connected.error.why);
    return connected.value;
  };
};

const pidIn = async (connect: ReturnType<typeof opened>, owner: string): Promise<string> => {
  const outcome = await (await connect(owner)).call(exchangeOf('rough', '{"do":"pid"}'));
  return outcome.outcome === 'ok' ? JSON.stringify(outcome.result['content']) : outcome.outcome;
};

test('sessions have processes of their own, and those of a shared server one together', async () => {
  const connect = opened();
  const own = [await pidIn(connect, 's_1'), await pidIn(connect, 's_2')];
  expect(new Set(own).size).toBe(2);
  expect(await pidIn(connect, SHARED)).toBe(await pidIn(connect, SHARED));
});

test('a log that could be of any session reaches none', async () => {
  const connect = opened(['logging']);
  const log = '{"do":"log","entries":[{"level":"error","data":"canary"}]}';
  const [own, shared] = [
    exchangeOf('rough', log, { logLevel: 'debug' }),
    exchangeOf('rough', log, { logLevel: 'debug' }),
  ];
  const bystander = exchangeOf('rough', '{"do":"hang"}', { logLevel: 'debug', within: 2_000 });
  expect((await (await connect('s_1')).call(own)).outcome).toBe('ok');
  const everyone = await connect(SHARED);
  const waiting = everyone.call(bystander);
  expect((await everyone.call(shared)).outcome).toBe('ok');
  await waiting;
  expect(own.entries).toHaveLength(1);
  expect([shared.entries, bystander.entries]).toEqual([[], []]);
});
