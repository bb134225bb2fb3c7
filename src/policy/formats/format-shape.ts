/** The formats as rules write them, in full (`url: { hosts: [...] }`) and in short (`hosts: [...]`). */
import { z } from 'zod';
import { described, mapping } from '../../document/mapping.ts';
import type { JsonObject, JsonValue } from '../../domain/json.ts';
import { domainTrouble } from './email.ts';
import { folderTrouble } from './path.ts';
import { hostTrouble, SCHEMES } from './url.ts';

const plain = (trouble: (text: string) => string | undefined) =>
  z.string().superRefine((text, context) => {
    const why = trouble(text);
    if (why !== undefined) context.addIssue(why);
  });

const folder = plain(folderTrouble);
const within = z.union([folder, z.array(folder).min(1)]).transform((one) => (typeof one === 'string' ? [one] : one));
const hosts = z.array(plain(hostTrouble)).min(1);
const schemes = z.array(z.enum(SCHEMES)).min(1).optional();
const domains = z.array(plain(domainTrouble)).min(1);

/** The keywords of formats: each in full, then what may stand for it. */
export const formatKeys = {
  path: mapping(
    described(
      { within },
      { within: 'Folders: absolute, relative to where the server stands, or the folder of the session.' },
    ),
  ).optional(),
  url: mapping(
    described(
      { hosts, schemes },
      { hosts: 'docs.example.com, *.example.com, each also with :PORT.', schemes: 'Unsaid is https alone.' },
    ),
  ).optional(),
  email: mapping(described({ domains }, { domains: 'customers.example.com, *.example.com.' })).optional(),
  within: within.optional(),
  hosts: hosts.optional(),
  schemes,
  domains: domains.optional(),
};

/** By short form, the format it belongs to. */
const SHORT: Readonly<Record<string, string>> = { within: 'path', hosts: 'url', schemes: 'url', domains: 'email' };

/** What is wrong with the formats of a rule together: a key and a sentence each. */
export function formatTroubles(rule: JsonObject): readonly (readonly [string, string])[] {
  const twice = Object.entries(SHORT)
    .filter(([short, format]) => rule[short] !== undefined && rule[format] !== undefined)
    .map(([short, format]) => [short, `"${short}" is short for a key of "${format}": write it there`] as const);
  const alone = rule['schemes'] !== undefined && rule['hosts'] === undefined && rule['url'] === undefined;
  return alone ? [...twice, ['schemes', 'expected hosts beside schemes']] : twice;
}

/** The rule with every format in full. */
export function withFormats(rule: JsonObject): JsonObject {
  const full: Record<string, JsonValue | undefined> = {};
  for (const [key, operand] of Object.entries(rule)) {
    const format = Object.hasOwn(SHORT, key) ? SHORT[key] : undefined;
    if (format === undefined) full[key] = operand;
    else full[format] = { ...(full[format] as JsonObject | undefined), [key]: operand };
  }
  return full;
}
