/** `who`: whom a profile lets in. */
import { z } from 'zod';
import type { Problem, YamlDocument } from '../../document/document.ts';
import { issuerUrl } from '../../document/issuer-url.ts';
import { described, mapping } from '../../document/mapping.ts';
import { didYouMean } from '../../document/nearest.ts';
import { LOCAL } from '../../domain/principal.ts';
import { type IssuersCallers, NONE, type Who } from '../../domain/who.ts';
import { text } from './target-shape.ts';

const names = z.array(text).min(1).optional();

/** Claims that have a key of their own here. */
const OWN_KEYS: Readonly<Record<string, string>> = {
  iss: 'issuer',
  sub: 'subjects',
  groups: 'groups',
  client_id: 'clients',
  azp: 'clients',
  act: 'actors',
};

const claims = z.record(text, z.array(text).min(1)).superRefine((said, context) => {
  for (const name of Object.keys(said)) {
    const own = Object.hasOwn(OWN_KEYS, name) ? OWN_KEYS[name] : undefined;
    if (own !== undefined)
      context.addIssue({ code: 'custom', path: [name], message: `the claim "${name}" has a key of its own: "${own}"` });
  }
  if (Object.keys(said).length === 0) context.addIssue('expected at least one claim: NAME: [VALUE]');
});

/** RFC 8693 has no one text for an actor: this is its issuer and its subject, as the journal says them. */
const actor = z
  .string()
  .regex(/^https:\/\/.+:.+$/, 'expected ISSUER:SUBJECT, such as "https://login.example.com:desk-agent"');

const nobody = z
  .string()
  .regex(/^none$/, `expected a list of ISSUER:SUBJECT, or ${NONE}`)
  .transform((): typeof NONE => NONE);

const actors = z.union([nobody, z.array(actor).min(1)]);

const issuersCallers = mapping(
  described(
    {
      issuer: issuerUrl,
      groups: names,
      subjects: names,
      clients: names,
      tenants: names,
      claims: claims.optional(),
      actors: actors.optional(),
    },
    {
      issuer: 'Callers with a token of this issuer.',
      groups: 'Only those in one of these groups.',
      subjects: 'Only these, by the name that the issuer gives them.',
      clients: 'Only those that come by one of these clients.',
      tenants: 'Only those of one of these tenants.',
      claims: 'Only those whose token says one of these values in each of these claims.',
      actors: 'Only those for whom one of these acts (the outermost act), as ISSUER:SUBJECT; none: nobody may.',
    },
  ),
).transform(
  ({ issuer, groups, subjects, clients, tenants, claims, actors }): IssuersCallers => ({
    issuer,
    groups,
    subjects,
    clients,
    tenants,
    claims,
    actors,
  }),
);

const local = z.literal(LOCAL);

export const whoShape = z
  .union([local, z.array(z.union([local, issuersCallers])).min(1)])
  .transform((said): readonly Who[] => (said === LOCAL ? [said] : said));

/** The issuers whose callers are let in. */
export const issuersNamed = (who: readonly Who[]): ReadonlySet<string> =>
  new Set(who.flatMap((one) => (one === LOCAL ? [] : [one.issuer])));

/** Tells of entries that let nobody in: the deployment has no such issuer. */
export function tellUnknownIssuers(
  document: YamlDocument,
  who: readonly Who[],
  issuers: ReadonlySet<string>,
  found: Problem[],
): void {
  for (const [place, one] of who.entries()) {
    if (one === LOCAL || issuers.has(one.issuer)) continue;
    const why =
      issuers.size === 0
        ? 'gateway.yaml has no identity.issuers'
        : `no issuer of gateway.yaml is "${one.issuer}"${didYouMean(one.issuer, issuers)}`;
    found.push(document.problem(['who', place, 'issuer'], `nobody can come from there: ${why}`));
  }
}
