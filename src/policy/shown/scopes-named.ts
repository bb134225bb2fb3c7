import type { Profile } from '../../domain/policy.ts';

const known = new WeakMap<Profile, readonly string[]>();

/** Every scope that a target of these profiles needs, in order, each once. */
export const scopesNamed = (profiles: Iterable<Profile>): readonly string[] =>
  [...new Set([...profiles].flatMap(scopesOf))].toSorted();

/** Profiles do not change: a policy that does is another. */
function scopesOf(profile: Profile): readonly string[] {
  const read = known.get(profile);
  if (read !== undefined) return read;
  const targets = [...profile.tools.values(), ...profile.prompts.values(), ...profile.resources];
  const scopes = [...new Set(targets.flatMap(({ contract }) => (contract.visible ? contract.scopes : [])))];
  known.set(profile, scopes);
  return scopes;
}
