import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ListKind } from '../../src/domain/downstream.ts';
import { isAlive, stdioServer, until } from '../support/downstream.ts';
import { serveTellingLegacy, serveTellingModern } from '../support/servers/telling-http.ts';
import { addressOf, CHANGED, openGateway, TELLING, tell, tries } from '../support/subscriptions.ts';

afterEach(() => void vi.useRealTimers());

const LISTS: readonly ListKind[] = ['tools', 'prompts', 'resources'];

describe.each(TELLING)('a %s server', (_kind, serve) => {
  it('is heard when it says which of its lists changed', async () => {
    const { connect, heard, log } = openGateway(await serve());
    const connection = await connect();
    // The stream of an HTTP server may stand a little later than the connection.
    await until(async () => {
      await tell(connection, CHANGED('resources'));
      return heard.length > 0;
    });
    heard.length = 0;
    for (const list of LISTS) await tell(connection, CHANGED(list));
    await until(() => LISTS.every((list) => heard.includes(list)));
    expect(log).toEqual([]);
  });

  it('is heard by nobody who does not listen any more', async () => {
    const { connect, heard, unlisten, downstream } = openGateway(await serve());
    const others: ListKind[] = [];
    downstream.onListChanged((_server, list) => others.push(list));
    const connection = await connect();
    unlisten();
    await until(async () => {
      await tell(connection, CHANGED('tools'));
      return others.length > 0;
    });
    expect(heard).toEqual([]);
  });
});

describe.each([
  ['legacy', serveTellingLegacy],
  ['modern', serveTellingModern],
] as const)('the stream of changes of a %s HTTP server', (_era, serve) => {
  it('is opened again when it breaks, and all lists count as changed then', async () => {
    const served = await serve();
    const { downstream, heard } = openGateway(addressOf(served));
    await downstream.definitions('s', 'tool');
    await until(() => served.streams() === 1);
    expect(heard).toEqual([]);
    served.drop();
    await until(() => heard.length > 0);
    expect([heard, served.streams()]).toEqual([LISTS, 1]);
    await served.tell(CHANGED('prompts'));
    await until(() => heard.length > LISTS.length);
    expect(heard.at(-1)).toBe('prompts');
  });

  it('is waited for while the server is away', async () => {
    const served = await serve();
    const { downstream, heard } = openGateway(addressOf(served));
    await downstream.definitions('s', 'tool');
    await until(() => served.streams() === 1);
    served.refuse(503);
    served.drop();
    const asked = served.asked();
    await until(() => served.asked() > asked + 1);
    expect(heard).toEqual([]);
    served.refuse(undefined);
    await until(() => heard.length > 0);
    expect([heard, served.streams()]).toEqual([LISTS, 1]);
  });

  it('is not asked for again and again of a server that ends it at once', async () => {
    const served = await serve();
    const { downstream, heard } = openGateway(addressOf(served));
    await downstream.definitions('s', 'tool');
    for (let ended = 0; ended < 3; ended++) {
      await until(() => served.streams() === 1);
      served.drop();
      await until(() => served.streams() === 0);
    }
    // Each stream that came back, and the end of the last.
    await until(() => heard.length === 3 * LISTS.length);
    await tries();
    expect(await downstream.definitions('s', 'tool')).toMatchObject({ ok: true });
    expect([served.asked(), served.streams()]).toEqual([3, 0]);
  });

  it('is missed by nobody when it is not served', async () => {
    const served = await serve();
    served.refuse(405);
    const { downstream, heard, log } = openGateway(addressOf(served));
    await downstream.definitions('s', 'tool');
    await until(() => served.asked() > 0);
    await tries();
    expect(await downstream.definitions('s', 'tool')).toMatchObject({ ok: true });
    expect([served.asked(), heard, log]).toEqual([1, [], []]);
  });

  it('ends with the gateway', async () => {
    const served = await serve();
    const { downstream, log } = openGateway(addressOf(served));
    await downstream.definitions('s', 'tool');
    await until(() => served.streams() === 1);
    await downstream.close();
    await until(() => served.streams() === 0);
    expect(log).toEqual([]);
  });
});

describe('the stream of changes of a legacy HTTP server', () => {
  it('is opened in a new session when the server forgot the old one', async () => {
    const served = await serveTellingLegacy();
    const { downstream, heard } = openGateway(addressOf(served));
    await downstream.definitions('s', 'tool');
    await until(() => served.streams() === 1);
    served.forget();
    served.drop();
    await until(() => heard.length > 0);
    expect([heard, served.streams()]).toEqual([LISTS, 1]);
  });
});

describe.each(['legacy', 'modern'])('a %s stdio server', (era) => {
  it('is not kept running by who only listens', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tollgate-watches-'));
    const file = join(folder, 'pid');
    const { downstream } = openGateway(stdioServer('telling-stdio.ts', [era], { PID: file }));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    expect(await downstream.definitions('s', 'tool')).toMatchObject({ ok: true });
    const pid = Number(readFileSync(file, 'utf8'));
    expect(isAlive(pid)).toBe(true);
    vi.advanceTimersByTime(6_000);
    vi.useRealTimers();
    await until(() => !isAlive(pid));
    expect(Number(readFileSync(file, 'utf8'))).toBe(pid);
    rmSync(folder, { recursive: true });
  });
});
