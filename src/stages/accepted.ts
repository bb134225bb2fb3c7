/** What the agents of a profile have of a server: what a person accepted, or without a lock what the server said first. */
import type { Definition } from '../domain/contract.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Profile } from '../domain/policy.ts';
import { acceptedTemplate } from '../policy/lock/departures.ts';
import { isPage } from '../policy/lock/pages.ts';

/** `first`: what the server said of its tools or prompts at first. */
export function acceptedOf(
  { lock }: Profile,
  server: string,
  kind: Definition['kind'],
  first: readonly Definition[],
): readonly Definition[] {
  if (lock === undefined) return first;
  return lock.servers.get(server)?.definitions.filter((one) => one.kind === kind) ?? [];
}

/** Of the templates that the server lists now: those that were accepted, as they were then. */
export function acceptedTemplates(
  { lock }: Profile,
  server: string,
  present: readonly JsonObject[],
): readonly JsonObject[] {
  if (lock === undefined) return present;
  const locked = lock.servers.get(server);
  if (locked === undefined) return [];
  return present.map((entry) => acceptedTemplate(locked, entry)).filter((entry) => entry !== undefined);
}

/** Whether the profile has a page that its tools show (`ui://`, MCP Apps), or a template; what no lock has is not there. */
export const hasPage = ({ lock }: Profile, server: string, uri: string): boolean =>
  lock === undefined || !isPage(uri) || lock.servers.get(server)?.pages.has(uri) === true;

export const hasTemplate = ({ lock }: Profile, server: string, uriTemplate: string): boolean =>
  lock === undefined ||
  lock.servers.get(server)?.templates.some((entry) => entry['uriTemplate'] === uriTemplate) === true;

/** The server's own words that agents are shown. */
export const acceptedInstructions = ({ lock }: Profile, server: string, now: string | undefined): string | undefined =>
  lock === undefined ? now : lock.servers.get(server)?.instructions;
