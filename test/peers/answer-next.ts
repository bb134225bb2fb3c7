/** A person who waits for the next hold of a gateway, and answers it. */
import type { Decision, Hold } from '../../src/domain/hold.ts';
import type { Home } from '../../src/home.ts';
import { until } from '../support/downstream.ts';
import { type Person, visit } from '../support/person.ts';

/**
 * Answers the next hold, and gives it. `asker` is whoever makes the held call: rejects where that ends and nothing was
 * held, so that a test fails with its own words and not for want of time. `before` looks at what is so while it waits.
 */
export async function answerNext(
  home: Home,
  person: Person,
  verdict: Decision['verdict'],
  asker: Promise<unknown>,
  before: (hold: Hold) => void = () => undefined,
): Promise<Hold> {
  const ledger = await visit(home);
  let gone = false;
  const over = () => {
    gone = true;
  };
  asker.then(over, over);
  try {
    let hold: Hold | undefined;
    await until(async () => {
      [hold] = await ledger.holds({ open: true }, Date.now());
      return hold !== undefined || gone;
    });
    if (hold === undefined) throw new Error('the call ended, and nothing was held');
    before(hold);
    const decided = await ledger.decide(hold.id, person.sign(ledger, hold, verdict));
    if (!decided.ok) throw new Error(decided.error);
    return hold;
  } finally {
    await ledger.close();
  }
}
