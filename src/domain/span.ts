/** Lengths of time in the words of a policy file: 30s, 15m, 4h, 2d. */
const UNITS = [
  [24 * 3_600_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
] as const;

/** Exactly, in the largest unit that it is whole in. */
export function spanWords(milliseconds: number): string {
  const [unit, letter] = UNITS.find(([length]) => milliseconds % length === 0) ?? [1, 'ms'];
  return `${milliseconds / unit}${letter}`;
}

/** In its largest unit, rounded up. */
export function roundedSpan(milliseconds: number): string {
  const [unit, letter] = UNITS.find(([length]) => milliseconds >= length) ?? [1000, 's'];
  return `${Math.ceil(milliseconds / unit)}${letter}`;
}
