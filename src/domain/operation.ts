/** What a caller may ask of a server on the path, by its MCP method. Only the first three can be held. */
export type Operation = 'tools/call' | 'resources/read' | 'prompts/get' | 'completion/complete' | 'resources/subscribe';

/** What a policy allow-lists. */
export type TargetKind = 'tool' | 'prompt' | 'resource';
