/** Rules over earlier calls in words: the sentence that an agent reads beforehand, and why a call was refused. */
import { isObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import { argumentNamed } from './history-shape.ts';
import { listOf, quoted, ruleWords } from './rule-words.ts';

interface Words {
  readonly sentence: string;
  /** Without a full stop. */
  readonly reason: string;
}

/** `written` is the rule as the policy writes it; `because` the policy's own reason. */
export function afterWords(written: JsonObject, because: string | undefined): Words & { readonly remedy: string } {
  const tool = quoted(String(written['tool']));
  const like = whereWords(written['where']);
  const window = `${withinWords(written['within'])}${like}`;
  const where = written['per'] === 'principal' ? ', in any of your sessions' : '';
  const since = sinceWords(written['since']);
  return {
    sentence: stop(`Only after a call of ${tool} that succeeded${window}${where}${since}`, because),
    reason: bare(because) ?? `this is allowed only after a call of ${tool} that succeeded${window}${where}${since}`,
    remedy: `call ${tool}${whereWords(written['where'], isForCaller)} first`,
  };
}

export function notAfterWords(written: JsonObject, because: string | undefined): Words {
  const tool = quoted(String(written['tool']));
  const within = written['within'] === undefined ? '' : ` less than ${String(written['within'])} ago`;
  const where = written['per'] === 'principal' ? ', in any of your sessions' : '';
  const call = `a call of ${tool}${within}${whereWords(written['where'])}${where}`;
  return { sentence: stop(`Not after ${call}`, because), reason: bare(because) ?? `this is not allowed after ${call}` };
}

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

function sinceWords(since: JsonValue | undefined): string {
  if (since === undefined) return '';
  if (since === 'any') return ', with no other call since then';
  return `, with no call of ${listOf((since as readonly JsonValue[]).map((one) => quoted(String(one))))} since then`;
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
