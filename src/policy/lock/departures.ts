/** Where a server is not, or no longer, what was accepted of it: lines for the operator. */
import type { Definition } from '../../domain/contract.ts';
import { canonical, type JsonObject } from '../../domain/json.ts';
import type { Accepted, LockedServer } from '../../domain/lock.ts';
import { pinOf } from './definition-of.ts';

export interface Reading {
  readonly kind: Definition['kind'];
  /** By name. */
  readonly now: ReadonlyMap<string, Definition>;
  /** What a connection does not show that may be shown less is no change. */
  readonly isPartial: boolean;
}

/** Against what the server said first, where no lock says more. What is new is not told: only a lock says that it is. */
export function departuresFromFirst(first: readonly Definition[], reading: Reading): readonly string[] {
  return first.flatMap((one) => departed(one, reading, 'is described otherwise than at first: its calls are refused'));
}

/** Against the lock of one policy. */
export function departuresFrom({ policy, lock, server }: Accepted, reading: Reading): readonly string[] {
  const { kind, now } = reading;
  const see = `tollgate policy diff ${policy}`;
  const locked = server.definitions.filter((one) => one.kind === kind);
  const names = new Set(locked.map((one) => one.name));
  const otherwise = `is described otherwise than in ${lock}: its calls are refused (${see})`;
  return [
    ...locked.flatMap((one) => departed(one, reading, otherwise)),
    ...locked
      .filter((one) => hintsDiffer(one, now.get(one.name)))
      .map(
        (one) => `the annotations of the ${kind} ${one.name} are not those in ${lock}: they are hints, and only told`,
      ),
    ...[...now.keys()]
      .filter((name) => !names.has(name))
      .map((name) => `the ${kind} ${name} is new and not in ${lock}: agents have it once it is accepted (${see})`),
  ];
}

/** Whether some policy was pinned on this server and none in this era. */
export const isOtherEra = (accepted: readonly Accepted[], era: 'modern' | 'legacy'): boolean =>
  accepted.length > 0 && accepted.every(({ server }) => server.era !== undefined && server.era !== era);

export const otherEraWords = (accepted: readonly Accepted[], era: 'modern' | 'legacy'): readonly string[] =>
  accepted.map(
    ({ policy, lock, server }) =>
      `it speaks the ${era} era, and the ${server.era} one in ${lock}: nothing of it can be used (tollgate policy diff ${policy})`,
  );

/** Against the words that agents are shown as this server's own. */
export const departedInstructions = (accepted: readonly Accepted[], now: string | undefined): readonly string[] =>
  accepted
    .filter(({ server }) => server.instructions !== now)
    .map(
      ({ policy, lock }) =>
        `its instructions are not those in ${lock}, which agents go on being shown (tollgate policy diff ${policy})`,
    );

/** Of a server's list of resource templates, as it is now. */
export function departedTemplates({ policy, lock, server }: Accepted, now: readonly JsonObject[]): readonly string[] {
  return now
    .filter((entry) => acceptedTemplate(server, entry) === undefined)
    .map(
      (entry) =>
        `the template ${entry['uriTemplate']} is not as in ${lock}, and not shown (tollgate policy diff ${policy})`,
    );
}

/** The locked entry of a template that the server describes as it did when it was pinned. */
export function acceptedTemplate(server: LockedServer, entry: JsonObject): JsonObject | undefined {
  const locked = server.templates.find((one) => one['uriTemplate'] === entry['uriTemplate']);
  return locked !== undefined && pinOf(locked) === pinOf(entry) ? locked : undefined;
}

function departed({ kind, name, pin }: Definition, { now, isPartial }: Reading, otherwise: string): readonly string[] {
  const said = now.get(name);
  if (said?.pin === pin || (said === undefined && isPartial)) return [];
  return [`the ${kind} ${name} ${said === undefined ? 'is no longer listed: its calls are refused' : otherwise}`];
}

function hintsDiffer(locked: Definition, said: Definition | undefined): boolean {
  return said?.pin === locked.pin && canonical(said.raw['annotations']) !== canonical(locked.raw['annotations']);
}
