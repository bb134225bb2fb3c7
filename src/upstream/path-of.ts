import type { Downstream } from '../domain/downstream.ts';
import type { Logins } from '../domain/login.ts';
import type { DirOf, Ledger, Now } from '../domain/ports.ts';
import { present, type Stages } from '../pipeline.ts';
import type { Authenticate } from '../stages/authenticate.ts';
import { awaitAnswer, recall } from '../stages/await-others.ts';
import type { Profiles } from '../stages/choose-profile.ts';
import { lists } from '../stages/lists.ts';
import { memory } from '../stages/memory/memory.ts';
import { listen, offers } from '../stages/offers.ts';
import type { Path } from './answer.ts';

interface Looking {
  readonly authenticate: Authenticate;
  readonly ledger: Ledger;
  readonly profiles: Profiles;
  readonly downstream: Downstream;
  readonly dirOf: DirOf;
  readonly now: Now;
}

/** The path, as the doors see it: calls walk the stages, and everything else only looks. */
export function pathOf(stages: Stages, looking: Looking, logins: Pick<Logins, 'finished'>): Path {
  const { authenticate, ledger, now } = looking;
  return {
    authenticate,
    list: lists(looking),
    offers: offers(looking),
    listen: listen(looking),
    present: (received) => present(stages, received),
    answered: awaitAnswer(ledger, now),
    loggedIn: (url, signal) => logins.finished(url, signal),
    memory: memory(looking),
    recall: recall(ledger),
  };
}
