/** Sets of values in words, to stand after "it takes". */
import type { JsonObject } from '../../domain/json.ts';
import { ruleWords } from '../judge/rule-words.ts';
import { type Kind, type Range, TYPES, type Type, type ValueSet } from './value-set.ts';

const SIZES: Readonly<Partial<Record<Type, readonly [string, string]>>> = {
  string: ['minLength', 'maxLength'],
  array: ['minItems', 'maxItems'],
  object: ['minProperties', 'maxProperties'],
};

export function valueWords(set: ValueSet): string {
  if (set.size === TYPES.length) return 'anything';
  const words = TYPES.flatMap((type) => {
    const kind = set.get(type);
    return kind === undefined ? [] : [kindWords(type, kind)];
  });
  return words.length === 0 ? 'nothing' : words.join(', or ');
}

function kindWords(type: Type, { values, range, whole }: Kind): string {
  if (values !== undefined) return ruleWords(values.length === 1 ? { const: values[0] ?? null } : { enum: values });
  if (type === 'number')
    return `${ruleWords({ type: whole ? 'integer' : type })} ${ruleWords(numberKeywords(range))}`.trim();
  const [least, most] = SIZES[type] ?? [];
  const sizes = {
    ...(least !== undefined && range.least > 0 ? { [least]: range.least } : {}),
    ...(most !== undefined && range.most < Number.POSITIVE_INFINITY ? { [most]: range.most } : {}),
  };
  // The words of sizes name the type themselves.
  return ruleWords(Object.keys(sizes).length > 0 ? sizes : { type });
}

const numberKeywords = ({ least, most, leastOpen, mostOpen }: Range): JsonObject => ({
  ...(Number.isFinite(least) ? { [leastOpen ? 'exclusiveMinimum' : 'minimum']: least } : {}),
  ...(Number.isFinite(most) ? { [mostOpen ? 'exclusiveMaximum' : 'maximum']: most } : {}),
});
