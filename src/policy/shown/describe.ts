/** The entries of lists that agents see: the server's own, under our names, with the contract in front. */
import { MICROS } from '../../domain/budget.ts';
import type { Contract, Definition, Effect } from '../../domain/contract.ts';
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import type { TargetPolicy } from '../../domain/policy.ts';
import { withReason } from '../judge/agent-reason.ts';
import { mapSubschemas } from '../schema/schema-walk.ts';
import { withoutTaskSupport } from '../schema/task-support.ts';
import { readable } from './readable.ts';

const EFFECT_WORDS: Readonly<Record<Effect, string>> = {
  read: 'it only reads',
  draft: 'it prepares a draft and sends nothing',
  write: 'it changes something',
  irreversible: 'what it does cannot be undone',
};

/**
 * Describes a tool to the agent as `name`. The contract comes first, where no text of the server can pass for it, and
 * overrides the server's hints: `readOnlyHint` and `destructiveHint` are those of the worst call that may be made,
 * `openWorldHint` says whether what a call carries may leave; other hints are left out, and so is what it says of tasks,
 * which do not pass. Where the policy asks why, the input schema has one more argument.
 * Schemas keep every keyword; their texts, like all that is shown, lose hidden characters. A tool that may be held shows
 * no output schema: clients show a model structured content and no text, and a recorded result must be able to say that
 * it is one. `currency` is that of `spend` (ISO 4217).
 */
export function describe(name: string, tool: TargetPolicy, definition: Definition, currency = 'USD'): JsonObject {
  const { annotations, title, outputSchema: _output, ...raw } = definition.raw;
  const shownTitle = isObject(annotations) ? annotations['title'] : undefined;
  return {
    ...withoutTaskSupport(withoutImitations(raw)),
    name,
    ...(typeof title === 'string' ? { title: readable(title) } : {}),
    description: described(tool, contractWords(tool, currency), definition.description),
    inputSchema: tool.asksReason
      ? withReason(readableSchema(definition.inputSchema))
      : readableSchema(definition.inputSchema),
    ...(definition.outputSchema === undefined || tool.canHold
      ? {}
      : { outputSchema: readableSchema(definition.outputSchema) }),
    annotations: {
      ...(typeof shownTitle === 'string' ? { title: readable(shownTitle) } : {}),
      readOnlyHint: tool.worst === 'read',
      destructiveHint: tool.worst === 'write' || tool.worst === 'irreversible',
      openWorldHint: tool.contract.sendsTo === 'external',
    },
  };
}

/**
 * Describes a prompt to the agent as `name`: the server's entry with the contract in front, its texts and those of its
 * arguments without hidden characters. `currency` is that of `spend` (ISO 4217).
 */
export function describePrompt(
  name: string,
  prompt: TargetPolicy,
  definition: Definition,
  currency = 'USD',
): JsonObject {
  const { arguments: args, ...raw } = withReadable(withoutImitations(definition.raw), ['title']);
  const shown = (one: JsonValue) => (isObject(one) ? withReadable(one, ['title', 'description']) : one);
  return {
    ...raw,
    name,
    description: described(prompt, contractWords(prompt, currency), definition.description),
    ...(args === undefined ? {} : { arguments: Array.isArray(args) ? args.map(shown) : args }),
  };
}

/**
 * Describes a resource, or a template of them, to the agent: the server's entry, its texts without hidden characters. What
 * a read asks of a person or costs stands in front of the description; else nothing does, for reading is what all do.
 */
export function describeResource(resource: TargetPolicy, entry: JsonObject, currency = 'USD'): JsonObject {
  const shown = withReadable(withoutImitations(entry), ['name', 'title', 'description']);
  const words = [...resource.restrictions, ...costWords(resource.contract, currency)];
  if (words.length === 0) return shown;
  const own = entry['description'];
  return {
    ...shown,
    description: described(resource, readable(words.join(' ')), typeof own === 'string' ? own : undefined),
  };
}

/** The contract first, where no text of the server can pass for it. */
function described({ observes }: TargetPolicy, words: string, description: string | undefined): string {
  const own = readable(description ?? '').trim();
  const contract = `${words} ${observes ? 'Observed' : 'Enforced'} by Tollgate.`;
  return own === '' ? contract : `${contract}\n\nThe server's own description, unverified:\n${own}`;
}

/** Members of `_meta` that would speak in our name. */
const OURS = /^(?:tollgate|pending_approval)/i;

/** A server's entry, its `_meta` without what imitates Tollgate. All else in it is kept (MCP Apps need `ui`). */
function withoutImitations(entry: JsonObject): JsonObject {
  const { _meta: meta, ...rest } = entry;
  if (!isObject(meta)) return rest;
  const kept = Object.entries(meta).filter(([name]) => !OURS.test(name));
  return kept.length === 0 ? rest : { ...rest, _meta: Object.fromEntries(kept) };
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
    kind === 'spend'
      ? `${contract.spendFrom === undefined ? '' : 'at most '}${count / MICROS} ${currency}`
      : `${count} of the session's ${kind}`,
  );
  return costs.length === 0 ? [] : [`Each call costs ${costs.join(' and ')}.`];
}

const TEXTS = ['title', 'description', '$comment'];

/** A schema, its texts without hidden characters. */
function readableSchema(schema: JsonObject): JsonObject {
  return mapSubschemas(schema, (subschema) => withReadable(subschema, TEXTS));
}

/** The object with these members of it, where they are texts, without hidden characters. */
function withReadable(value: JsonObject, members: readonly string[]): JsonObject {
  const texts = members.flatMap((key): [string, JsonValue][] => {
    const text = value[key];
    return typeof text === 'string' ? [[key, readable(text)]] : [];
  });
  return texts.length === 0 ? value : { ...value, ...Object.fromEntries(texts) };
}
