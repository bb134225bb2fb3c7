import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GATEWAY_CHAIN } from '../../src/domain/journal.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { sha256 } from '../../src/domain/json.ts';
import { exportSession } from '../../src/keeper/export-session.ts';
import { verifyExport } from '../../src/keeper/verify-export.ts';
import { enter, intentOf, START } from '../contract/ledger-bench.ts';
import { openSqliteBench, type SqliteBench } from '../store/sqlite-bench.ts';

let bench: SqliteBench;
let records: readonly JsonObject[];
beforeAll(async () => {
  bench = await openSqliteBench();
  const { ledger } = bench;
  const id = await enter(ledger);
  const text = 'profile: demo\n';
  const body = { profile: 'demo', file: '/p.yaml', digest: sha256(text), text, includes: [] };
  await ledger.append({ session: GATEWAY_CHAIN, kind: 'policy', call: undefined, at: START, body });
  await ledger.commit(intentOf(id, { body: { policy: sha256(text) } }));
  await ledger.commit(intentOf(id, { body: { policy: sha256(text) } }));
  const exported = await exportSession(ledger, id, { contents: true });
  const lines: JsonObject[] = [];
  for await (const line of exported?.lines ?? []) lines.push(JSON.parse(line) as JsonObject);
  records = lines.slice(0, -1);
});
afterAll(() => bench.close());

/** As somebody would write it who knows how the last line is made. */
async function* closed(written: readonly JsonObject[]): AsyncGenerator<string> {
  const hash = createHash('sha256');
  for (const record of written) {
    const line = JSON.stringify(record);
    hash.update(`${line}\n`);
    yield line;
  }
  yield JSON.stringify({ record: 'end', lines: written.length, digest: `sha256:${hash.digest('hex')}` });
}

const changed = (at: number, changes: JsonObject) =>
  records.map((record, index) => (index === at ? { ...record, ...changes } : record));
const without = (at: number) => records.filter((_, index) => index !== at);

it('what was exported is whole', async () => {
  expect(records.map(({ record }) => record)).toEqual([
    'export',
    'session',
    'entry',
    'entry',
    'content',
    'entry',
    'content',
    'policy',
  ]);
  expect(await verifyExport(closed(records))).toMatchObject({ ok: true, value: { entries: 3 } });
});

it.each<[danger: string, written: () => readonly JsonObject[], says: string]>([
  ['an entry that was changed', () => changed(3, { body: '{}' }), 'line 4: entry 2 was changed'],
  ['a time that was changed', () => changed(2, { at: 1 }), 'line 3: entry 1 was changed'],
  ['an entry that was removed', () => without(3), 'line 4: it is the content of no entry before it'],
  ['a chain that lost its tail', () => records.slice(0, 5), 'line 6: the chain does not end where its head says'],
  ['entries out of order', () => without(2), 'line 3: entry 1 is missing or out of its place'],
  ['a content that was changed', () => changed(4, { text: '{}' }), 'line 5: it is not what entry 2 has the digest of'],
  ['a content without its entry', () => without(5), 'line 6: it is the content of no entry before it'],
  ['a policy that was changed', () => changed(7, { text: 'profile: other' }), 'line 8: the policy is not what'],
  ['another session', () => changed(1, { id: 's_other' }), 'line 2: it is another session'],
  ['another version', () => changed(0, { version: 2 }), 'line 1: version 2 is not known here'],
  ['no beginning', () => without(0), 'line 1: it is not the first line of an export'],
])('%s is named', async (_, written, says) => {
  expect(await verifyExport(closed(written()))).toEqual({ ok: false, error: expect.stringContaining(says) });
});

it('a file that was cut, lengthened or touched anywhere is not taken for whole', async () => {
  const lines: string[] = [];
  for await (const line of closed(records)) lines.push(line);
  async function* of(some: readonly string[]): AsyncGenerator<string> {
    yield* some;
  }
  expect(await verifyExport(of(lines.slice(0, -1)))).toMatchObject({ error: 'the export was cut off' });
  expect(await verifyExport(of([...lines, '{}']))).toMatchObject({
    error: expect.stringContaining('nothing may follow'),
  });
  const touched = lines.map((line, at) => (at === 1 ? line.replace('"used":', '"used" :') : line));
  expect(await verifyExport(of(touched))).toMatchObject({
    error: expect.stringContaining('a line before it was changed'),
  });
  expect(await verifyExport(of(['nonsense']))).toMatchObject({ error: 'line 1: it is no JSON object' });
});
