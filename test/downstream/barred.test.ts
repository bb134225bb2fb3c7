import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { NO_ABILITIES } from '../../src/domain/abilities.ts';
import { openDownstream } from '../../src/downstream/downstream.ts';
import { KnownServers } from '../../src/downstream/known-servers.ts';
import { stdioServer } from '../support/downstream.ts';
import { temporaryFolder } from '../support/gateway.ts';

test('nothing is opened for a session that is barred from a server, nor where that cannot be told', async () => {
  const folder = temporaryFolder();
  const record = join(folder, 'record');
  const why: (() => Promise<string | undefined>)[] = [
    async () => 'a person stopped it',
    () => Promise.reject(new Error('the disk is gone')),
    async () => undefined,
  ];
  const downstream = openDownstream({
    servers: new Map([['s', stdioServer('rough-stdio.ts', [], { RECORD: record })]]),
    barred: () => (why.shift() ?? (async () => undefined))(),
    now: Date.now,
    log: () => undefined,
  });
  onTestFinished(async () => {
    await downstream.close();
    rmSync(folder, { recursive: true, force: true });
  });
  // Listed for everybody, by a process that then ends.
  await downstream.definitions('s', 'tool');
  downstream.replace(new Map([['s', stdioServer('rough-stdio.ts', [], { RECORD: `${record}.2` })]]));
  await downstream.definitions('s', 'tool');
  const connect = () => downstream.connect('s', 's_1', { ...NO_ABILITIES, elicitation: ['form'] });
  expect(await connect()).toEqual({ ok: false, error: { server: 's', why: 'a person stopped it' } });
  expect(await connect()).toMatchObject({ ok: false, error: { why: 'nothing can be opened: the disk is gone' } });
  expect(await connect()).toMatchObject({ ok: true });
  expect(existsSync(record)).toBe(true);
});

test('what a server says of itself to one session is not told to others', () => {
  const servers = new KnownServers(undefined);
  const agreed = (instructions: string) =>
    ({
      era: 'modern',
      revision: '2026-07-28',
      tells: [],
      subscribes: false,
      offers: { capabilities: { tools: {} }, instructions },
    }) as const;
  servers.learn('s', agreed('canary of s_1'), false);
  expect(servers.offers('s')).toEqual({ capabilities: { tools: {} }, instructions: undefined });
  servers.learn('s', agreed('for everybody'), true);
  servers.learn('s', agreed('canary of s_2'), false);
  expect(servers.offers('s')?.instructions).toBe('for everybody');
});
