import { isObject, type JsonValue } from '../domain/json.ts';

/** The origins of all http and https URLs in a file: those that its author knew. */
export function writtenOrigins(value: JsonValue): ReadonlySet<string> {
  const origins = new Set<string>();
  const look = (part: JsonValue): void => {
    if (Array.isArray(part)) for (const item of part) look(item);
    else if (isObject(part)) for (const member of Object.values(part)) look(member as JsonValue);
    if (typeof part !== 'string' || !/^https?:/i.test(part)) return;
    const url = URL.parse(part);
    if (url !== null) origins.add(url.origin);
  };
  look(value);
  return origins;
}
