/** `shows` of one tool, compiled: what reads the content that a call points at, and with which arguments. */
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import type { Shows } from '../../domain/policy.ts';
import { ok, refuse } from '../../domain/result.ts';
import { valueAt } from '../history/fields.ts';
import { argumentNamed } from '../history/history-shape.ts';
import { quoted } from '../judge/rule-words.ts';
import type { WrittenRules } from '../judge/rules.ts';
import type { ShowsPart } from './shows-shape.ts';

export const compileShows = ({ tool, arguments: written }: ShowsPart): Shows => ({
  tool,
  // What is not given points at nothing, or at what the server thinks of: nobody could tell what is shown.
  argumentsFor: (effective) => {
    const given: { [name: string]: JsonValue } = {};
    for (const [name, value] of Object.entries(written)) {
      const names = namesIn(value);
      const found = names === undefined ? value : valueAt(effective, names);
      if (found === undefined) return refuse(`${quoted((names ?? [name]).join('.'))} is not given`);
      given[name] = found;
    }
    return ok(given satisfies JsonObject);
  },
});

const namesIn = (value: JsonValue): readonly string[] | undefined =>
  typeof value === 'string' ? argumentNamed(value) : undefined;

/** For the agent: it names no tool, since agents may not see that one. */
export function showsWords({ arguments: written }: ShowsPart): string {
  const names = [...new Set(Object.values(written).flatMap((value) => namesIn(value)?.join('.') ?? []))];
  const what = names.length === 0 ? 'what it is about' : `what ${names.map(quoted).join(' and ')} points at`;
  return `Whoever approves is shown ${what}, and approves that very content.`;
}

/** Whether a call may have to wait for a person by these rules, tried out or not; production is not theirs to say. */
export const mayWait = ({ approval, cases, flows }: WrittenRules): boolean =>
  approval !== undefined || [...(cases ?? [])].some((one) => one.then === 'hold') || flows.some(isHolding);

const isHolding = ({ verdict }: WrittenRules['flows'][number]): boolean => verdict === 'hold';

/** The part as a policy writes it; undefined for what is none: that is told where it is read. */
export function writtenShows(part: JsonObject): { readonly tool: string; readonly arguments: JsonObject } | undefined {
  const written = part['shows'];
  if (!isObject(written) || typeof written['tool'] !== 'string') return undefined;
  const { tool, arguments: given } = written;
  return { tool, arguments: isObject(given) ? given : {} };
}
