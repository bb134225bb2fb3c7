import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { callAndWait, modernAgent } from './support/agents.ts';
import { deploy } from './support/deployment.ts';
import { endedWithTest } from './support/ended.ts';
import { onlyHold, outputOf, sessionIn } from './support/listings.ts';
import { atTerminal, FIRST_TIME } from './support/person.ts';

const SERVER = join(import.meta.dirname, 'support/slow-server.ts');

const policyOf = (folder: string, port: number): string => `
version: 1
profile: slow
who: local
servers:
  slow: { command: [node, ${JSON.stringify(SERVER)}, ${JSON.stringify(join(folder, 'struck'))}, "${port}"] }
tools:
  slow.strike: { effect: irreversible, approval: { reason: A gong cannot be unstruck. } }
budgets:
  session: { calls: 10 }
`;

test('a gateway killed in the middle of an irreversible call says UNKNOWN afterwards and never repeats it', {
  timeout: 180_000,
}, async () => {
  const ended = endedWithTest();
  const watched = createServer().listen(0, '127.0.0.1');
  ended.defer(() => void watched.close());
  await once(watched, 'listening');
  const deployment = deploy(ended, (folder) => policyOf(folder, (watched.address() as AddressInfo).port));
  const agent = await modernAgent(await deployment.start());
  const given = { gong: 'the big one' };
  const { answer } = await callAndWait(agent, 'slow__strike', given);
  answer.catch(() => undefined);
  const hold = await onlyHold(deployment);
  const struck = once(watched, 'connection').then(([socket]) => once(createInterface(socket as Socket), 'line'));
  expect((await atTerminal(deployment, ['approve', hold], FIRST_TIME)).code).toBe(0);
  expect(await struck).toEqual(['struck the big one']);

  await deployment.kill();
  await agent.close();
  const next = await modernAgent(await deployment.start());
  ended.defer(() => next.close());
  for (const asked of [
    () => next.call('slow__strike', given),
    () => next.call('tollgate__continue', { hold }),
    () => next.call('slow__strike', given),
  ]) {
    const said = await asked();
    expect(said.isError).toBe(true);
    expect(said.text).toMatch(/^UNKNOWN: .*Do not repeat\./);
  }
  expect(readFileSync(join(deployment.folder, 'struck'), 'utf8')).toBe('the big one\n');
  const trace = outputOf(await deployment.run('trace', await sessionIn(deployment, undefined)));
  expect(trace.match(/\bintent\b/g)).toHaveLength(1);
  expect(trace).toMatch(/outcome=unknown/);
  expect(outputOf(await deployment.run('audit', 'verify'))).toContain('whole');
});
