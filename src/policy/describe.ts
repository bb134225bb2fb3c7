/** The `tools/list` entry that agents see: the server's own, under our name, with the contract in front. */
import { MICROS } from '../domain/budget.ts';
import type { Contract, Definition, Effect } from '../domain/contract.ts';
import { isObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import type { TargetPolicy } from '../domain/policy.ts';
import { readable } from './readable.ts';
import { mapSubschemas } from './schema-walk.ts';

const EFFECT_WORDS: Readonly<Record<Effect, string>> = {
  read: 'it only reads',
  draft: 'it prepares a draft and sends nothing',
  write: 'it changes something',
  irreversible: 'what it does cannot be undone',
};

/**
 * Describes a tool to the agent as `name`. The contract comes first, where no text of the server can pass for it, and
 * overrides the server's hints: `readOnlyHint` and `destructiveHint` are the contract's, other hints are left out.
 * Schemas keep every keyword; their texts, like all that is shown, lose hidden characters. A tool that may be held shows
 * no output schema: clients show a model structured content and no text, and a recorded result must be able to say that
 * it is one. `currency` is that of `spend` (ISO 4217).
 */
export function describe(name: string, tool: TargetPolicy, definition: Definition, currency = 'USD'): JsonObject {
  const { annotations, title, outputSchema: _output, ...raw } = definition.raw;
  const own = readable(definition.description ?? '').trim();
  const contract = `${contractWords(tool, currency)} Enforced by Tollgate.`;
  const shownTitle = isObject(annotations) ? annotations['title'] : undefined;
  return {
    ...raw,
    name,
    ...(typeof title === 'string' ? { title: readable(title) } : {}),
    description: own === '' ? contract : `${contract}\n\nThe server's own description, unverified:\n${own}`,
    inputSchema: readableSchema(definition.inputSchema),
    ...(definition.outputSchema === undefined || tool.canHold
      ? {}
      : { outputSchema: readableSchema(definition.outputSchema) }),
    annotations: {
      ...(typeof shownTitle === 'string' ? { title: readable(shownTitle) } : {}),
      readOnlyHint: tool.contract.effect === 'read',
      destructiveHint: tool.contract.effect === 'write' || tool.contract.effect === 'irreversible',
    },
  };
}

function contractWords(tool: TargetPolicy, currency: string): string {
  const { can, cannot, effect } = tool.contract;
  const sentences = [
    `Effect: ${effect}, ${EFFECT_WORDS[effect]}.`,
    ...(can === undefined ? [] : [`Can: ${sentence(can)}`]),
    ...(cannot === undefined ? [] : [`Cannot: ${sentence(cannot)}`]),
    ...tool.restrictions,
    ...costWords(tool.contract, currency),
  ];
  return readable(sentences.join(' '));
}

const sentence = (text: string): string => (/[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);

function costWords(contract: Contract, currency: string): readonly string[] {
  const costs = Object.entries(contract.charges).map(([kind, count]) =>
    kind === 'spend' ? `${count / MICROS} ${currency}` : `${count} of the session's ${kind}`,
  );
  return costs.length === 0 ? [] : [`Each call costs ${costs.join(' and ')}.`];
}

const TEXTS = ['title', 'description', '$comment'];

function readableSchema(schema: JsonObject): JsonObject {
  return mapSubschemas(schema, (subschema) => {
    const texts = TEXTS.flatMap((key): [string, JsonValue][] => {
      const text = subschema[key];
      return typeof text === 'string' ? [[key, readable(text)]] : [];
    });
    return texts.length === 0 ? subschema : { ...subschema, ...Object.fromEntries(texts) };
  });
}
