import { expect, it } from 'vitest';
import { GATEWAY_CHAIN } from '../../src/domain/journal.ts';
import { sha256 } from '../../src/domain/json.ts';
import type { Ledger } from '../../src/domain/ports.ts';
import { type Creation, shownState } from '../../src/domain/session.ts';
import {
  created,
  enter,
  held,
  intentOf,
  KEY,
  type LedgerBench,
  MINUTE,
  placingOf,
  START,
  writeOf,
} from './ledger-bench.ts';

const TASK = 'Answer the case c1.';
const INSTRUCTIONS = 'Be brief.';

const create = async (ledger: Ledger, description: Partial<Creation['description']> = {}): Promise<string> => {
  const unsaid = { task: undefined, instructions: undefined, model: undefined, route: undefined };
  const asked = { ...KEY, description: { ...unsaid, ...description }, by: 'grace', at: START };
  return (await created(ledger, asked)).session.id;
};

export function namedContract(bench: () => LedgerBench): void {
  it('a named session is created, found by its id alone, and leaves the implicit one of its key alone', async () => {
    const { ledger } = bench();
    const implicit = await enter(ledger);
    const [one, two] = [await create(ledger), await create(ledger)];
    expect(new Set([implicit, one, two]).size).toBe(3);
    expect((await ledger.look(one, START))?.session).toMatchObject({ ...KEY, state: 'created', named: true });
    await ledger.commit(intentOf(one));
    expect(await enter(ledger)).toBe(implicit);
    expect((await ledger.find(KEY, START))?.session.id).toBe(implicit);
    await ledger.change(implicit, 'complete', 'grace', 'done', START);
    expect(await ledger.find(KEY, START)).toBeUndefined();
    const restarted = await bench().reopen();
    expect((await restarted.look(one, START))?.session).toMatchObject({ id: one, state: 'running', named: true });
    expect([one, two]).not.toContain(await enter(restarted));
  });

  it('it runs from its first committed call on, and its journal says by whom; a refused one runs nothing', async () => {
    const { ledger } = bench();
    const id = await create(ledger);
    expect(await ledger.commit(intentOf(id, { caps: { calls: 0 } }))).toMatchObject({ reason: 'over_budget' });
    expect((await ledger.look(id, START))?.session.state).toBe('created');
    expect(await ledger.place(placingOf(writeOf(id)))).toMatchObject({ found: 'hold' });
    expect(await ledger.commit(intentOf(id))).toMatchObject({ ok: true });
    expect(await ledger.commit(intentOf(id))).toMatchObject({ ok: true });
    const run = { verb: 'run', from: 'created', to: 'running', by: 'local:agent-of:ada', why: 'its first call' };
    const states = (await ledger.journal(id)).filter((entry) => entry.kind === 'state');
    expect(states.map((entry) => entry.body)).toEqual([run]);
    expect(await ledger.verify()).toEqual([]);
  });

  it('what it is for can be read back after a restart; the journal has digests, and no text of it', async () => {
    const { ledger } = bench();
    const id = await create(ledger, {
      task: TASK,
      instructions: { text: INSTRUCTIONS },
      model: 'a-model',
      route: 'https://models.example.com',
    });
    const [opened] = await ledger.journal(id);
    expect(opened).toMatchObject({
      kind: 'opened',
      body: { by: 'grace', task: sha256(TASK), instructions: sha256(INSTRUCTIONS), model: 'a-model' },
    });
    expect(JSON.stringify(opened)).not.toContain(TASK);
    expect(JSON.stringify(opened)).not.toContain(INSTRUCTIONS);
    expect((await (await bench().reopen()).describe(id, START))?.description).toEqual({
      task: TASK,
      instructions: { text: INSTRUCTIONS, digest: sha256(INSTRUCTIONS) },
      model: 'a-model',
      route: 'https://models.example.com',
    });
  });

  it('instructions may be a digest only, and what is erased leaves its digest', async () => {
    const { ledger } = bench();
    const id = await create(ledger, { instructions: { digest: 'sha256:theirs' } });
    const unsaid = { task: undefined, model: undefined, route: undefined };
    const described = async (session: string) => (await ledger.describe(session, START))?.description;
    expect(await described(id)).toEqual({ ...unsaid, instructions: { text: undefined, digest: 'sha256:theirs' } });
    const other = await create(ledger, { task: TASK, instructions: { text: INSTRUCTIONS } });
    await bench().tamper('DELETE FROM content');
    const digest = sha256(INSTRUCTIONS);
    expect(await described(other)).toEqual({ ...unsaid, instructions: { text: undefined, digest } });
    expect(await described(await enter(ledger))).toEqual({ ...unsaid, instructions: undefined });
    expect(await ledger.describe('s_none', START)).toBeUndefined();
  });

  it('its opening is in the gateway chain: it cannot go missing', async () => {
    const { ledger } = bench();
    const id = await create(ledger);
    expect(await ledger.journal(GATEWAY_CHAIN)).toMatchObject([{ kind: 'opened', body: { session: id } }]);
    await bench().tamper(`DELETE FROM session WHERE id = '${id}'`);
    expect(await (await bench().reopen()).verify()).toEqual([expect.stringContaining(id)]);
  });

  it('one that was paused before its first call makes none until it is resumed', async () => {
    const { ledger } = bench();
    const id = await create(ledger);
    expect(await ledger.change(id, 'pause', 'grace', 'wait', START)).toMatchObject({ value: { state: 'paused' } });
    expect(await ledger.commit(intentOf(id))).toEqual({ ok: false, reason: 'session_paused' });
    await ledger.change(id, 'resume', 'grace', 'go', START);
    expect(await ledger.commit(intentOf(id))).toMatchObject({ ok: true });
  });

  it('every verb works from its states only, and says so', async () => {
    const { ledger } = bench();
    const id = await create(ledger);
    const change = (verb: Parameters<Ledger['change']>[1]) => ledger.change(id, verb, 'grace', 'so', START);
    expect(await change('resume')).toEqual({
      ok: false,
      error: 'The session is created; only a session that is paused can do this.',
    });
    expect(await change('run')).toMatchObject({ value: { state: 'running' } });
    expect(await change('run')).toMatchObject({ ok: false });
    expect(await change('expire')).toMatchObject({ value: { state: 'expired' } });
    for (const verb of ['run', 'pause', 'resume', 'complete', 'expire'] as const)
      expect(await change(verb)).toMatchObject({ ok: false });
    const verbs = (await ledger.journal(id)).flatMap(({ body }) => ('verb' in body ? [body['verb']] : []));
    expect(verbs).toEqual(['run', 'expire']);
  });

  it.each(['complete', 'expire'] as const)('to %s voids its holds and writes how long its chain is', async (verb) => {
    const { ledger } = bench();
    const id = await create(ledger);
    const hold = await held(ledger, placingOf(writeOf(id)));
    await ledger.change(id, verb, 'grace', 'so', START);
    expect(await ledger.hold(hold.id, START)).toMatchObject({ state: 'lapsed' });
    const closing = (await ledger.journal(GATEWAY_CHAIN)).at(-1);
    const last = (await ledger.journal(id)).at(-1);
    expect(closing?.body).toMatchObject({ session: id, count: last?.seq, head: last?.hash });
    expect(await ledger.commit(intentOf(id))).toEqual({ ok: false, reason: 'session_over' });
  });

  it('a session with open holds waits for a person, and runs all the same', async () => {
    const { ledger } = bench();
    const id = await create(ledger);
    await ledger.commit(intentOf(id));
    const seen = async (at: number) => {
      const [listed] = await ledger.sessions(at);
      const described = await ledger.describe(id, at);
      return [listed, described].map((one) => one && [one.awaiting, shownState(one)]);
    };
    expect(await seen(START)).toEqual(Array(2).fill([0, 'running']));
    const hold = await held(ledger, placingOf(writeOf(id)));
    expect(await seen(START + MINUTE)).toEqual(Array(2).fill([1, 'awaiting_approval']));
    expect(await ledger.commit(intentOf(id))).toMatchObject({ ok: true });
    expect(await seen(hold.expiresAt)).toEqual(Array(2).fill([0, 'running']));
  });
}
