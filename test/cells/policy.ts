/** The policy of the cells: all of the feature server, and every question that it may ask. */
import { TOOLS } from './servers/tools.ts';

/** How the policy reaches the server: a program to start, or a URL. */
export type Server = { readonly program: string; readonly record: string } | { readonly url: string };

export const PROMPTS: readonly string[] = ['greet', 'interview', 'plain'];

const reach = (server: Server): string =>
  'url' in server
    ? `url: ${JSON.stringify(server.url)}`
    : `command: ${JSON.stringify(['node', server.program])}\n    env: ${JSON.stringify({ RECORD: server.record })}`;

export const cellsPolicy = (server: Server): string => `version: 1
profile: cells
who: local
servers:
  cells:
    ${reach(server)}
    defaults: { effect: read }
    asks: { elicitation: [form, url], sampling: { max: 1000, max_tokens: 1000 }, roots: true }
tools:
${TOOLS.map(({ name }) => `  cells.${name}: {}`).join('\n')}
resources:
  - { server: cells, uri: "cells://**" }
  - { server: cells, uri: "ui://cells/*" }
prompts:
${PROMPTS.map((name) => `  - { server: cells, name: ${name} }`).join('\n')}
`;
