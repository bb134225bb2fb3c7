import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ShimAgent, shimAgent } from './support/agents.ts';
import { type Deployment, deploy } from './support/deployment.ts';
import { endedWithTest } from './support/ended.ts';
import { sessionsOf } from './support/listings.ts';
import { endStartedGateway } from './support/started-gateway.ts';

const FILES = 'workspace__list_files';

async function shimIn(ended: AsyncDisposableStack, deployment: Deployment, folder: string): Promise<ShimAgent> {
  const shim = await shimAgent(deployment, folder);
  ended.defer(() => shim.close());
  return shim;
}

test('killed and restarted shims of one folder share one session, another folder has another', {
  timeout: 180_000,
}, async () => {
  const ended = endedWithTest();
  const deployment = deploy(ended);
  const [here, there] = ['here', 'there'].map((name) => join(deployment.folder, name));
  if (here === undefined || there === undefined) throw new Error('two folders were named');
  for (const folder of [here, there]) mkdirSync(folder);

  const first = await shimIn(ended, deployment, here);
  ended.defer(() => endStartedGateway(deployment.home));
  expect((await first.call(FILES, {})).isError).toBe(false);
  await first.kill();
  const second = await shimIn(ended, deployment, here);
  const beside = await shimIn(ended, deployment, here);
  await Promise.all([second.call(FILES, {}), beside.call(FILES, {})]);
  const elsewhere = await shimIn(ended, deployment, there);
  await elsewhere.call(FILES, {});

  const used = (await sessionsOf(deployment)).map(({ session, used }) => [session.folder, used['calls']]);
  expect(used.toSorted()).toEqual([
    [here, 3],
    [there, 1],
  ]);
});

test('shims that a client starts at once, where nothing runs yet, start one gateway and come into one session', {
  timeout: 180_000,
}, async () => {
  const ended = endedWithTest();
  const deployment = deploy(ended);
  const shims = await Promise.all([1, 2, 3].map(() => shimIn(ended, deployment, deployment.folder)));
  ended.defer(() => endStartedGateway(deployment.home));
  const answers = await Promise.all(shims.map((shim) => shim.call(FILES, {})));
  expect(answers.map((answer) => answer.isError)).toEqual([false, false, false]);
  expect(await sessionsOf(deployment)).toMatchObject([{ session: { folder: deployment.folder }, used: { calls: 3 } }]);
});

test('a shim outlives its gateway: what was under way is answered honestly, and the next call starts another', {
  timeout: 180_000,
}, async () => {
  const ended = endedWithTest();
  const deployment = deploy(ended);
  await deployment.start();
  const shim = await shimIn(ended, deployment, deployment.folder);
  const waits = Promise.withResolvers<void>();
  const letter = { request_id: 'r1', to: 'ada@example.com', subject: 'Hi', body: 'Hello' };
  const held = shim.call('outbox__send_message', letter, () => waits.resolve());
  const lost = expect(held).rejects.toThrow(/Tollgate stopped while this was under way/);
  await waits.promise;
  await deployment.kill();
  await lost;
  expect((await shim.call(FILES, {})).isError).toBe(false);
  ended.defer(() => endStartedGateway(deployment.home));
  expect(await sessionsOf(deployment)).toMatchObject([{ session: { folder: deployment.folder }, used: { calls: 1 } }]);
});
