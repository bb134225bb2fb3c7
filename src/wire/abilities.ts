/** What a client declares that it can be asked and shown, in either era: MCP client capabilities. */
import { type Abilities, type ElicitationMode, NO_ABILITIES } from '../domain/abilities.ts';
import { isDeeper, isObject, type JsonObject, type JsonValue } from '../domain/json.ts';

import { TASKS } from '../domain/tasks.ts';
import { MODERN } from './revisions.ts';

const UI = 'io.modelcontextprotocol/ui';
/** Settings of MCP Apps go to servers with every call: in bytes of JSON, and in levels. */
const LARGEST_UI = 4 * 1024;
const DEEPEST_UI = 8;

/** Revisions are dates, so the alphabet is their order. A client is taken at no word that its revision does not have. */
const KNOWS_ELICITATION = '2025-06-18';
const KNOWS_URLS_AND_TOOLS = '2025-11-25';

export function readAbilities(capabilities: JsonValue | undefined, revision: string): Abilities {
  if (!isObject(capabilities)) return NO_ABILITIES;
  const elicitation = modesOf(capabilities['elicitation'], revision);
  const sampling = isObject(capabilities['sampling'])
    ? { tools: revision >= KNOWS_URLS_AND_TOOLS && isObject(capabilities['sampling']['tools']) }
    : undefined;
  const roots = isObject(capabilities['roots']);
  const ui = uiOf(capabilities['extensions']);
  const tasks = revision === MODERN && takesTasks(capabilities['extensions']);
  if (elicitation.length === 0 && sampling === undefined && !roots && ui === undefined && !tasks) return NO_ABILITIES;
  return { elicitation, sampling, roots, ui, ...(tasks ? { tasks } : {}) };
}

/** `elicitation: {}` means forms only (client/elicitation.mdx). */
function modesOf(declared: JsonValue | undefined, revision: string): readonly ElicitationMode[] {
  if (!isObject(declared) || revision < KNOWS_ELICITATION) return [];
  const url = revision >= KNOWS_URLS_AND_TOOLS && isObject(declared['url']);
  if (!url) return ['form'];
  return isObject(declared['form']) ? ['form', 'url'] : ['url'];
}

const takesTasks = (extensions: JsonValue | undefined): boolean => isObject(extensions) && isObject(extensions[TASKS]);

function uiOf(extensions: JsonValue | undefined): JsonObject | undefined {
  const settings = isObject(extensions) ? extensions[UI] : undefined;
  if (!isObject(settings) || isDeeper(settings, DEEPEST_UI)) return undefined;
  return Buffer.byteLength(JSON.stringify(settings)) > LARGEST_UI ? undefined : settings;
}
