/** What a caller may ask of a server on the path, by its MCP method. Only the first three can be held. */
export const OPERATIONS = [
  'tools/call',
  'resources/read',
  'prompts/get',
  'completion/complete',
  'resources/subscribe',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** What a policy allow-lists. */
export type TargetKind = 'tool' | 'prompt' | 'resource';
