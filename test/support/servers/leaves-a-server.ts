/** A gateway that ends without closing its servers. It prints the process ids of a server and of what that started. */
import { NO_ABILITIES } from '../../../src/domain/abilities.ts';
import { openDownstream } from '../../../src/downstream/downstream.ts';
import { exchangeOf, stdioServer } from '../downstream.ts';

const downstream = openDownstream({
  servers: new Map([['s', stdioServer('rough-stdio.ts')]]),
  now: Date.now,
  log: () => undefined,
});
const connected = await downstream.connect('s', 'one', NO_ABILITIES);
if (!connected.ok) throw new Error(connected.error.why);
const pids: string[] = [];
for (const deed of ['pid', 'grandchild']) {
  const outcome = await connected.value.call(exchangeOf('rough', JSON.stringify({ do: deed })));
  if (outcome.outcome !== 'ok') throw new Error(outcome.outcome);
  const [block] = outcome.result['content'] as [{ text: string }];
  pids.push(block.text);
}
process.stdout.write(pids.join(' '), () => process.exit(0));
