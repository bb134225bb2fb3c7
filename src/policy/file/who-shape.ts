/** `who`: whom a profile lets in. */
import { z } from 'zod';
import type { Problem, YamlDocument } from '../../document/document.ts';
import { issuerUrl } from '../../document/issuer-url.ts';
import { described, mapping } from '../../document/mapping.ts';
import { didYouMean } from '../../document/nearest.ts';
import { LOCAL } from '../../domain/principal.ts';
import type { IssuersCallers, Who } from '../../domain/who.ts';
import { text } from './target-shape.ts';

const names = z.array(text).min(1).optional();

const issuersCallers = mapping(
  described(
    { issuer: issuerUrl, groups: names, subjects: names, clients: names, tenants: names },
    {
      issuer: 'Callers with a token of this issuer.',
      groups: 'Only those in one of these groups.',
      subjects: 'Only these, by the name that the issuer gives them.',
      clients: 'Only those that come by one of these clients.',
      tenants: 'Only those of one of these tenants.',
    },
  ),
).transform(
  ({ issuer, groups, subjects, clients, tenants }): IssuersCallers => ({ issuer, groups, subjects, clients, tenants }),
);

const local = z.literal(LOCAL);

export const whoShape = z
  .union([local, z.array(z.union([local, issuersCallers])).min(1)])
  .transform((said): readonly Who[] => (said === LOCAL ? [said] : said));

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
