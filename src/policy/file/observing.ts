import type { Profile } from '../../domain/policy.ts';
import { productionAmong } from '../../domain/production.ts';

/** What a person must read first of a profile that only observes; undefined where it enforces its rules. */
export function observingWords({ name, mode, servers, tools, resources, prompts }: Profile): string | undefined {
  if (mode !== 'observe') return undefined;
  const enforced = [...tools.values(), ...resources, ...prompts.values()].filter((target) => !target.observes).length;
  const but = enforced === 0 ? '' : ` but what cannot be undone (${enforced} of its entries)`;
  const asks = productionAmong(servers).length === 0 ? '' : '; production waits for a person all the same';
  return `NOTHING IS ENFORCED in the profile ${name} (mode: observe)${but}: what would be refused is only written down${asks}`;
}
