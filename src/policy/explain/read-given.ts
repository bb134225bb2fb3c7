import { inOrder, type Problem, readYaml } from '../../document/document.ts';
import { readPart } from '../../document/mapping.ts';
import type { JsonObject } from '../../domain/json.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { given, type TestPart } from '../file/policy-shape.ts';

/** What has happened before, in the words of a test's `given`. JSON is YAML, so that its problems have places. */
export function readGiven(written: JsonObject): Result<NonNullable<TestPart['given']>, readonly Problem[]> {
  const document = readYaml('--given', JSON.stringify(written));
  if (!document.ok) return document;
  const found: Problem[] = [];
  const read = readPart(document.value, [], document.value.value, given, found);
  return read === undefined ? refuse(inOrder(found)) : ok(read);
}
