import type { Ledger, Now } from '../domain/ports.ts';
import { ok, refuse } from '../domain/result.ts';
import { journalListing, journalPage } from './hold-shapes.ts';
import { SESSION_UNKNOWN } from './problem.ts';
import { isWithin } from './rights.ts';
import { type ApiRoute, route } from './route.ts';

export interface JournalRouteOptions {
  readonly ledger: Pick<Ledger, 'describe' | 'journal'>;
  readonly now: Now;
}

/** What happened in a session, for auditors: the chain as it is, without contents. */
export const journalRoute = ({ ledger, now }: JournalRouteOptions): ApiRoute =>
  route(
    {
      name: 'readJournal',
      method: 'get',
      path: '/api/sessions/{session}/journal',
      says: 'What happened in a session of the tenant, in order.',
      scope: undefined,
      rights: ['see journals'],
      query: journalListing,
      body: undefined,
      answer: { status: 200, says: 'A page of its journal.', shape: journalPage },
      refusals: [400, 403, 404],
    },
    async ({ caller, id, query: { after, limit } }) => {
      const found = await ledger.describe(id, now());
      if (found === undefined || !isWithin(caller, found.session)) return refuse(SESSION_UNKNOWN);
      const later = (await ledger.journal(id)).filter(({ seq }) => seq > after);
      const entries = later.slice(0, limit).map(({ seq, at, kind, call, body, prev, hash }) => ({
        ...{ seq, at: new Date(at).toISOString(), kind, call: call ?? null, body, prev, hash },
      }));
      return ok({ status: 200, body: { entries, next: later.length > limit ? (entries.at(-1)?.seq ?? null) : null } });
    },
  );
