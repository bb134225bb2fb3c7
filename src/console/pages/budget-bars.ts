/** What a session used of what it may: a bar for each kind that is capped. */
import { html } from 'hono/html';
import { amountWords, isRenewed, renewedAmounts, standings } from '../../domain/budget.ts';
import type { Profile } from '../../domain/policy.ts';
import { printable } from '../../domain/printable.ts';
import type { SessionStanding } from '../../domain/session.ts';
import type { Html } from './sheet.ts';

/** The fullest first; at most `most` of them. Nothing where its profile is not in force here, or caps nothing. */
export function budgetBars(
  { used, extended, chargedSince, at }: Pick<SessionStanding, 'used' | 'extended' | 'chargedSince' | 'at'>,
  profile: Profile | undefined,
  most = Number.POSITIVE_INFINITY,
): Html | '' {
  if (profile === undefined) return '';
  const now = isRenewed(chargedSince, profile.life.renew, at) ? renewedAmounts(used) : used;
  const bars = standings(profile.caps, extended, now)
    .map((one) => ({ ...one, share: one.cap === 0 ? 1 : one.used / one.cap }))
    .toSorted((a, b) => b.share - a.share)
    .slice(0, most);
  if (bars.length === 0) return '';
  return html`<ul class="budgets">${bars.map(({ kind, used: spent, cap, extended: more, share }) => {
    const words = `${shortWords(kind, spent)} of ${amountWords(kind, cap, profile.currency)}`;
    return html`<li><span class="${share >= 1 ? 'bad' : 'quiet'}">${printable(words)}${more === 0 ? '' : ' (extended)'}</span>
<meter min="0" max="1" high="0.8" optimum="0" value="${Math.min(1, share).toFixed(3)}" aria-label="${printable(words)}"></meter></li>`;
  })}</ul>`;
}

/** The amount alone: the cap beside it says of what. */
const shortWords = (kind: string, amount: number): string => amountWords(kind, amount, '').split(' ')[0] ?? '';
