/** The resources, templates, prompts and completions of the feature server. */
import type { JsonObject } from '../../../src/domain/json.ts';
import { type Call, Fault } from './call.ts';
import { type ChangedState, changesOf } from './changes.ts';
import { form } from './tools.ts';

const RESOURCES: readonly JsonObject[] = [
  { uri: 'cells://note/greeting', name: 'greeting', title: 'A greeting', mimeType: 'text/plain' },
  { uri: 'cells://note/picture', name: 'picture', mimeType: 'image/png', size: 4 },
  { uri: 'cells://watched/one', name: 'one', mimeType: 'text/plain' },
  { uri: 'cells://watched/two', name: 'two', mimeType: 'text/plain' },
  { uri: 'cells://asks', name: 'asks', mimeType: 'text/plain' },
  { uri: 'ui://cells/board.html', name: 'board', mimeType: 'text/html;profile=mcp-app' },
];

export const TEMPLATES: readonly JsonObject[] = [
  { uriTemplate: 'cells://person/{name}', name: 'person', mimeType: 'text/plain' },
  { uriTemplate: 'cells://place/{country}/{city}', name: 'place', mimeType: 'text/plain' },
];

const PROMPTS: readonly JsonObject[] = [
  {
    name: 'greet',
    title: 'Greet somebody',
    description: 'Writes a greeting.',
    arguments: [{ name: 'name', description: 'Whom.', required: true }, { name: 'tone' }],
  },
  { name: 'interview', description: 'Asks first.' },
  { name: 'plain', description: 'Asks nothing.' },
];

export const resourcesNow = (changed: ChangedState): readonly JsonObject[] => [
  ...RESOURCES,
  ...Array.from({ length: changed.resources }, (_, at) => ({
    uri: `cells://added/${at + 1}`,
    name: `added ${at + 1}`,
  })),
];

export const promptsNow = (changed: ChangedState): readonly JsonObject[] => [
  ...PROMPTS,
  ...Array.from({ length: changed.prompts }, (_, at) => ({ name: `added_${at + 1}`, description: 'Came later.' })),
];

const plain = (uri: string, text: string): JsonObject => ({ contents: [{ uri, mimeType: 'text/plain', text }] });

export async function read(uri: string, call: Call, missing: number): Promise<JsonObject> {
  if (uri === 'cells://note/greeting') return plain(uri, 'Hello.');
  if (uri === 'cells://note/picture') return { contents: [{ uri, mimeType: 'image/png', blob: 'iVBORw==' }] };
  if (uri.startsWith('cells://watched/')) return plain(uri, `changed ${changesOf(uri)} times`);
  if (uri === 'cells://asks') return plain(uri, JSON.stringify(await call.ask({ only: form('May it be read?') })));
  if (uri === 'ui://cells/board.html') {
    const board = { uri, mimeType: 'text/html;profile=mcp-app', text: '<h1>Board</h1>' };
    return { contents: [{ ...board, _meta: { ui: { prefersBorder: true } } }] };
  }
  const [, name] = /^cells:\/\/person\/([a-z]+)$/.exec(uri) ?? [];
  if (name !== undefined) return plain(uri, `This is ${name}.`);
  throw new Fault(missing, 'Resource not found', { uri });
}

export async function prompted(name: string, given: JsonObject, call: Call): Promise<JsonObject> {
  const says = (text: string): JsonObject => ({ messages: [{ role: 'user', content: { type: 'text', text } }] });
  if (name === 'greet') return says(`Greet ${given['name']} in a ${given['tone'] ?? 'plain'} tone.`);
  if (name === 'interview') return says(JSON.stringify(await call.ask({ only: form('Who are you?') })));
  if (name === 'plain') return says('Say something.');
  throw new Fault(-32602, `Prompt ${name} not found`);
}

const CITIES: Readonly<Record<string, readonly string[]>> = { italy: ['rome', 'ravenna'], france: ['rouen'] };

export function completed(params: JsonObject): JsonObject {
  const { ref, argument, context } = params as unknown as {
    ref: { type: string; name?: string; uri?: string };
    argument: { name: string; value: string };
    context?: { arguments?: Record<string, string> };
  };
  const known =
    ref.type === 'ref/prompt' && ref.name === 'greet' && argument.name === 'name'
      ? ['ada', 'alan', 'grace']
      : ref.uri === TEMPLATES[1]?.['uriTemplate'] && argument.name === 'city'
        ? (CITIES[context?.arguments?.['country'] ?? ''] ?? [])
        : [];
  const values = known.filter((value) => value.startsWith(argument.value));
  return { completion: { values, total: values.length, hasMore: false } };
}
