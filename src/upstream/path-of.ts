import type { Logins } from '../domain/login.ts';
import { present, type Stages } from '../pipeline.ts';
import { awaitAnswer, recall } from '../stages/await-others.ts';
import { lists } from '../stages/lists.ts';
import { memory } from '../stages/memory/memory.ts';
import { listen, offers } from '../stages/offers.ts';
import type { FindOpen } from '../stages/prepare.ts';
import type { Looking } from '../stages/seen-by.ts';
import { tasks } from '../stages/tasks/tasks.ts';
import type { Path } from './answer.ts';

/** The path, as the doors see it: calls walk the stages, and everything else only looks. */
export function pathOf(stages: Stages, looking: Looking, logins: Pick<Logins, 'finished'>, findOpen: FindOpen): Path {
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
    tasks: tasks(looking, findOpen),
    recall: recall(ledger),
  };
}
