/** What a tool's result must be like: as its server declares it, and as the policy says. */
import type { Definition } from '../../domain/contract.ts';
import { isDeeper, isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import type { OutputPromise } from '../../domain/policy.ts';
import { outputOf, promiseOf } from '../schema/schema.ts';

/** Levels of JSON in a text. */
const DEEPEST = 64;

/** Which promise this result breaks, as a phrase that follows "it" and says nothing of what it held; undefined: none. */
export function brokenPromise(
  result: JsonObject,
  definition: Definition | undefined,
  promise: OutputPromise | undefined,
): string | undefined {
  if (definition?.outputSchema !== undefined) {
    const problems = outputOf(definition)(result['structuredContent']);
    if (problems.length > 0) return `breaks the tool's own output schema (${counted(problems)})`;
  }
  if (promise === undefined) return undefined;
  const content = promise.from === 'structured' ? result['structuredContent'] : jsonText(result);
  if (content === undefined) {
    return promise.from === 'structured'
      ? 'has no structured content, which the policy wants'
      : 'is not one text in JSON, which the policy wants';
  }
  const problems = promiseOf(promise.schema)(content);
  return problems.length === 0 ? undefined : `breaks the output schema of the policy (${counted(problems)})`;
}

const counted = ({ length }: readonly string[]): string => (length === 1 ? '1 problem' : `${length} problems`);

/** The result's only text, as JSON; undefined where there are none or several, or it is none. */
function jsonText({ content }: JsonObject): JsonValue | undefined {
  const blocks = Array.isArray(content) ? (content as readonly JsonValue[]).filter(isObject) : [];
  const [only, ...others] = blocks.filter(({ type }) => type === 'text');
  if (others.length > 0 || typeof only?.['text'] !== 'string') return undefined;
  try {
    const value = JSON.parse(only['text']) as JsonValue;
    return isDeeper(value, DEEPEST) ? undefined : value;
  } catch {
    return undefined;
  }
}
