import { didYouMean } from '../document/nearest.ts';
import type { Definition } from '../domain/contract.ts';
import type { Profile } from '../domain/policy.ts';

/** Where a profile does not fit a server as it describes itself: tools that are not there, rules over arguments that are not. */
export function misfitsOf(profile: Profile, server: string, definitions: readonly Definition[]): readonly string[] {
  const names = definitions.map((definition) => definition.name);
  return [...profile.tools].flatMap(([target, tool]) => {
    if (tool.contract.server !== server) return [];
    const definition = definitions.find((one) => one.name === tool.contract.name);
    if (definition !== undefined) return tool.misfits(definition).map((misfit) => `${target}: ${misfit}`);
    return [`${target}: ${server} has no tool ${tool.contract.name}${didYouMean(tool.contract.name, names)}`];
  });
}
