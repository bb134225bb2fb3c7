import type { WrittenRules } from '../judge/rules.ts';

/** Whether some call of a target cannot be undone: of those nothing is only observed, whatever is said to be. */
export const isFinal = ({ contract, cases = [] }: WrittenRules): boolean =>
  [contract.effect, ...cases.map(({ effect }) => effect)].includes('irreversible');
