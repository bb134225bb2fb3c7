/** Rules over earlier calls in words: the sentence that an agent reads beforehand, and why a call was refused. */
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { listOf, quoted, ruleWords } from '../judge/rule-words.ts';
import { argumentNamed } from './history-shape.ts';

interface Words {
  readonly sentence: string;
  /** Without a full stop. */
  readonly reason: string;
}

/**
 * `written` is the rule as the policy writes it; `because` the policy's own reason. `hidden`: tools that agents do not see.
 * These words are for agents, so they name none of those, nor what such a call was like.
 */
export function afterWords(
  written: JsonObject,
  because: string | undefined,
  hidden: ReadonlySet<string>,
): Words & { readonly remedy: string | undefined } {
  const isHidden = hidden.has(String(written['tool']));
  const tool = quoted(String(written['tool']));
  const within = withinWords(written['within']);
  const step = isHidden
    ? `an earlier step that agents do not see${within}`
    : `a call of ${tool} that succeeded${within}${whereWords(written['where'])}`;
  const call = `${step}${whoseWords(written)}${sinceWords(written['since'], hidden)}`;
  return {
    sentence: stop(`Only after ${call}`, because),
    reason: bare(because) ?? `this is allowed only after ${call}`,
    remedy: isHidden ? undefined : `call ${tool}${whereWords(written['where'], isForCaller)} first`,
  };
}

export function notAfterWords(written: JsonObject, because: string | undefined, hidden: ReadonlySet<string>): Words {
  const within = written['within'] === undefined ? '' : ` less than ${String(written['within'])} ago`;
  const step = hidden.has(String(written['tool']))
    ? `an earlier step that agents do not see${within}`
    : `a call of ${quoted(String(written['tool']))}${within}${whereWords(written['where'])}`;
  const call = `${step}${whoseWords(written)}`;
  return { sentence: stop(`Not after ${call}`, because), reason: bare(because) ?? `this is not allowed after ${call}` };
}

const whoseWords = (written: JsonObject): string => (written['per'] === 'principal' ? ', in any of your sessions' : '');

/** `summed`: the argument that is added up; undefined where calls are counted. */
export function limitWords(
  written: JsonObject,
  summed: readonly string[] | undefined,
  because: string | undefined,
): Words {
  const most = String(written['max']);
  const what =
    summed === undefined ? `${most} call${most === '1' ? '' : 's'}` : `${most} of ${quoted(summed.join('.'))}`;
  const over = written['per'] === 'principal' ? ', over all your sessions' : '';
  const limit = `${what} in ${String(written['within'])}${whereWords(written['where'])}${over}`;
  return { sentence: stop(`At most ${limit}`, because), reason: bare(because) ?? `the limit is ${limit}` };
}

const stop = (sentence: string, because: string | undefined): string =>
  because === undefined ? `${sentence}.` : `${sentence}: ${bare(because)}.`;

const bare = (text: string | undefined): string | undefined => text?.replace(/\.$/, '');

const withinWords = (within: JsonValue | undefined): string =>
  within === undefined ? '' : ` within ${String(within)}`;

function sinceWords(since: JsonValue | undefined, hidden: ReadonlySet<string>): string {
  if (since === undefined) return '';
  if (since === 'any') return ', with no other call since then';
  const tools = (since as readonly JsonValue[]).map(String);
  const seen = tools.filter((one) => !hidden.has(one)).map(quoted);
  const calls = seen.length === 0 ? [] : [`call of ${listOf(seen)}`];
  const steps = seen.length === tools.length ? [] : ['step that agents do not see'];
  return `, with no ${[...calls, ...steps].join(' and no ')} since then`;
}

type Chosen = (left: string, right: JsonValue) => boolean;

/** What a caller can see to: not what the earlier call happens to answer. */
const isForCaller: Chosen = (left, right) =>
  left.startsWith('arguments.') || (typeof right === 'string' && argumentNamed(right) !== undefined);

function whereWords(where: JsonValue | undefined, chosen: Chosen = () => true): string {
  if (!isObject(where)) return '';
  const parts = Object.entries(where).flatMap(([left, right = null]) =>
    chosen(left, right) ? [conditionWords(left, right)] : [],
  );
  return parts.length === 0 ? '' : ` with ${parts.join(' and ')}`;
}

/** `the same \`case_id\``, or where the two are called otherwise `\`output.id\` equal to this call's \`case_id\``. */
function conditionWords(left: string, right: JsonValue): string {
  if (isObject(right)) return `${quoted(left)} that is ${ruleWords(right)}`;
  const named = typeof right === 'string' ? argumentNamed(right)?.join('.') : undefined;
  if (named === undefined) return `${quoted(left)} that is ${JSON.stringify(right)}`;
  const same = left === `arguments.${named}` || left === `output.${named}`;
  return same ? `the same ${quoted(named)}` : `${quoted(left)} equal to this call's ${quoted(named)}`;
}
