/** One version of a policy: its texts and what they say. */
import { type PolicyTexts, textsDigest } from '../domain/acceptance.ts';
import type { ListKind } from '../domain/downstream.ts';
import { type Draft, GATEWAY_CHAIN } from '../domain/journal.ts';
import { type JsonObject, sha256 } from '../domain/json.ts';
import type { Profile } from '../domain/policy.ts';
import { productionAmong } from '../domain/production.ts';
import { wideningText } from '../policy/widening/widening.ts';
import { widenings } from '../policy/widening/widenings.ts';

export interface Version {
  readonly texts: PolicyTexts;
  readonly profile: Profile;
}

export const isSameText = (one: PolicyTexts, other: PolicyTexts): boolean => textsDigest(one) === textsDigest(other);

/** One readable line for each way in which `next` is not plainly narrower than `old`. */
export const widerLines = (old: Version, next: Version): readonly string[] =>
  widenings(old.profile, next.profile).map(wideningText);

/** Every policy that was in force is kept, so that a digest in a journal can be read years later. */
export const policyEntry = ({ profile, texts }: Version, at: number): Draft => ({
  session: GATEWAY_CHAIN,
  kind: 'policy',
  call: undefined,
  at,
  body: {
    profile: profile.name,
    file: profile.file,
    digest: profile.digest,
    text: profile.text,
    ...productionOf(profile),
    includes: texts.files.slice(1).map(({ file, text }) => ({ file, digest: sha256(text), text })),
    ...(texts.lock === undefined ? {} : { lock: { ...texts.lock, digest: sha256(texts.lock.text) } }),
  },
});

/** Which of its servers were production then: the deployment's file may say so, and its text is not kept. */
function productionOf({ servers }: Profile): JsonObject {
  const production = productionAmong(servers);
  return production.length === 0 ? {} : { production };
}

/** The servers whose lists nobody read, or nobody reads from now on, for the era that they were locked in. */
export const otherEras = (old: Profile, next: Profile): ReadonlySet<string> =>
  new Set(
    [...next.servers.keys()].filter(
      (name) => old.lock !== undefined && old.lock.servers.get(name)?.era !== next.lock?.servers.get(name)?.era,
    ),
  );

/** The lists in which agents may see something else. */
export function changedLists(old: Profile, next: Profile): readonly ListKind[] {
  const kinds = ['tools', 'prompts', 'resources'] as const;
  return kinds.filter((kind) => seenOf(old, kind) !== seenOf(next, kind));
}

function seenOf({ tools, prompts, resources, prefixed, currency, lock }: Profile, kind: ListKind): string {
  const shown = { tools: [...tools.values()], prompts: [...prompts.values()], resources }[kind];
  const digests = shown.map(({ digest }) => digest);
  return JSON.stringify([...digests, prefixed, currency, shown.length === 0 ? '' : lock?.digest]);
}
