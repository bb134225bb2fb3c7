/**
 * `subscriptions/listen` (basic/patterns/subscriptions.mdx): a request that stays open and tells of changes. First what is
 * honoured, then only what was asked for, each message under the request's own id.
 */

import type { ListKind, Offers } from '../domain/downstream.ts';
import { isObject } from '../domain/json.ts';
import type { TaskStanding } from '../domain/tasks.ts';
import { resultText } from '../wire/dress.ts';
import { invalidParams, saidFault } from '../wire/faults.ts';
import { acknowledgedText, listChangedText, subscriptionMeta, updatedText } from '../wire/notices.ts';
import { lookFault } from '../wire/refusals.ts';
import { filterAsSaid, readFilter } from '../wire/subscription-filter.ts';
import { taskNotice, taskResult, tasksUndeclared } from '../wire/tasks.ts';
import { type AnswerRequest, dressOf, type Turn } from './conversation.ts';
import { subscription } from './subscription.ts';
import { statusOf, taskIn } from './tasks.ts';

export const listen: AnswerRequest = async (turn) => {
  const { keeper, request, caller, reply } = turn;
  const { id, params } = request;
  const wanted = readFilter(params);
  if (!wanted.ok) return saidFault(invalidParams(id, wanted.error));
  if (wanted.value.tasks.length > 0 && caller.abilities.tasks !== true) return saidFault(tasksUndeclared(id));
  const offers = await keeper.path.offers(caller.presented, caller.route);
  if (!offers.ok) return saidFault(lookFault(id, offers.error));
  reply.mayTakeLong(undefined);
  const ended = new AbortController();
  const until = AbortSignal.any([reply.signal, keeper.stopping, ended.signal]);
  try {
    const stream = new ListenStream(turn, until, ended);
    const lists = await stream.hearLists(wanted.value.lists.filter((list) => changes(offers.value, list)));
    const resources = await stream.subscribe(wanted.value.resources);
    const tasks = stream.watch(wanted.value.tasks);
    stream.acknowledge(acknowledgedText(id, filterAsSaid({ lists, resources, tasks })));
    await aborted(until);
  } finally {
    ended.abort();
  }
  return { text: resultText(id, subscriptionMeta(id), dressOf(turn)), status: 200 };
};

const changes = ({ capabilities }: Offers, list: ListKind): boolean => {
  const offered = capabilities[list];
  return isObject(offered) && offered['listChanged'] === true;
};

/** A client may name many resources: so many are subscribed to at a time. */
const AT_A_TIME = 20;
/** Changes told of together, right after the acknowledgement. */
const MOST_EARLY = 1_000;

/** One listen request's stream. What changes before the acknowledgement is told after it. */
class ListenStream {
  readonly #turn: Turn;
  readonly #until: AbortSignal;
  readonly #ended: AbortController;
  readonly #about;
  /** By text, so that a flood of one change is one message. */
  #early: Set<string> | undefined = new Set();

  constructor(turn: Turn, until: AbortSignal, ended: AbortController) {
    this.#turn = turn;
    this.#until = until;
    this.#ended = ended;
    this.#about = subscriptionMeta(turn.request.id);
  }

  /** Gives the lists whose changes are heard. */
  async hearLists(lists: readonly ListKind[]): Promise<readonly ListKind[]> {
    if (lists.length === 0) return [];
    const { keeper, caller } = this.#turn;
    const changed = (list: ListKind): void => {
      if (lists.includes(list)) this.#say(listChangedText(list, this.#about));
    };
    const heard = await keeper.path.listen(caller.presented, caller.route, changed, this.#until);
    return heard.ok ? lists : [];
  }

  /** Subscribes to all that may be subscribed to, and gives those, in the order they were asked for. */
  async subscribe(uris: readonly string[]): Promise<readonly string[]> {
    const honoured: string[] = [];
    const updated = (uri: string): void => this.#say(updatedText(uri, this.#about));
    for (let from = 0; from < uris.length && !this.#until.aborted; from += AT_A_TIME) {
      const some = uris.slice(from, from + AT_A_TIME);
      const answers = await Promise.all(
        some.map((uri) => subscription(this.#turn, uri, { signal: this.#until, updated })),
      );
      for (const { target, answer } of answers) {
        if (answer.ok && answer.value.outcome.outcome === 'ok') honoured.push(target.target);
      }
    }
    return honoured;
  }

  /** Watches those that are the caller's own, and gives them. */
  watch(ids: readonly string[]): readonly string[] {
    const { keeper, caller, request } = this.#turn;
    return ids.filter((id) => {
      const named = taskIn(this.#turn, id);
      if (!named.ok) return false;
      const told = (standing: TaskStanding): void =>
        this.#say(taskNotice(request.id, taskResult(named.value, statusOf(this.#turn, standing), keeper.now())));
      keeper.path.tasks.watch(caller, named.value.task, told, this.#until).catch(keeper.fault);
      return true;
    });
  }

  acknowledge(message: string): void {
    const { reply } = this.#turn;
    reply.say(message);
    for (const early of this.#early ?? []) this.#tell(early);
    this.#early = undefined;
  }

  /** A client that does not keep up is told so by the end: it listens again, and reads what changed. */
  #tell(message: string): void {
    if (!this.#turn.reply.tell(message)) this.#ended.abort();
  }

  #say(message: string): void {
    if (this.#early === undefined) this.#tell(message);
    else if (this.#early.size < MOST_EARLY) this.#early.add(message);
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((over) => {
    if (signal.aborted) over();
    else signal.addEventListener('abort', () => over(), { once: true });
  });
