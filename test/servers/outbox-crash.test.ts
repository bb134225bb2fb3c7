import { readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { legacyClient, temporaryFolder } from './clients.ts';

const LETTER = { request_id: 'r1', to: 'ada@example.com', subject: 'Hello', body: 'Once.' };

const files = (folder: string, name: string): readonly string[] => readdirSync(join(folder, name));

const preload = (name: string): readonly string[] => [new URL(`./${name}.ts`, import.meta.url).href];

/** Sends in a process that is killed before a step. Answers whether the caller got a result. */
async function sendAndDie(folder: string, step: number): Promise<boolean> {
  const server = await legacyClient('outbox', folder, preload('die-before-step'), { DIE_BEFORE_STEP: `${step}` });
  return server.call('send_message', LETTER).then(
    (called) => !called.isError,
    () => false,
  );
}

it('delivers at most once and loses nothing accepted, wherever kill -9 strikes', { timeout: 120_000 }, async () => {
  const seen = { 'not accepted': 0, 'accepted, not delivered': 0, 'delivered, not answered': 0 };
  for (let step = 1; ; step += 1) {
    const folder = temporaryFolder();
    const answered = await sendAndDie(folder, step);
    if (answered) break;
    expect(step, 'the killing ends').toBeLessThan(60);

    const accepted = files(folder, 'sent').length === 1;
    const delivered = files(folder, 'new').length === 1;
    if (delivered) expect(accepted).toBe(true);
    seen[delivered ? 'delivered, not answered' : accepted ? 'accepted, not delivered' : 'not accepted'] += 1;

    const server = await legacyClient('outbox', folder);
    const { structured } = await server.call('list_messages', {});
    expect(structured?.['messages']).toMatchObject(accepted ? [{ id: 'r1', status: 'sent' }] : []);
    expect(files(folder, 'new')).toHaveLength(accepted ? 1 : 0);

    const again = await server.call('send_message', LETTER);
    expect(again).toMatchObject({ isError: false, structured: { request_id: 'r1', repeated: accepted } });
    expect(files(folder, 'new')).toEqual([again.structured?.['file']]);

    await server.close();
  }
  expect(seen['not accepted']).toBeGreaterThan(3);
  expect(seen['accepted, not delivered']).toBeGreaterThan(1);
  expect(seen['delivered, not answered']).toBeGreaterThan(1);
});

it('delivers nothing anew once a mail reader has moved or deleted the message', async () => {
  const folder = temporaryFolder();
  const first = await legacyClient('outbox', folder);
  const sent = await first.call('send_message', LETTER);
  const [name = ''] = files(folder, 'new');
  renameSync(join(folder, 'new', name), join(folder, 'cur', `${name}:2,S`));
  const repeated = { isError: false, structured: { ...sent.structured, repeated: true } };
  expect(await first.call('send_message', LETTER)).toMatchObject(repeated);
  await first.close();
  rmSync(join(folder, 'cur', `${name}:2,S`));
  const second = await legacyClient('outbox', folder);
  expect(await second.call('send_message', LETTER)).toMatchObject(repeated);
  expect([...files(folder, 'new'), ...files(folder, 'cur'), ...files(folder, 'tmp')]).toEqual([]);
});

it('delivers once when two processes are asked at the same time', async () => {
  const folder = temporaryFolder();
  const servers = await Promise.all([legacyClient('outbox', folder), legacyClient('outbox', folder)]);
  const ids = Array.from({ length: 40 }, (_, number) => `r${number}`);
  const called = await Promise.all(
    ids.flatMap((request_id) => servers.map((server) => server.call('send_message', { ...LETTER, request_id }))),
  );
  expect(files(folder, 'new')).toHaveLength(ids.length);
  expect(files(folder, 'tmp')).toEqual([]);
  const firsts = called.filter(({ structured }) => structured?.['repeated'] === false);
  expect(firsts.map(({ structured }) => structured?.['request_id']).sort()).toEqual([...ids].sort());
  for (const { structured } of called) expect(files(folder, 'new')).toContain(structured?.['file']);
});

it('delivers once when another process starts between acceptance and delivery, and finishes the delivery', async () => {
  const folder = temporaryFolder();
  const server = await legacyClient('outbox', folder, preload('another-before-rename'));
  const called = await server.call('send_message', LETTER);
  expect(called).toMatchObject({ isError: false, structured: { repeated: false } });
  expect(files(folder, 'new')).toEqual([called.structured?.['file']]);
  expect(files(folder, 'tmp')).toEqual([]);
});
