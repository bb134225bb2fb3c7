/** JSON as values, and the two things the product does with them: freeze what was judged, and digest it. */
import { hash } from 'node:crypto';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export type JsonObject = { readonly [member: string]: JsonValue | undefined };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 8785 canonical form: members sorted by UTF-16 code units, numbers and strings as ECMAScript writes them. */
export function canonical(value: JsonValue | undefined): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const members = value as JsonObject;
  const parts: string[] = [];
  for (const name of Object.keys(members).sort()) {
    if (members[name] !== undefined) parts.push(`${JSON.stringify(name)}:${canonical(members[name])}`);
  }
  return `{${parts.join(',')}}`;
}

/** SHA-256 of the canonical form, in hex, with the algorithm in front: `sha256:...`. */
export const digestOf = (value: JsonValue): string => sha256(canonical(value));

export const sha256 = (text: string): string => `sha256:${hash('sha256', text)}`;

/** A deep copy of JSON, ten times cheaper than `structuredClone`. A member named `__proto__` cannot come here (strict JSON). */
export function copyOf(value: JsonObject): JsonObject {
  const copy: Record<string, JsonValue | undefined> = {};
  for (const name of Object.keys(value)) copy[name] = copyOfValue(value[name]);
  return copy;
}

function copyOfValue(value: JsonValue | undefined): JsonValue | undefined {
  if (Array.isArray(value)) return value.map(copyOfValue) as JsonValue[];
  return isObject(value) ? copyOf(value) : value;
}

/** Whether a value holds more than so many levels of objects and lists. What is, fills the stack of whoever writes it out. */
export function isDeeper(value: JsonValue | undefined, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeper(member as JsonValue | undefined, levels - 1));
}

/** Freezes a value and all it holds. Returns the same value, so that what is judged is what is sent. */
export function deepFreeze<T extends JsonValue | undefined>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member as JsonValue | undefined);
  }
  return value;
}
