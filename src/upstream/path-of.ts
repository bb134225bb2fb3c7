import { present, type Stages } from '../pipeline.ts';
import type { PolicyBook } from '../policy/book.ts';
import { awaitAnswer, recall } from '../stages/await-others.ts';
import { lists } from '../stages/lists.ts';
import { memory } from '../stages/memory/memory.ts';
import { listen, offers } from '../stages/offers.ts';
import type { Needed } from '../stages/stages-of.ts';
import type { Path } from './answer.ts';

type Parts = Pick<Needed, 'ledger' | 'downstream' | 'who' | 'dirOf' | 'now'> & { readonly policies: PolicyBook };

/** What doors ask of the path, out of its stages and of what looks without a call. */
export function pathOf(stages: Stages, { ledger, downstream, policies, who, dirOf, now }: Parts): Path {
  const looking = { authenticate: who, ledger, profiles: policies.byName, downstream, dirOf, now };
  return {
    authenticate: who,
    list: lists(looking),
    offers: offers(looking),
    listen: listen(looking),
    present: (received) => present(stages, received),
    answered: awaitAnswer(ledger, now),
    memory: memory(looking),
    recall: recall(ledger),
  };
}
