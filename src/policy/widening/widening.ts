/** One way in which a policy is not plainly narrower than another. */
import { canonical, type JsonValue } from '../../domain/json.ts';

export interface Widening {
  /** Where a policy file would write it: `tools`, `crm.act`, `arguments`, `refund`, `maximum`. */
  readonly path: readonly string[];
  /** What it is, for a person: `900, was 500`. */
  readonly words: string;
}

/** One readable line: `tools.crm.act.arguments.refund.maximum: 900, was 500`. */
export const wideningText = ({ path, words }: Widening): string => `${path.join('.')}: ${words}`;

export const at = (key: string, found: readonly Widening[]): readonly Widening[] =>
  found.map(({ path, words }) => ({ path: [key, ...path], words }));

export const wider = (path: string, words: string): readonly Widening[] => [{ path: [path], words }];

export const NARROWER: readonly Widening[] = [];

export const changed = (key: string, next: unknown, old: unknown): readonly Widening[] =>
  wider(key, `${said(next)}, was ${said(old)}`);

export const isSame = (one: unknown, other: unknown): boolean => textOf(one) === textOf(other);

/** Whether every one of `some` is among `all`. */
export const isAmong = (some: readonly unknown[], all: readonly unknown[]): boolean => {
  const texts = new Set(all.map(textOf));
  return some.every((one) => texts.has(textOf(one)));
};

const LONGEST = 120;

function said(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? value : textOf(value);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}...`;
}

const textOf = (value: unknown): string => canonical(value as JsonValue | undefined);
