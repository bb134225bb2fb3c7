import { expect, test } from 'vitest';
import type { Committed, Settled } from '../../src/domain/call.ts';
import { WaitingExchange } from '../../src/stages/waiting-exchange.ts';
import { lineTo, presented, receivedOf } from '../support/path.ts';
import { holdingPath } from './holding-path.ts';

/** A call as the path commits it. */
async function committed(): Promise<Committed> {
  const path = await holdingPath();
  let kept: Committed | undefined;
  const begin: typeof path.stages.begin = (call, run) => {
    kept = call;
    return path.stages.begin(call, run);
  };
  await presented({ ...path.stages, begin }, receivedOf('rough__rough', { do: 'echo' }, Date.now()));
  if (kept === undefined) throw new Error('nothing was committed');
  return kept;
}

test('a request whose place another has taken cancels nothing when it ends; the one that waits does', async () => {
  const call = await committed();
  const [lost, waits] = [new AbortController(), new AbortController()];
  const end = Promise.withResolvers<Settled>();
  const waiting = new WaitingExchange({ ...call, line: lineTo(lost.signal) });
  const first = waiting.start(() => end.promise);
  const second = waiting.goOn({ ...call, line: lineTo(waits.signal) });
  lost.abort();
  expect(waiting.signal.aborted).toBe(false);
  waits.abort();
  expect(waiting.signal.aborted).toBe(true);
  const settled: Settled = { id: call.id, outcome: { outcome: 'unknown', why: 'cancelled' }, recorded: undefined };
  end.resolve(settled);
  expect(await Promise.all([first, second])).toEqual([settled, settled]);
});
