/** A session that has all that one can have, to be exported, archived and removed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { GATEWAY_CHAIN } from '../../src/domain/journal.ts';
import { canonical, sha256 } from '../../src/domain/json.ts';
import type { Ledger } from '../../src/domain/ports.ts';
import { exportSession } from '../../src/keeper/export-session.ts';
import { decisionOf, enter, granted, held, MINUTE, placingOf, START, settlementOf, writeOf } from './ledger-bench.ts';

export const DAY = 24 * 60 * MINUTE;
export const RESULT = '{"outcome":"ok","result":{"text":"canary-result"}}';
const POLICY = 'profile: demo\n';

/** Everything that a session can have: a policy, arguments, a reason, a result, a hold that was used and one that was denied. */
export async function busySession(ledger: Ledger): Promise<string> {
  const id = await enter(ledger);
  const policy = { profile: 'demo', file: '/p.yaml', digest: sha256(POLICY), text: POLICY, includes: [] };
  await ledger.append({ session: GATEWAY_CHAIN, kind: 'policy', call: undefined, at: START, body: policy });
  const body = { policy: sha256(POLICY) };
  const intent = await granted(ledger, writeOf(id, { canonical: canonical({ to: 'canary-used' }), body }));
  await ledger.commit({ ...intent, agentReason: 'canary-reason' });
  await ledger.settle(settlementOf(intent, { recorded: RESULT, body: { digest: sha256(RESULT) } }));
  const denied = await held(ledger, placingOf(writeOf(id, { canonical: canonical({ to: 'canary-denied' }) })));
  await ledger.decide(denied.id, decisionOf('deny', { because: 'no', nonce: 'n2' }));
  return id;
}

export async function over(ledger: Ledger, id: string, at = START + 5 * MINUTE): Promise<void> {
  expect((await ledger.change(id, 'complete', 'grace', 'done', at)).ok).toBe(true);
}

export async function textOf(ledger: Ledger, id: string, contents = true): Promise<string> {
  const exported = await exportSession(ledger, id, { contents });
  const lines: string[] = [];
  for await (const line of exported?.lines ?? []) lines.push(line);
  return lines.join('');
}

export async function* linesOf(text: string): AsyncGenerator<string> {
  yield* text.trimEnd().split('\n');
}

/** A folder of its own, gone after the test. */
export async function archiveFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'tollgate-archive-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}
