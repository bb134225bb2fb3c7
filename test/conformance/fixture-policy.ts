/** The policy under which the gateway stands before the fixture: every tool, prompt and resource by its name. */
import { ASKING_PROMPT } from './fixture/asking-tools.ts';
import { TOOLS } from './fixture/fixture-server.ts';
import { PROMPTS } from './fixture/prompts.ts';
import { conformancePolicy, type Era } from './policy-text.ts';

export const fixturePolicy = (url: string, era: Era): string =>
  conformancePolicy({
    url,
    era,
    tools: TOOLS.map((tool) => tool.name),
    prompts: [...PROMPTS, ASKING_PROMPT].map((prompt) => prompt.name),
    resources: ['test://**'],
  });
