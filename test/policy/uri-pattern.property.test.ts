import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oddity } from '../../src/policy/uris/plain-uri.ts';
import { type UriPattern, uriPattern } from '../../src/policy/uris/uri-pattern.ts';

function pattern(text: string): UriPattern {
  const compiled = uriPattern(text);
  if (!compiled.ok) throw new Error(compiled.error);
  return compiled.value;
}

/** The two wildcards, as a backtracking regular expression. */
function naive(text: string): RegExp {
  const source = text.replace(/\*\*|\*|[^a-z]/g, (part) => {
    if (part === '**') return '[^]*';
    return part === '*' ? '[^/?#]*' : `\\${part}`;
  });
  return new RegExp(`^${source}$`);
}

/** Few letters, so that chance meets them again. */
const character = fc.constantFrom('a', 'b', '/', '?', '=');
const text = fc.string({ unit: character, maxLength: 7 });
const piece = fc.oneof({ weight: 2, arbitrary: character }, fc.constantFrom('*', '**'));
const patternText = fc
  .array(piece, { maxLength: 6 })
  .map((pieces) => `x:${pieces.join('').replace(/\*{3,}/g, '**')}`)
  .filter((made) => uriPattern(made).ok);

describe('patterns of URIs, against regular expressions', () => {
  it('match the plain URIs that those match, and no others', () => {
    fc.assert(
      fc.property(patternText, text, (made, rest) => {
        const uri = `x:${rest}`;
        const plain = !made.includes('*') || oddity(uri) === undefined;
        expect(pattern(made).matches(uri, '/')).toBe(plain && naive(made).test(uri));
      }),
      { numRuns: 3000 },
    );
  });

  it('match whatever their own wildcards are filled with, as far as it is plain', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '='), maxLength: 3 });
    fc.assert(
      fc.property(patternText, fc.array(letters, { minLength: 6, maxLength: 6 }), (made, fillings) => {
        let at = 0;
        const uri = made.replace(/\*\*?/g, () => fillings[at++] ?? '');
        fc.pre(oddity(uri) === undefined);
        expect(pattern(made).matches(uri, '/')).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('include another only where every URI of the other is theirs', () => {
    fc.assert(
      fc.property(patternText, patternText, fc.array(text, { maxLength: 20 }), (wide, narrow, rests) => {
        fc.pre(pattern(wide).includes(pattern(narrow)));
        for (const uri of [...rests.map((rest) => `x:${rest}`), ...someOf(narrow)])
          if (pattern(narrow).matches(uri, '/')) expect(pattern(wide).matches(uri, '/')).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

/** Some texts that a pattern or a row of pieces can be, wildcards filled with a few things each. */
function someOf(made: string): readonly string[] {
  return ['', 'a', 'b', 'a=', '/', '/a', 'a/b?'].flatMap((filling) => {
    const segment = /[/?]/.test(filling) ? 'a' : filling;
    return [made.replaceAll('**', filling).replaceAll('*', segment)];
  });
}

/** RFC 6570 once more, in the plainest way, for one variable that holds a text. */
function expanded(template: string, value: string): string {
  const simple = encodeURIComponent(value).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16)}`);
  const forms: Readonly<Record<string, string>> = {
    '': simple,
    '+': encodeURI(value),
    '#': `#${encodeURI(value)}`,
    '.': `.${simple}`,
    '/': `/${simple}`,
    ';': value === '' ? ';v' : `;v=${simple}`,
    '?': `?v=${simple}`,
    '&': `&v=${simple}`,
  };
  return template.replace(/\{([+#./;?&]?)v\}/g, (_, operator: string) => forms[operator] ?? '');
}

const expression = fc.constantFrom('{v}', '{v}', '{+v}', '{#v}', '{.v}', '{/v}', '{;v}', '{?v}', '{&v}');
const template = fc
  .array(fc.oneof({ weight: 2, arbitrary: character }, expression), { maxLength: 5 })
  .map((pieces) => `x:${pieces.join('')}`);
const value = fc.string({ unit: fc.constantFrom('a', 'b', '/', '?', '#', '.', '=', ' ', 'é'), maxLength: 4 });

describe('templates, against their expansions', () => {
  it('covered in all: each expansion matches; covered in none: not one does', () => {
    const seen = { all: 0, some: 0, none: 0 };
    fc.assert(
      fc.property(patternText, template, fc.array(value, { minLength: 1, maxLength: 10 }), (made, offered, values) => {
        const covered = pattern(made).covers(offered, '/');
        seen[covered] += 1;
        const matched = values.map((one) => naive(made).test(expanded(offered, one)));
        if (covered === 'all') expect(matched).not.toContain(false);
        if (covered === 'none') expect(matched).not.toContain(true);
      }),
      { numRuns: 3000 },
    );
    // The run has met all three.
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(30);
  });

  it('without a variable are covered in all or in none, as their text matches', () => {
    fc.assert(
      fc.property(patternText, text, (made, rest) => {
        expect(pattern(made).covers(`x:${rest}`, '/')).toBe(naive(made).test(`x:${rest}`) ? 'all' : 'none');
      }),
      { numRuns: 1000 },
    );
  });
});
