/** A result as the text that a person reads and approves: all of it, or a phrase that says why it cannot be shown. */
import { canonical, isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';

/**
 * The text blocks and embedded texts in their order, then the structured content, its members sorted. What repeats the
 * structured content as text is left out. Sound and pictures are no text: a result with one is refused.
 */
export function shownText(result: JsonObject): Result<string, string> {
  const { content, structuredContent: structured } = result;
  const parts: string[] = [];
  for (const block of Array.isArray(content) ? (content as readonly JsonValue[]) : []) {
    const text = textOf(block);
    if (!text.ok) return text;
    if (structured === undefined || !repeats(text.value, structured)) parts.push(text.value);
  }
  if (structured !== undefined) parts.push(sorted(structured));
  const whole = parts.join('\n\n');
  return whole.trim() === '' ? refuse('there is nothing in it') : ok(whole);
}

function textOf(block: JsonValue): Result<string, string> {
  const { type, text, resource, uri } = isObject(block) ? block : {};
  if (type === 'text' && typeof text === 'string') return ok(text);
  if (type === 'resource_link' && typeof uri === 'string') return ok(uri);
  const embedded = type === 'resource' && isObject(resource) ? resource : {};
  if (typeof embedded['text'] === 'string') return ok(`${String(embedded['uri'])}\n${embedded['text']}`);
  return refuse('there is more in it than text');
}

function repeats(text: string, structured: JsonValue): boolean {
  try {
    return canonical(JSON.parse(text) as JsonValue) === canonical(structured);
  } catch {
    return false;
  }
}

const sorted = (value: JsonValue): string => JSON.stringify(JSON.parse(canonical(value)), null, 2);
