/**
 * Strict JSON: what was judged must be, value for value, what is sent. So a text is refused that two readers could read
 * two ways: duplicate members, `__proto__`, numbers that a double cannot hold, lone surrogates, great depth.
 */
import type { JsonValue } from '../domain/json.ts';
import { ok, type Result, refuse } from '../domain/result.ts';

export const DEEPEST = 64;

const QUOTE = 34;
const BACKSLASH = 92;

/** Parses one JSON text. The refusal is one sentence without a full stop. */
export function parseStrict(text: string): Result<JsonValue, string> {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return refuse('the body is not JSON');
  }
  const fault = scan(text);
  return fault === undefined ? ok(value) : refuse(fault);
}

/** Walks a text that JSON.parse took, and finds what JSON.parse lets through. */
function scan(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  let expectName = false;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at);
        const names = open.at(-1);
        const literal = text.slice(at, end + 1);
        const fault = expectName && names ? nameFault(literal, names) : stringFault(literal);
        if (fault !== undefined) return fault;
        expectName = false;
        at = end;
        break;
      }
      case 123: // {
      case 91: // [
        expectName = text.charCodeAt(at) === 123;
        open.push(expectName ? new Set() : undefined);
        if (open.length > DEEPEST) return `the body is nested deeper than ${DEEPEST} levels`;
        break;
      case 125: // }
      case 93: // ]
        open.pop();
        expectName = false;
        break;
      case 44: // ,
        expectName = open.at(-1) !== undefined;
        break;
      default: {
        const end = endOfNumber(text, at);
        if (end === at) break;
        if (!isExact(text.slice(at, end)))
          return `the number ${text.slice(at, end).slice(0, 40)} is too large to be kept exactly`;
        at = end - 1;
      }
    }
  }
  return undefined;
}

/** The index of the closing quote of the string that opens at `at`. */
function endOfString(text: string, at: number): number {
  let end = text.indexOf('"', at + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
  return slashes % 2 === 1;
}

function nameFault(literal: string, names: Set<string>): string | undefined {
  const name = literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1);
  if (!name.isWellFormed()) return 'a member name holds a lone surrogate';
  if (name === '__proto__') return 'the member name __proto__ is not allowed';
  if (names.has(name)) return `the member ${JSON.stringify(name.slice(0, 40))} stands twice in one object`;
  names.add(name);
  return undefined;
}

/** Text decoded from UTF-8 is well formed, so a lone surrogate can only come from an escape. */
function stringFault(literal: string): string | undefined {
  if (!literal.includes('\\u')) return undefined;
  return (JSON.parse(literal) as string).isWellFormed() ? undefined : 'a string holds a lone surrogate';
}

/** The end of the number that starts at `at`, or `at` where none starts. */
function endOfNumber(text: string, at: number): number {
  let end = at;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    const isDigit = code >= 48 && code <= 57;
    const isNumberSign = code === 45 || code === 43 || code === 46 || code === 101 || code === 69;
    if (!isDigit && !(isNumberSign && (end > at || code === 45))) break;
  }
  return end;
}

/** Finite, and exact where it is written as an integer. */
function isExact(literal: string): boolean {
  const value = Number(literal);
  if (!Number.isFinite(value)) return false;
  return !Number.isInteger(value) || Number.isSafeInteger(value);
}
