import type { DownstreamOptions } from './server-pool.ts';

/** Why nothing may be opened now: a person does not want it, or nobody could be asked. */
export async function barredBy(
  { barred }: Pick<DownstreamOptions, 'barred'>,
  server: string,
  session: string,
): Promise<string | undefined> {
  try {
    return await barred?.(server, session);
  } catch (fault) {
    return `nothing can be opened: ${fault instanceof Error ? fault.message : String(fault)}`;
  }
}
