import { didYouMean } from '../document/nearest.ts';
import { type Definition, targetOf } from '../domain/contract.ts';
import type { Profile } from '../domain/policy.ts';

/**
 * Where a profile does not fit a server as it describes itself: tools and prompts that are not there, rules over arguments
 * that are not. `definitions` are all of the server's, of both kinds. Resources are not told: they come and go.
 */
export function misfitsOf(profile: Profile, server: string, definitions: readonly Definition[]): readonly string[] {
  return [...profile.tools.values(), ...profile.prompts.values()].flatMap((policy) => {
    const { contract } = policy;
    if (contract.server !== server) return [];
    const target = targetOf(contract);
    const alike = definitions.filter((one) => one.kind === contract.kind);
    const definition = alike.find((one) => one.name === contract.name);
    if (definition !== undefined) return policy.misfits(definition).map((misfit) => `${target}: ${misfit}`);
    const names = alike.map((one) => one.name);
    return [`${target}: ${server} has no ${contract.kind} ${contract.name}${didYouMean(contract.name, names)}`];
  });
}
