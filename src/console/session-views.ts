/** Sessions as the API shows them: times in ISO 8601, amounts in units that people use. */
import { type Amounts, inUnits, isRenewed, renewedAmounts, standings } from '../domain/budget.ts';
import type { Profile } from '../domain/policy.ts';
import { type Described, expiryOf, isOver, type SessionStanding, shownState } from '../domain/session.ts';
import type { SessionSummary, SessionWhole } from './shapes.ts';

/** `profile`: its own, where it is in force here. */
export function summaryOf(standing: SessionStanding, profile: Profile | undefined): SessionSummary {
  const { session, extended, labels, awaiting, touchedAt, chargedSince, at } = standing;
  const { issuer, subject, client, tenant } = session.principal;
  const used = isRenewed(chargedSince, profile?.life.renew, at) ? renewedAmounts(standing.used) : standing.used;
  const left = standings(profile?.caps ?? {}, extended, used).map((one) => [one.kind, one.left] as const);
  const expiry = isOver(session) ? undefined : expiryOf(session, profile?.life.maxAge);
  return {
    id: session.id,
    url: `/mcp/${session.id}`,
    state: shownState(standing),
    profile: session.profile,
    principal: { issuer, subject, client, tenant },
    named: session.named,
    labels: [...labels],
    used: amountsIn(Object.entries(used)),
    left: amountsIn(left),
    open_holds: awaiting,
    opened_at: time(session.openedAt),
    touched_at: time(touchedAt),
    expires_at: expiry === undefined ? null : time(expiry),
  };
}

export function wholeOf(described: Described, profile: Profile | undefined): SessionWhole {
  const { task = null, instructions, model = null, route = null } = described.description;
  return {
    ...summaryOf(described, profile),
    task,
    instructions: instructions === undefined ? null : { digest: instructions.digest },
    model,
    route,
  };
}

const amountsIn = (amounts: readonly (readonly [kind: string, amount: number])[]): Amounts =>
  Object.fromEntries(amounts.map(([kind, amount]) => [kind, inUnits(kind, amount)]));

const time = (at: number): string => new Date(at).toISOString();
