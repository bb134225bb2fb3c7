/** What people were asked, how fast they answered and what they said, by rule. */
import { z } from 'zod';
import { isAlwaysApproved, type RuleStatistics, statisticsOf } from '../domain/approval-statistics.ts';
import type { ApiCaller } from '../domain/person.ts';
import type { Ledger, Now } from '../domain/ports.ts';
import { ok } from '../domain/result.ts';
import { type ApiRoute, route } from './route.ts';

export interface ApprovalRoutesOptions {
  readonly ledger: Pick<Ledger, 'records'>;
  readonly now: Now;
}

/** The spans that are looked at, in days. */
export const SPANS = ['7', '30'] as const;
export type Span = (typeof SPANS)[number];

const DAY = 24 * 3_600_000;

/** Of the tenant of the caller. */
export async function approvalStatistics(
  { principal }: ApiCaller,
  days: Span,
  { ledger, now }: ApprovalRoutesOptions,
): Promise<readonly RuleStatistics[]> {
  const at = now();
  return statisticsOf(await ledger.records.asked({ of: principal, since: at - Number(days) * DAY, at }));
}

const statisticsListing = z.strictObject({
  days: z.enum(SPANS).default('7').describe('What was asked in so many days.'),
});

const count = z.int().min(0);

const statisticsPage = z.strictObject({
  days: z.int(),
  rules: z
    .array(
      z.strictObject({
        profile: z.string(),
        rule: z.string().describe('What asked, by id or path, as a hold names it.'),
        asked: count,
        approved: count,
        denied: count,
        lapsed: count.describe('Nobody answered in time, or what it was bound to changed.'),
        waiting: count,
        median_seconds: z.number().nullable().describe('From the question to the answer; null: nobody answered.'),
        always_approved: z.boolean().describe('At least five times, and never denied: it may be made a rule.'),
      }),
    )
    .describe('Those that asked most often first. A hold that two rules asked for counts for both.'),
});

export const approvalRoutes = (options: ApprovalRoutesOptions): readonly ApiRoute[] => [
  route(
    {
      name: 'approvalStatistics',
      method: 'get',
      path: '/api/approvals/statistics',
      says: 'How often each rule asked people of the tenant, how fast they answered, and what they said.',
      scope: undefined,
      rights: ['see holds'],
      query: statisticsListing,
      body: undefined,
      answer: { status: 200, says: 'The rules.', shape: statisticsPage },
      refusals: [400, 403],
    },
    async ({ caller, query: { days } }) => {
      const rules = (await approvalStatistics(caller, days, options)).map(shown);
      return ok({ status: 200, body: { days: Number(days), rules } });
    },
  ),
];

const shown = (one: RuleStatistics) => {
  const { median, ...counts } = one;
  return {
    ...counts,
    median_seconds: median === undefined ? null : Math.round(median / 100) / 10,
    always_approved: isAlwaysApproved(one),
  };
};
