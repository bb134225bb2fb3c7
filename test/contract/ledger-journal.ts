import { expect, it } from 'vitest';
import { CHAIN_START, chainHash, GATEWAY_CHAIN } from '../../src/domain/journal.ts';
import { canonical } from '../../src/domain/json.ts';
import { LedgerFault } from '../../src/domain/ports.ts';
import {
  decisionOf,
  enter,
  held,
  intentOf,
  KEY,
  type LedgerBench,
  placingOf,
  START,
  settlementOf,
  writeOf,
} from './ledger-bench.ts';

const refusal = (session: string, n: number) =>
  ({ session, kind: 'refused', call: `call_${n}`, at: START + n, body: { n } }) as const;

export function journalContract(bench: () => LedgerBench): void {
  /** A session of five entries. */
  const five = async (): Promise<string> => {
    const id = await enter(bench().ledger);
    for (const n of [2, 3, 4, 5]) await bench().ledger.append(refusal(id, n));
    return id;
  };

  it('each entry follows from the one before it, in each chain of its own', async () => {
    const { ledger } = bench();
    const ids = [await enter(ledger), await enter(ledger, { ...KEY, profile: 'other' }), GATEWAY_CHAIN];
    await Promise.all(Array.from({ length: 30 }, (_, n) => ledger.append(refusal(ids[n % 3] ?? '', n))));
    for (const id of ids) {
      const entries = await ledger.journal(id);
      expect(entries.map((entry) => entry.seq)).toEqual(entries.map((_, index) => index + 1));
      let prev = CHAIN_START;
      for (const entry of entries) {
        expect(entry.prev).toBe(prev);
        prev = chainHash(prev, entry, entry.seq, JSON.stringify(entry.body));
        expect(entry.hash).toBe(prev);
      }
    }
    expect(await ledger.verify()).toEqual([]);
    expect(await ledger.journal('s_none')).toEqual([]);
    await expect(ledger.append(refusal('s_none', 1))).rejects.toThrow(LedgerFault);
  });

  it('two handles append to one chain without a fork', async () => {
    const { ledger } = bench();
    const second = await bench().second();
    const id = await enter(ledger);
    const ledgers = Array.from({ length: 40 }, (_, n) => (n % 2 ? second : ledger));
    await Promise.all(ledgers.map((each, n) => each.append(refusal(id, n))));
    expect(await ledger.journal(id)).toHaveLength(41);
    expect(await second.verify()).toEqual([]);
  });

  const tampered: readonly (readonly [danger: string, sql: (id: string) => string, says: string])[] = [
    ['an edited body', (id) => `UPDATE journal SET body = '{"n":9}' WHERE session = '${id}' AND seq = 3`, 'entry 3'],
    ['an edited time', (id) => `UPDATE journal SET at = at + 1 WHERE session = '${id}' AND seq = 2`, 'entry 2'],
    ['an edited call', (id) => `UPDATE journal SET call = 'call_x' WHERE session = '${id}' AND seq = 5`, 'entry 5'],
    ['a removed entry', (id) => `DELETE FROM journal WHERE session = '${id}' AND seq = 3`, 'entry 3'],
    [
      'swapped entries',
      (id) =>
        `UPDATE journal SET seq = -seq WHERE session = '${id}' AND seq IN (3, 4);
         UPDATE journal SET seq = 7 + seq WHERE session = '${id}' AND seq < 0`,
      'entry 3',
    ],
    ['a cut tail', (id) => `DELETE FROM journal WHERE session = '${id}' AND seq >= 4`, 'entry 4'],
    ['a whole chain removed', (id) => `DELETE FROM journal WHERE session = '${id}'`, 'entry 1'],
    [
      'an entry added by force',
      (id) =>
        `INSERT INTO journal (session, seq, prev, at, kind, body, hash)
         SELECT session, 6, entry, at, kind, body, hash FROM journal WHERE session = '${id}' AND seq = 5`,
      'entry 6',
    ],
    [
      'a session removed with its chain',
      (id) => `DELETE FROM journal WHERE session = '${id}'; DELETE FROM session WHERE id = '${id}'`,
      'missing',
    ],
  ];
  it.each(tampered)('verify names %s', async (_danger, sql, says) => {
    const id = await five();
    const unharmed = await enter(bench().ledger, { ...KEY, profile: 'other' });
    await bench().tamper(sql(id));
    const problems = await bench().ledger.verify();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(id);
    expect(problems[0]).toContain(says);
    expect(problems[0]).not.toContain(unharmed);
  });

  it('verify names a gateway chain that lost its tail', async () => {
    await five();
    await bench().tamper(`DELETE FROM journal WHERE session = '${GATEWAY_CHAIN}'`);
    expect(await bench().ledger.verify()).toEqual(['gateway: entry 1 is missing: the chain was cut off']);
  });

  it('contents are read back with their call, and the journal holds none of them', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const intent = writeOf(id, { canonical: canonical({ body: 'canary: ä 🐤' }) });
    await ledger.commit(intent);
    expect(await ledger.content(intent.call, 'result')).toBeUndefined();
    await ledger.settle(settlementOf(intent, { recorded: '{"outcome":"ok","result":{"text":"canary"}}' }));
    await held(ledger, placingOf(writeOf(id, { canonical: canonical({ body: 'canary two' }) })));
    expect(await ledger.content(intent.call, 'arguments')).toBe(intent.canonical);
    expect(await ledger.content(intent.call, 'result')).toContain('canary');
    expect(await ledger.content('call_none', 'arguments')).toBeUndefined();
    expect(JSON.stringify(await ledger.journal(id))).not.toContain('canary');
  });

  it('why the agent says it calls lies beside its arguments, sealed, and a hold shows it', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const intent = writeOf(id, { agentReason: 'canary: the user asked ä 🐤' });
    await ledger.commit(intent);
    const [hold, silent] = [
      await held(ledger, placingOf(writeOf(id, { canonical: '{"n":1}' }), { agentReason: 'canary two' })),
      await held(ledger, placingOf(writeOf(id, { canonical: '{"n":2}' }))),
    ];
    const reopened = await bench().reopen();
    expect(await reopened.content(intent.call, 'agent_reason')).toBe(intent.agentReason);
    expect(await reopened.content(intent.call, 'arguments')).toBe(intent.canonical);
    expect(await reopened.hold(hold.id, START)).toMatchObject({ agentReason: 'canary two', effective: { n: 1 } });
    expect((await reopened.hold(silent.id, START))?.agentReason).toBeUndefined();
    expect(JSON.stringify(await reopened.journal(id))).not.toContain('canary');
  });

  it('a refused call’s arguments are kept where they are given, those of its last refusal', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const refused = { ...refusal(id, 1), call: 'call_refused' };
    await ledger.append(refused, '{"canary":1}');
    await ledger.append(refused, '{"canary":2}');
    await ledger.append(refused);
    await ledger.append({ ...refusal(GATEWAY_CHAIN, 2), call: 'call_nowhere' });
    expect(await ledger.content('call_refused', 'arguments')).toBe('{"canary":2}');
    expect(await ledger.content('call_refused', 'result')).toBeUndefined();
    expect(await ledger.content('call_nowhere', 'arguments')).toBeUndefined();
    expect(JSON.stringify(await ledger.journal(id))).not.toContain('canary');
    expect(await ledger.verify()).toEqual([]);
  });

  it('a content moved to another call does not open', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const [one, two] = [intentOf(id, { canonical: '{"a":1}' }), intentOf(id, { canonical: '{"a":2}' })];
    await Promise.all([ledger.commit(one), ledger.commit(two)]);
    const entryOf = (call: string): string => `(SELECT entry FROM journal WHERE call = '${call}')`;
    await bench().tamper(
      `UPDATE content SET sealed = (SELECT sealed FROM content WHERE entry = ${entryOf(one.call)})
       WHERE entry = ${entryOf(two.call)}`,
    );
    expect(await ledger.content(one.call, 'arguments')).toBe('{"a":1}');
    await expect(ledger.content(two.call, 'arguments')).rejects.toThrow(LedgerFault);
  });

  it('who waits for a hold or a call is woken by its change, not by another, and by a signal', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const [one, two] = [
      await held(ledger, placingOf(writeOf(id))),
      await held(ledger, placingOf(writeOf(id, { canonical: '{"n":2}' }))),
    ];
    const woken: string[] = [];
    const abort = new AbortController();
    const note = (name: string) => (): void => {
      woken.push(name);
    };
    const first = ledger.changed(`hold:${one.id}`, abort.signal).then(note('one'));
    const second = ledger.changed(`hold:${two.id}`, abort.signal).then(note('two'));
    await ledger.decide(one.id, decisionOf('approve'));
    await first;
    const intent = intentOf(id);
    await ledger.commit(intent);
    const call = ledger.changed(`call:${intent.call}`, abort.signal).then(note('call'));
    await ledger.settle(settlementOf(intent));
    await call;
    expect(woken).toEqual(['one', 'call']);
    abort.abort();
    await second;
    await ledger.changed(`hold:${two.id}`, abort.signal);
    expect(woken).toEqual(['one', 'call', 'two']);
  });

  it('a person who answers in another process wakes who waits here', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const hold = await held(ledger, placingOf(writeOf(id)));
    const changed = ledger.changed(`hold:${hold.id}`, new AbortController().signal);
    await bench().decideElsewhere(hold.id, decisionOf('approve'));
    await changed;
    expect(await ledger.hold(hold.id, START)).toMatchObject({ state: 'approved', decisions: [{ by: 'grace' }] });
  });

  it('a closed ledger refuses everything, and wakes who waits', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const waiting = ledger.changed('hold:h_any', new AbortController().signal);
    const last = ledger.append(refusal(id, 1));
    await ledger.close();
    await Promise.all([waiting, last, ledger.close()]);
    await expect(ledger.enter(KEY, START)).rejects.toThrow(LedgerFault);
    await expect(ledger.commit(intentOf(id))).rejects.toThrow(LedgerFault);
    expect(await (await bench().reopen()).journal(id)).toHaveLength(2);
  });
}
