/** Mutants that no test noticed, and whether each is known to be harmless. */

/** A mutant, as far as it is told here. `was` and `becomes` are the line where it begins, before and after. */
export interface Mutant {
  readonly file: string;
  readonly line: number;
  readonly was: string;
  readonly becomes: string;
  readonly mutator: string;
  readonly noticed: boolean;
}

/** A survivor of a deciding file that a person has looked at. */
export interface Reviewed {
  readonly file: string;
  readonly was: string;
  readonly becomes: string;
  /** Why it cannot turn a deny or a hold into an allow: the same, stricter, or words only. */
  readonly why: string;
}

export interface Span {
  readonly start: { readonly line: number; readonly column: number };
  readonly end: { readonly line: number; readonly column: number };
}

/** The first line of what is mutated, before and after. Lines and columns count from one. */
export function firstLines(text: string, { start, end }: Span, replacement: string): { was: string; becomes: string } {
  const lines = text.split('\n');
  const first = lines[start.line - 1] ?? '';
  const last = lines[end.line - 1] ?? '';
  const changed = first.slice(0, start.column - 1) + replacement + last.slice(end.column - 1);
  return { was: plain(first), becomes: plain(changed) };
}

const plain = (code: string): string => code.trim().replace(/\s+/g, ' ');

/** A text with letters and a blank in it is a sentence: no name, key or id of this project has one. */
const isSentence = ({ mutator, was, becomes }: Mutant): boolean => {
  if (mutator !== 'StringLiteral') return false;
  const [front, back] = [sharedFront(was, becomes), sharedFront(reversed(was), reversed(becomes))];
  const text = was.slice(front, was.length - back);
  return text.includes(' ') && /[a-z]/i.test(text);
};

const sharedFront = (one: string, other: string): number => {
  let at = 0;
  while (at < Math.min(one.length, other.length) && one[at] === other[at]) at++;
  return at;
};

const reversed = (text: string): string => [...text].reverse().join('');

const keyOf = ({ file, was, becomes }: Reviewed | Mutant): string => [file, was, becomes].join('\n');

export interface Verdict {
  /** Of deciding files, neither reviewed nor words only. */
  readonly dangerous: readonly Mutant[];
  /** Reviewed, and not among the survivors any more. */
  readonly outdated: readonly Reviewed[];
}

export function verdictOn(
  mutants: readonly Mutant[],
  reviewed: readonly Reviewed[],
  decides: (file: string) => boolean,
): Verdict {
  const survivors = mutants.filter((one) => !one.noticed);
  const known = new Set(reviewed.map(keyOf));
  const alive = new Set(survivors.map(keyOf));
  const mutated = new Set(mutants.map((one) => one.file));
  return {
    dangerous: survivors.filter((one) => decides(one.file) && !isSentence(one) && !known.has(keyOf(one))),
    outdated: reviewed.filter((one) => mutated.has(one.file) && !alive.has(keyOf(one))),
  };
}

export interface Score {
  readonly file: string;
  readonly noticed: number;
  readonly all: number;
}

/** By file, the worst first. */
export function scoresOf(mutants: readonly Mutant[]): readonly Score[] {
  const files = Map.groupBy(mutants, (one) => one.file);
  return [...files]
    .map(([file, own]): Score => ({ file, noticed: own.filter((one) => one.noticed).length, all: own.length }))
    .toSorted((one, other) => one.noticed / one.all - other.noticed / other.all);
}
