import type { z } from 'zod';
import { ok, type Result, refuse } from '../domain/result.ts';
import { invalid, type Problem } from './problem.ts';

/** What a schema says of a body or a query; refused with the first member that is wrong, and what was expected there. */
export function parsed<T>(schema: z.ZodType<T>, value: unknown): Result<T, Problem> {
  const read = schema.safeParse(value);
  if (read.success) return ok(read.data);
  const [issue] = read.error.issues;
  return refuse(issue === undefined ? invalid(undefined, 'The request is malformed') : problemOf(issue, value));
}

function problemOf(issue: z.core.$ZodIssue, value: unknown): Problem {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const field = [...path, ...issue.keys.slice(0, 1)].join('.');
    return invalid(field, `There is no ${field.slice(0, 100)} here`);
  }
  if (path.length === 0) return invalid(undefined, 'The body must be one JSON object');
  const field = path.join('.');
  if (isMissing(path, value)) return invalid(field, `${field} is missing`);
  return invalid(
    field,
    `${field}: ${issue.message.replace(/^(Invalid input|Too small|Too big|Invalid string): /, '')}`,
  );
}

function isMissing(path: readonly string[], value: unknown): boolean {
  const found = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], value);
  return found === undefined;
}
