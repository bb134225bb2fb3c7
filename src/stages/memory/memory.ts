/**
 * The session as its agent's memory. What is read here is the session's own: no server is asked, no label is raised, since the
 * session has touched all of it already, and reading is not journalled. What is written is.
 */
import type { JsonObject } from '../../domain/json.ts';
import type { NewEvent, Report, Unwritten } from '../../domain/memory.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { Snapshot } from '../../domain/session.ts';
import { untilFound } from '../await-others.ts';
import type { Looking } from '../seen-by.ts';
import { type Asker, type MemoryRefusal, ownSession } from './own-session.ts';
import { budgetView, callsView, eventsView, holdsView, resultView, sessionView } from './views.ts';

type Answer = Promise<Result<JsonObject, MemoryRefusal>>;

export interface Memory {
  session(asker: Asker): Answer;
  /** The events after the one of that number; where there are none yet, once there are, or when `until` aborts. */
  events(asker: Asker, after: number, until: AbortSignal): Answer;
  calls(asker: Asker, before: string | undefined): Answer;
  result(asker: Asker, call: string): Answer;
  /** The holds; where they changed no more than `after` times, once they do, or when `until` aborts. */
  holds(asker: Asker, after: number, until: AbortSignal): Answer;
  addEvent(asker: Asker, event: Pick<NewEvent, 'type' | 'content'>): Answer;
  report(asker: Asker, spent: Pick<Report, 'class' | 'amount' | 'why'>): Answer;
}

export function memory(looking: Looking): Memory {
  const { ledger, now } = looking;

  /** Answers from the asker's own session. */
  const own = async (asker: Asker, view: (snapshot: Snapshot) => Promise<JsonObject | undefined>): Answer => {
    const session = await ownSession(looking, asker);
    if (!session.ok) return session;
    const seen = await view(session.value.snapshot);
    return seen === undefined ? refuse({ reason: 'call_unknown' }) : ok(seen);
  };

  /** What there is once some of it is new, or when `until` aborts. */
  const once = async <Page>(
    { session }: Snapshot,
    until: AbortSignal,
    look: (session: string) => Promise<Page>,
    isNew: (page: Page) => boolean,
  ): Promise<Page> => {
    let page = await look(session.id);
    if (isNew(page) || until.aborted) return page;
    await untilFound(ledger, [`memory:${session.lineage}`], until, async () => {
      page = await look(session.id);
      return isNew(page) ? page : undefined;
    });
    return page;
  };

  const written = async (asker: Asker, write: (session: string) => Promise<Result<number, Unwritten>>): Answer => {
    const session = await ownSession(looking, asker);
    if (!session.ok) return session;
    const event = await write(session.value.snapshot.session.id);
    return event.ok ? ok({ event: event.value }) : refuse({ reason: event.error });
  };

  return {
    session: async (asker) => {
      const session = await ownSession(looking, asker);
      if (!session.ok) return session;
      const { profile, snapshot } = session.value;
      return ok(sessionView(profile, snapshot, await ledger.holdsOf(snapshot.session.id, now())));
    },
    events: (asker, after, until) =>
      own(asker, async (snapshot) => {
        const look = (id: string) => ledger.events(id, after);
        return eventsView(await once(snapshot, until, look, ({ events }) => events.length > 0));
      }),
    calls: (asker, before) => own(asker, async ({ session }) => callsView(await ledger.calls(session.id, before))),
    result: (asker, id) =>
      own(asker, async ({ session }) => {
        const call = await ledger.madeCall(session.id, id);
        if (call === undefined) return undefined;
        return resultView(call, await ledger.content(id, 'arguments'), await ledger.recorded(id));
      }),
    holds: (asker, after, until) =>
      own(asker, async (snapshot) => {
        const look = (id: string) => ledger.holdsOf(id, now());
        return holdsView(await once(snapshot, until, look, ({ changes }) => changes > after));
      }),
    addEvent: (asker, event) => written(asker, (session) => ledger.addEvent({ ...event, session, at: now() })),
    report: async (asker, spent) => {
      const event = await written(asker, (session) => ledger.report({ ...spent, session, at: now() }));
      const after = event.ok ? await ownSession(looking, asker) : event;
      if (!event.ok || !after.ok) return event;
      const { profile, snapshot } = after.value;
      return ok({ ...event.value, spend: budgetView(profile, snapshot.used)['spend'] });
    },
  };
}
