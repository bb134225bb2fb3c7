import { describe, expect, it } from 'vitest';
import { HEAD, problemsIn, profileOf, ref, SERVERS, verdictOf } from './policy-text.ts';

const set = (name: string) => ref(`sets.${name}`);
const start = `${HEAD}${SERVERS}`;

describe('a set', () => {
  it('is the list that a rule names, in arguments and in cases', () => {
    const tool = profileOf(`${start}sets: { queues: [billing, returns, 7, null], loud: [now] }
tools:
  crm.act:
    arguments: { queue: { enum: "${set('queues')}" } }
    cases:
      - { id: calm, when: { how: { not: { enum: "${set('loud')}" } } }, then: allow }
`).tools.get('crm.act');
    const verdict = (queue: string | number, how: string) => tool && verdictOf(tool, { queue, how });
    expect(verdict('billing', 'later')).toBe('allow');
    expect(verdict(7, 'later')).toBe('allow');
    expect(verdict('sales', 'later')).toBe('deny');
    expect(verdict('billing', 'now')).toBe('deny');
  });

  it('serves labels as well', () => {
    const { tools } = profileOf(
      `${start}sets: { cautious: [untrusted, private] }\ntools: { crm.act: { labels: "${set('cautious')}" } }\n`,
    );
    expect(tools.get('crm.act')?.contract.labels).toEqual(['private', 'untrusted']);
  });

  it('is left alone in tests: there it is a text that an agent might send', () => {
    expect(
      problemsIn(
        `${start}tools: { crm.act: {} }\ntests: [{ name: a, call: crm.act, arguments: { a: "${set('x')}" }, expect: allow }]\n`,
      ),
    ).toEqual([]);
  });
});

describe('a set that would not be what it seems is refused', () => {
  it.each([
    [
      'of another name',
      `sets: { queues: [a] }\ntools: { crm.act: { arguments: { q: { enum: "${set('queus')}" } } } }\n`,
      [`5:9: unused: nothing says ${set('queues')}`, '6:45: there is no set "queus"; did you mean "queues"?'],
    ],
    [
      'where there are none',
      `tools: { crm.act: { arguments: { q: { enum: "${set('queues')}" } } } }\n`,
      ['5:45: there is no set "queues"; "sets" defines none'],
    ],
    [
      'in places where a list is one value',
      `sets: { q: [a] }\ntools: { crm.act: { can: "${set('q')}", arguments: { a: { const: "${set('q')}" }, b: { enum: ["${set('q')}"] }, c: { enum: "x-${set('q')}" }, d: { const: { enum: "${set('q')}" } } } } }\n`,
      [
        `6:26: ${set('q')} is a list: it works as the whole value of enum, within, hosts, domains, labels`,
        `6:64: ${set('q')} is a list: it works as the whole value of enum, within, hosts, domains, labels`,
        `6:91: ${set('q')} is a list: it works as the whole value of enum, within, hosts, domains, labels`,
        `6:118: ${set('q')} is a list: it works as the whole value of enum, within, hosts, domains, labels`,
        `6:155: ${set('q')} is a list: it works as the whole value of enum, within, hosts, domains, labels`,
      ],
    ],
    [
      'of sets',
      `sets: { a: [1], b: ["${set('a')}"] }\ntools: { crm.act: { arguments: { x: { enum: "${set('b')}" } } } }\n`,
      [`5:21: ${set('a')} is a list: it works as the whole value of enum, within, hosts, domains, labels`],
    ],
    [
      'of nothing, of lists, of the same twice, by no name',
      `sets: { a: [], b: [[1]], c: [x, y, x], D: [1], e: x }\ntools: { crm.act: {} }\n`,
      [
        `5:9: unused: nothing says ${set('a')}`,
        '5:12: expected a list of at least 1',
        `5:16: unused: nothing says ${set('b')}`,
        '5:20: expected text or a number or true or false or null, found a list',
        `5:26: unused: nothing says ${set('c')}`,
        '5:36: "x" is listed twice',
        '5:40: expected a name: lower-case letters, digits, "-" and "_", a letter first',
        `5:40: unused: nothing says ${set('D')}`,
        `5:48: unused: nothing says ${set('e')}`,
        '5:51: expected a list, found "x"',
      ],
    ],
  ])('%s', (_name, text, problems) => {
    expect([...problemsIn(start + text)].sort()).toEqual([...problems].sort());
  });
});
