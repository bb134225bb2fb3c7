/** What a format must say of a text: `yes`, `no`, or that it could be read two ways. */
import type { Meets } from '../../../src/policy/formats/meets.ts';

export type Row = readonly [text: string, meets: Meets];

/** Rows of one answer. */
export const all = (meets: Meets, texts: readonly string[]): readonly Row[] => texts.map((text) => [text, meets]);
