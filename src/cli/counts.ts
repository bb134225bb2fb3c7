/** What a profile names, counted for people. */
import type { Profile } from '../domain/policy.ts';

/** `8 tools, 1 prompt, 2 resource patterns`; prompts and resources where there are some. */
export function countsOf({ tools, prompts, resources }: Profile): string {
  const counts = [count(tools.size, 'tool')];
  if (prompts.size > 0) counts.push(count(prompts.size, 'prompt'));
  if (resources.length > 0) counts.push(count(resources.length, 'resource pattern'));
  return counts.join(', ');
}

export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
