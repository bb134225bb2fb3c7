import { type Amounts, MICROS } from '../domain/budget.ts';

/** What is used, by kind, with its cap where there is one: `calls 3 of 200, runtime 1.2 s, spent 0.02`. */
export const usedWords = (used: Amounts, caps: Amounts = {}): string =>
  [...new Set([...Object.keys(used), ...Object.keys(caps)])]
    .map((kind) => {
      const cap = caps[kind];
      const words = `${kind === 'spend' ? 'spent' : kind} ${amountOf(kind, used[kind] ?? 0)}`;
      return cap === undefined ? words : `${words} of ${amountOf(kind, cap)}`;
    })
    .join(', ');

function amountOf(kind: string, amount: number): string {
  if (kind === 'runtime') return `${(amount / 1000).toFixed(1)} s`;
  return kind === 'spend' ? (amount / MICROS).toFixed(2) : String(amount);
}
