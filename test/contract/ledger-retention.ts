import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { GATEWAY_CHAIN } from '../../src/domain/journal.ts';
import { canonical, sha256 } from '../../src/domain/json.ts';
import { archiveSession } from '../../src/keeper/archive-session.ts';
import { exportSession } from '../../src/keeper/export-session.ts';
import { retain } from '../../src/keeper/retain.ts';
import { verifyExport } from '../../src/keeper/verify-export.ts';
import { archiveFolder, busySession, DAY, linesOf, over, RESULT, textOf } from './busy-session.ts';
import {
  enter,
  entered,
  held,
  intentOf,
  KEY,
  type LedgerBench,
  MINUTE,
  placingOf,
  START,
  settlementOf,
  writeOf,
} from './ledger-bench.ts';

export function retentionContract(bench: () => LedgerBench): void {
  it('an archived session leaves its export, and of its contents nothing that any key opens', async () => {
    const { ledger } = bench();
    const id = await busySession(ledger);
    await over(ledger, id);
    const [text, head] = [await textOf(ledger, id), (await ledger.journal(id)).at(-1)];
    const options = { ledger, folder: await archiveFolder(), by: 'grace', why: 'kept long enough', at: START + DAY };
    const archived = await archiveSession(id, options);
    const file = `${id}-${head?.seq}.jsonl`;
    expect(archived).toEqual({ ok: true, value: join(options.folder, file) });
    expect(await readFile(join(options.folder, file), 'utf8')).toBe(text);
    expect(await readdir(options.folder)).toEqual([file]);
    const again = await bench().reopen();
    expect((await again.look(id, START))?.session.state).toBe('archived');
    const entries = await again.journal(id);
    expect(entries.at(-2)).toEqual(head);
    expect(entries.at(-1)).toMatchObject({
      kind: 'state',
      body: { verb: 'archive', to: 'archived', by: 'grace', why: 'kept long enough', export: sha256(text) },
    });
    expect((await again.journal(GATEWAY_CHAIN)).at(-1)?.body).toMatchObject({
      ...{ session: id, state: 'archived', export: sha256(text), count: entries.length, head: entries.at(-1)?.hash },
    });
    const calls = entries.flatMap(({ call }) => call ?? []);
    for (const call of calls) expect(await again.content(call, 'arguments')).toBeUndefined();
    expect(await again.holds({ open: false }, START)).toEqual([]);
    expect(await again.verify()).toEqual([]);
    const erased = await textOf(again, id);
    expect(erased).not.toContain('canary');
    expect(await verifyExport(linesOf(erased))).toMatchObject({ ok: true, value: { contents: 'erased' } });
    expect(await archiveSession(id, { ...options, ledger: again })).toMatchObject({ ok: false });
    expect(await readdir(options.folder)).toEqual([file]);
  });

  it('a session that runs, has a call in flight, has a call that waits, or has gone on is not archived', async () => {
    const { ledger } = bench();
    const id = await busySession(ledger);
    const flying = intentOf(id);
    await ledger.commit(flying);
    const head = async () => (await ledger.outline(id))?.head ?? { seq: 0, hash: '' };
    const archive = async (end = head()) =>
      ledger.archive({ session: id, head: await end, export: 'sha256:x', by: 'grace', why: 'due', at: START + MINUTE });
    expect(await archive()).toMatchObject({ ok: false, error: expect.stringContaining('is running') });
    const before = head();
    await before;
    await over(ledger, id);
    expect(await archive()).toMatchObject({ ok: false, error: expect.stringContaining('in flight') });
    await ledger.settle(settlementOf(flying));
    await bench().tamper(`UPDATE hold SET state = 'open' WHERE state = 'denied'`);
    expect(await archive()).toMatchObject({ ok: false, error: expect.stringContaining('waits for a person') });
    await bench().tamper(`UPDATE hold SET state = 'denied' WHERE state = 'open'`);
    expect(await archive(before)).toMatchObject({ ok: false, error: expect.stringContaining('has gone on') });
    expect(await ledger.content(flying.call, 'arguments')).toBe(flying.canonical);
    expect(await archive()).toEqual({ ok: true, value: undefined });
    expect(await ledger.content(flying.call, 'arguments')).toBeUndefined();
  });

  it('a reader who is on its way while a session is archived takes nothing for whole that is not', async () => {
    const { ledger } = bench();
    const id = await busySession(ledger);
    await over(ledger, id);
    const late = await exportSession(ledger, id, { contents: true });
    await archiveSession(id, { ledger, folder: await archiveFolder(), by: 'grace', why: 'due', at: START });
    const read = async () => {
      for await (const line of late?.lines ?? []) expect(line).not.toContain('canary');
    };
    await expect(read()).rejects.toThrow('were erased');
  });

  it('what is due is archived and later removed, and verify knows what was removed rightly', async () => {
    const { ledger } = bench();
    const id = await busySession(ledger);
    await over(ledger, id);
    const young = await enter(ledger, { ...KEY, profile: 'young' });
    await over(ledger, young, START + 20 * DAY);
    const live = await enter(ledger, { ...KEY, profile: 'live' });
    const reports: string[] = [];
    const keeping = {
      ledger,
      retention: { content: 10 * DAY, sessions: 30 * DAY },
      folder: await archiveFolder(),
      report: (line: string) => reports.push(line),
    };
    const states = async () => (await ledger.sessions(START)).map(({ session }) => [session.id, session.state]);
    await retain(keeping, START + 9 * DAY);
    expect(await states()).toEqual([
      [live, 'running'],
      [young, 'completed'],
      [id, 'completed'],
    ]);
    await retain(keeping, START + 11 * DAY);
    expect(await states()).toEqual([
      [live, 'running'],
      [young, 'completed'],
      [id, 'archived'],
    ]);
    const last = (await ledger.journal(id)).at(-1);
    await retain(keeping, START + 31 * DAY);
    expect(await states()).toEqual([
      [live, 'running'],
      [young, 'archived'],
    ]);
    expect(await ledger.journal(id)).toEqual([]);
    expect((await ledger.journal(GATEWAY_CHAIN)).find(({ body }) => body['state'] === 'removed')?.body).toEqual({
      ...{ session: id, state: 'removed', count: last?.seq, head: last?.hash },
    });
    expect(reports).toEqual([]);
    const again = await bench().reopen();
    expect(await again.verify()).toEqual([]);
    const kept = (await readdir(keeping.folder)).map((name) => name.replace(/-\d+\.jsonl$/, ''));
    expect(kept.toSorted()).toEqual([id, young].toSorted());
    await bench().tamper(`DELETE FROM journal WHERE session = '${young}'; DELETE FROM session WHERE id = '${young}'`);
    expect(await again.verify()).toEqual([expect.stringContaining(`${young}: the session itself is missing`)]);
  });

  it('a session keeps its key while one that follows it shows what is kept, and stays while an agent may come back to it', async () => {
    const { ledger } = bench();
    const id = await busySession(ledger);
    await ledger.addEvent({ session: id, type: 'note', content: '"canary-note"', at: START });
    const [late, later, last] = [START + DAY, START + 2 * DAY, START + 3 * DAY];
    const next = (await entered(ledger, late, KEY, DAY)).session.id;
    const dueAt = (at: number) => ledger.due({ content: at, sessions: at, at });
    const options = { ledger, folder: await archiveFolder(), by: 'grace', why: 'due' };
    expect(await dueAt(later)).toEqual({ archive: [], remove: [] });
    expect(await archiveSession(id, { ...options, at: later })).toMatchObject({
      ...{ ok: false, error: expect.stringContaining('follows this one') },
    });
    expect(await readdir(options.folder)).toEqual([]);
    expect((await ledger.events(next, 0)).events).toMatchObject([{ content: '"canary-note"' }]);
    expect(await ledger.expireAged([{ profile: KEY.profile, maxAge: DAY }], later)).toEqual([next]);
    expect(await dueAt(last)).toEqual({ archive: [id, next], remove: [] });
    for (const one of [id, next])
      expect(await archiveSession(one, { ...options, at: last })).toMatchObject({ ok: true });
    expect(await dueAt(last)).toEqual({ archive: [], remove: [] });
    for (const one of [id, next])
      expect(await ledger.remove(one, last)).toMatchObject({ ok: false, error: expect.stringContaining('comes back') });

    const back = (await entered(ledger, last, KEY, DAY)).session;
    expect(back.lineage).toBe(id);
    expect((await ledger.events(back.id, 0)).events).toMatchObject([{ content: undefined }]);
    const placing = placingOf(writeOf(back.id, { canonical: canonical({ to: 'canary-denied' }) }));
    expect(await held(ledger, placing)).toMatchObject({ state: 'denied', effective: { to: 'canary-denied' } });
    await over(ledger, back.id, last);
    expect(await archiveSession(back.id, { ...options, at: last })).toMatchObject({ ok: true });
    expect((await dueAt(last)).remove).toEqual([id, next, back.id]);
    for (const one of [next, id, back.id])
      expect(await ledger.remove(one, last)).toEqual({ ok: true, value: undefined });
    expect(await ledger.sessions(last)).toEqual([]);
    expect(await ledger.verify()).toEqual([]);
  });

  it('a call in flight that counts in a session that follows keeps its own from being archived', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const flying = intentOf(id);
    await ledger.commit(flying);
    const [late, later] = [START + DAY, START + 2 * DAY];
    const next = (await entered(ledger, late, KEY, DAY)).session.id;
    await over(ledger, next, late);
    const folder = await archiveFolder();
    for (const one of [id, next]) {
      const archived = await archiveSession(one, { ledger, folder, by: 'grace', why: 'due', at: later });
      expect(archived).toMatchObject({ ok: false, error: expect.stringContaining('in flight') });
    }
    expect((await ledger.due({ content: later, sessions: undefined, at: later })).archive).toEqual([]);
    await ledger.settle(settlementOf(flying, { recorded: RESULT }));
    expect((await ledger.due({ content: later, sessions: undefined, at: later })).archive).toEqual([id, next]);
    expect(await ledger.content(flying.call, 'result')).toBe(RESULT);
  });

  it('what waits for a person in a session that expired keeps its key until nobody can answer any more', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const waiting = await held(ledger, placingOf(writeOf(id)));
    expect(await ledger.expireAged([{ profile: KEY.profile, maxAge: MINUTE }], START + 2 * MINUTE)).toEqual([id]);
    const archivableAt = async (at: number) => [
      (await ledger.due({ content: at, sessions: undefined, at })).archive,
      (await ledger.archivable(id, at)).ok,
    ];
    expect(await archivableAt(waiting.expiresAt - 1)).toEqual([[], false]);
    expect(await archivableAt(waiting.expiresAt)).toEqual([[id], true]);
  });

  it('a session is archived with its export, and by no other verb', async () => {
    const { ledger } = bench();
    const id = await busySession(ledger);
    await over(ledger, id);
    const changed = await ledger.change(id, 'archive', 'grace', 'done', START);
    expect(changed).toMatchObject({ ok: false, error: expect.stringContaining('export') });
    expect((await ledger.look(id, START))?.session.state).toBe('completed');
    expect(await textOf(ledger, id)).toContain('canary-used');
  });

  it('what is refused in an archived session is journalled, and nothing is kept of it', async () => {
    const { ledger } = bench();
    const id = await busySession(ledger);
    await over(ledger, id);
    await archiveSession(id, { ledger, folder: await archiveFolder(), by: 'grace', why: 'due', at: START });
    const draft = { session: id, kind: 'refused', call: 'call_late', at: START, body: { n: 1 } } as const;
    await ledger.append(draft, '{"canary":1}');
    expect((await ledger.journal(id)).at(-1)).toMatchObject({ kind: 'refused', call: 'call_late' });
    expect(await ledger.content('call_late', 'arguments')).toBeUndefined();
  });

  it('only what was archived is removed', async () => {
    const { ledger } = bench();
    const id = await busySession(ledger);
    await over(ledger, id);
    expect(await ledger.remove(id, START)).toMatchObject({ ok: false, error: expect.stringContaining('archived') });
    expect((await ledger.journal(id)).length).toBeGreaterThan(5);
  });

  it('an archive that could not be written is reported, erases nothing, and is written the next time', async () => {
    const { ledger } = bench();
    const id = await busySession(ledger);
    await over(ledger, id);
    const place = await archiveFolder();
    await writeFile(join(place, 'file'), '');
    const reports: string[] = [];
    const keeping = {
      ledger,
      retention: { content: DAY, sessions: undefined },
      report: (line: string) => reports.push(line),
    };
    await retain({ ...keeping, folder: join(place, 'file') }, START + 2 * DAY);
    expect(reports).toEqual([expect.stringContaining(`session ${id} could not be archived:`)]);
    expect(await textOf(ledger, id)).toContain('canary-used');
    await retain({ ...keeping, folder: place }, START + 2 * DAY);
    expect(reports).toHaveLength(1);
    expect((await ledger.look(id, START))?.session.state).toBe('archived');
  });
}
