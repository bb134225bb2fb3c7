import { didYouMean } from '../../document/nearest.ts';
import { type Definition, targetOf } from '../../domain/contract.ts';
import type { Profile } from '../../domain/policy.ts';
import { declaredBy } from '../schema/schema-walk.ts';
import { runsOnlyAsTask } from '../schema/task-support.ts';
import { listOf, quoted } from './rule-words.ts';
import type { Rules } from './rules.ts';

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

/** Problems of one target's rules with what they judge as its server describes it: one line each. */
export function misfitsOfRules(rules: Rules, definition: Definition): readonly string[] {
  if (runsOnlyAsTask(definition))
    return ['it runs only as a task, and Tollgate passes no tasks: take it out of the policy'];
  const declared = declaredBy(definition.inputSchema);
  if (declared.open || declared.patterns.length > 0) return [];
  const named = [
    ...Object.keys(rules.arguments).map((name) => [name, `arguments.${name}`] as const),
    ...(rules.cases ?? []).flatMap((one) =>
      Object.keys(one.when).map((name) => [name, `cases.${one.id}.when.${name}`] as const),
    ),
  ];
  return named
    .filter(([name]) => !declared.names.has(name))
    .map(([name, place]) => {
      const hint = didYouMean(name, declared.names) || `; it takes ${listOf([...declared.names].map(quoted))}`;
      return `${place}: the tool has no argument "${name}"${hint}`;
    });
}
