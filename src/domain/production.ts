/**
 * Production: a server that a session reaches only once a person has agreed to it. The yes is an extension: the call that uses
 * it opens the server to its session for good, and a session that follows asks again. No policy can say otherwise.
 */
import type { Amounts } from './budget.ts';
import type { Need, ServerAddress } from './policy.ts';

export const isProduction = (address: ServerAddress | undefined): boolean => address?.environment === 'production';

/** Those of them that are production, in their order. */
export const productionAmong = (servers: ReadonlyMap<string, ServerAddress>): readonly string[] =>
  [...servers].flatMap(([name, address]) => (isProduction(address) ? [name] : []));

/** The rule that asks, as verdicts name it. */
const productionRule = (server: string): string => `servers.${server}.environment`;

/** Why a person is asked. */
export const productionNeed = (server: string): Need => ({
  kind: 'production',
  rule: productionRule(server),
  reason: `${server} is production; a yes lets this session reach it from then on`,
});

/** The servers of production that these needs ask for. */
export const productionAsked = (needs: readonly Need[]): readonly string[] =>
  needs.flatMap(({ kind, rule }) => (kind === 'production' ? (serverOfRule(rule) ?? []) : []));

/** The server that such a rule is of; undefined of any other rule. */
export const serverOfRule = (rule: string): string | undefined => /^servers\.([^.]+)\.environment$/.exec(rule)?.[1];

/** How the ledger keeps it beside the other extensions of a session: no kind of budget has a dot in its name. */
const KIND = 'production.';

/** What an approval of these needs adds to the session beside any budget. */
export const opened = (needs: readonly Need[]): Amounts =>
  Object.fromEntries(productionAsked(needs).map((server) => [`${KIND}${server}`, 1]));

/** The servers of production that a session with these extensions may reach. */
export const openIn = (extended: Amounts): readonly string[] =>
  Object.keys(extended).flatMap((kind) => (kind.startsWith(KIND) ? [kind.slice(KIND.length)] : []));

/** Whether these extensions open this server. */
export const isOpenIn = (extended: Amounts, server: string): boolean => (extended[`${KIND}${server}`] ?? 0) > 0;
