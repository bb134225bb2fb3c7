/** Label: what a session has touched. Labels only rise. Reach: how far what a call carries may go. */

/** From the least to the farthest. What is unsaid is the farthest. */
export const REACHES = ['none', 'internal', 'external'] as const;
export type Reach = (typeof REACHES)[number];

/** What is unsaid of a tool: all that it returns is private, and a stranger's words. */
export const WORST_LABELS: readonly string[] = ['private', 'untrusted'];

export const reachesAsFar = (reach: Reach, least: Reach): boolean => REACHES.indexOf(reach) >= REACHES.indexOf(least);

/** The labels of both, each once, in an order that does not depend on how they came together. */
export const joined = (some: readonly string[], others: readonly string[]): readonly string[] =>
  [...new Set([...some, ...others])].sort();
