/** URI templates (RFC 6570), as far as a policy reads them: which texts they could make. */
import { ANY, type Piece, type Row, SEGMENT } from './glob.ts';

const LONGEST = 1000;

const TOKEN = /\{([^{}]*)\}|(%[0-9A-Fa-f]{2}|[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=])|([\s\S])/g;
/** An operator, then names with or without a modifier. `= , ! @ |` are reserved for later operators (2.2). */
const EXPRESSION = /^([+#./;?&]?)[^+#./;?&=,!@|{}:*][^,{}:*]*(?::\d{1,4}|\*)?(?:,[^,{}:*]+(?::\d{1,4}|\*)?)*$/;

/**
 * A row that matches every expansion of the template, whatever the variables hold; undefined for what is no template or
 * has more than 1,000 characters. `{x}` encodes `/`, `?` and `#` (3.2.2); all other expressions count as anything, and so do
 * literal characters that one expander encodes and another leaves (3.1).
 */
export function templateRow(template: string): Row | undefined {
  if (template.length > LONGEST) return undefined;
  const row: Piece[] = [];
  for (const [, expression, literal, odd] of template.matchAll(TOKEN)) {
    if (expression !== undefined) {
      const [whole, operator] = EXPRESSION.exec(expression) ?? [];
      if (whole === undefined) return undefined;
      row.push(operator === '' ? SEGMENT : ANY);
    } else if (literal !== undefined) row.push(...literal.split(''));
    else if (odd === '{' || odd === '}') return undefined;
    else row.push(ANY);
  }
  return row;
}
