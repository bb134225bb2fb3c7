import { expect, test } from 'vitest';
import type { Committed } from '../../src/domain/call.ts';
import type { Settlement } from '../../src/domain/ports.ts';
import { settle } from '../../src/stages/settle.ts';
import { presented, receivedOf } from '../support/path.ts';
import { holdingPath } from './holding-path.ts';

test('of what was never sent a ledger that fails hears so later, whatever the caller was told', async () => {
  const path = await holdingPath();
  const untaken: Settlement[] = [];
  const stages: typeof path.stages = {
    ...path.stages,
    settle: settle({ ledger: path.ledger, now: Date.now, later: (one) => untaken.push(one), fault: () => undefined }),
    exchange: async () => {
      await path.ledger.close();
      return { outcome: 'not_sent', why: 'the connection was refused' };
    },
  };
  const answer = await presented(stages, receivedOf('rough__rough', { do: 'echo', text: 'canary' }, Date.now()));
  expect(answer.outcome).toMatchObject({ outcome: 'unknown' });
  expect(untaken).toMatchObject([
    { call: answer.id, outcome: 'not_sent', body: { why: 'the connection was refused' } },
  ]);
});

test('a ledger that fails after the call was made hands over no result, and never says that nothing was sent', async () => {
  const path = await holdingPath();
  const untaken: Settlement[] = [];
  const stages: typeof path.stages = {
    ...path.stages,
    settle: settle({ ledger: path.ledger, now: Date.now, later: (one) => untaken.push(one), fault: () => undefined }),
    exchange: async (call: Committed, ask) => {
      const outcome = await path.stages.exchange(call, ask);
      await path.ledger.close();
      return outcome;
    },
  };
  const answer = await presented(stages, receivedOf('rough__rough', { do: 'echo', text: 'canary' }, Date.now()));
  expect(answer.outcome).toMatchObject({ outcome: 'unknown', why: expect.stringContaining('could not be recorded') });
  expect(JSON.stringify(answer)).not.toContain('canary');
  expect(untaken).toMatchObject([{ call: answer.id, outcome: 'unknown' }]);
  expect(JSON.stringify(untaken)).not.toContain('canary');
});
