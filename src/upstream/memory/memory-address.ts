/** Where a session's memory is: beside its own URL, `/mcp/SESSION/events` and its like. */

const WHAT = ['events', 'calls', 'results', 'spend', 'holds'] as const;

export interface MemoryAddress {
  readonly session: string;
  readonly what: (typeof WHAT)[number];
  /** Of a result. */
  readonly call: string | undefined;
  /** As it came; undefined where there is none. */
  readonly query: string | undefined;
}

const ID = '[A-Za-z0-9_-]{1,128}';
const ADDRESS = new RegExp(
  `^/mcp/(?<session>${ID})/(?:(?<what>events|calls|spend|holds)|results/(?<call>${ID}))(?:\\?(?<query>.*))?$`,
);

/** Undefined for every other URL: `/mcp/p/PROFILE` is that of a profile, whatever its name. */
export function memoryAddress(url: string): MemoryAddress | undefined {
  const { session, what = 'results', call, query } = ADDRESS.exec(url)?.groups ?? {};
  const named = WHAT.find((one) => one === what);
  if (session === undefined || session === 'p' || named === undefined) return undefined;
  return { session, what: named, call, query };
}
