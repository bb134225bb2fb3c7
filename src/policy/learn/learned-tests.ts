/** Tests for a learned policy, of calls that were made: at most two a tool, one of them a call that must be denied. */
import { isDeeper, type JsonObject, type JsonValue } from '../../domain/json.ts';
import type { Profile } from '../../domain/policy.ts';
import { effectiveIn, givenOf } from '../file/inline-tests.ts';
import { SESSION_DIR } from '../formats/path.ts';
import { verdictOf } from '../judge/verdict.ts';
import type { RecordedCall } from '../replay/recorded-call.ts';
import type { Learned, LearnedTool } from './parts.ts';

/** Characters of JSON: nobody reads a longer test. */
const LONGEST = 400;
const DEEPEST = 16;

export function learnedTests(
  profile: Profile,
  calls: readonly RecordedCall[],
  { tools }: Learned,
): readonly JsonObject[] {
  return tools.flatMap((tool) => {
    const [shortest] = calls
      .filter(({ target }) => target === tool.target)
      .map((call) => call.arguments ?? {})
      .filter(isPlain)
      .toSorted((a, b) => JSON.stringify(a).length - JSON.stringify(b).length);
    return shortest === undefined ? [] : [...seenTest(profile, tool, shortest), ...deniedTest(profile, tool, shortest)];
  });
}

function isPlain(given: JsonObject): boolean {
  const text = JSON.stringify(given);
  return text.length <= LONGEST && !text.includes('${') && !isDeeper(given, DEEPEST) && text.isWellFormed();
}

/** What this policy says of a call with nothing before it. */
function said(profile: Profile, target: string, given: JsonObject) {
  return verdictOf(profile, target, effectiveIn(profile, target, given), givenOf({}, profile));
}

/** Nothing where a call needs others before it. */
function seenTest(profile: Profile, { target }: LearnedTool, given: JsonObject): readonly JsonObject[] {
  const { verdict } = said(profile, target, given);
  if (verdict === 'deny') return [];
  return [{ name: `${target}, as it was called`, call: target, arguments: inSession(given), expect: verdict }];
}

function deniedTest(profile: Profile, { target, inferred }: LearnedTool, given: JsonObject): readonly JsonObject[] {
  for (const [name, { broken }] of inferred) {
    const changed = { ...given, [name]: broken };
    const rule = `${target}.arguments.${name}`;
    const { verdict, rules } = said(profile, target, changed);
    if (verdict !== 'deny' || !rules.includes(rule) || !isPlain(changed)) continue;
    return [
      { name: `${target}, with another ${name}`, call: target, arguments: inSession(changed), expect: 'deny', rule },
    ];
  }
  return [];
}

const inSession = (given: JsonObject): JsonObject =>
  JSON.parse(JSON.stringify(given as JsonValue).replaceAll(/"\/session(?=["/])/g, `"${SESSION_DIR}`)) as JsonObject;
