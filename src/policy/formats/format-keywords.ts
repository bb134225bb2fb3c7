/** The formats as keywords of compiled rules. What is unsure counts against the call, as `certain` in `rule.ts` says. */
import type { KeywordDefinition } from 'ajv';
import type { JsonObject } from '../../domain/json.ts';
import { type EmailOperand, emailTest } from './email.ts';
import type { FormatTest } from './meets.ts';
import { type PathOperand, pathTest } from './path.ts';
import { type UrlOperand, urlTest } from './url.ts';

/** What a compiled rule is called with as `this`. */
export interface RuleContext {
  /** The session's folder. */
  readonly dir: string;
}

/** What `asSchema` adds to an operand: whether only a sure yes passes, or all but a sure no. */
interface Reading {
  readonly certain: boolean;
}

const keyword = <Operand>(name: string, compile: (operand: Operand) => FormatTest): KeywordDefinition => ({
  keyword: name,
  type: 'string',
  schemaType: 'object',
  compile: (operand: Operand & Reading) => {
    const test = compile(operand);
    const { certain } = operand;
    return function meets(this: RuleContext, text: string): boolean {
      const answer = test(text, this.dir);
      return certain ? answer === 'yes' : answer !== 'no';
    };
  },
});

export const FORMAT_KEYWORDS: readonly KeywordDefinition[] = [
  keyword<PathOperand>('path', pathTest),
  keyword<UrlOperand>('url', urlTest),
  keyword<EmailOperand>('email', emailTest),
];

/** The names of the formats, as rules write them. */
export const FORMATS: readonly string[] = FORMAT_KEYWORDS.map(({ keyword: name }) => String(name));

/** A format's operand in a rule that is read so. */
export const readAs = (operand: JsonObject, certain: boolean): JsonObject => ({ ...operand, certain });
