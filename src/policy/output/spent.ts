/** What a result says that it cost. A server's word: it is believed only as far as the call claimed. */
import { MICROS } from '../../domain/budget.ts';
import type { JsonObject } from '../../domain/json.ts';
import { outputOfResult, valueAt } from '../history/fields.ts';

/** In millionths, rounded up; undefined where `names` lead to no amount that could have been spent. */
export function spentOf(
  result: JsonObject,
  names: readonly string[],
  from: 'structured' | 'json_text',
): number | undefined {
  const said = valueAt(outputOfResult(result, from), names);
  if (typeof said !== 'number' || !Number.isFinite(said) || said < 0) return undefined;
  const micros = Math.ceil(Number((said * MICROS).toFixed(3)));
  return Number.isSafeInteger(micros) ? micros : undefined;
}
