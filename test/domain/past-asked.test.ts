import { describe, expect, test } from 'vitest';
import { type Demand, firstUnmet, pastAsked } from '../../src/domain/history.ts';

const AT = 1_000;
const asked = { rule: 'r', per: 'session', target: 'crm.act', where: [], reason: 'no', remedy: undefined } as const;
const succeeded = (rest: object = {}): Demand => ({
  ...asked,
  kind: 'after',
  within: undefined,
  since: undefined,
  ...rest,
});
const notAfter = (within: number): Demand => ({ ...asked, kind: 'not_after', within });
const limit = (rest: object = {}): Demand => ({
  ...asked,
  kind: 'limit',
  within: 100,
  field: undefined,
  adds: 1,
  most: 2,
  ...rest,
});

describe('what is read of the past beforehand', () => {
  const EVER = Number.NEGATIVE_INFINITY;
  const ofSession = (target: string | undefined, since: number) => ({ per: 'session', target, since });

  test('is the target’s calls in the window, or all of them where there is none', () => {
    expect(pastAsked(succeeded(), AT)).toEqual([ofSession('crm.act', EVER)]);
    expect(pastAsked(succeeded({ within: 100 }), AT)).toEqual([ofSession('crm.act', 900)]);
    expect(pastAsked(notAfter(100), AT)).toEqual([ofSession('crm.act', 900)]);
    expect(pastAsked(limit({ per: 'principal' }), AT)).toEqual([{ per: 'principal', target: 'crm.act', since: 900 }]);
  });

  test('is for what must not have come since all that was ever made of it, however short the window', () => {
    expect(pastAsked(succeeded({ within: 100, since: ['crm.a', 'crm.b'] }), AT)).toEqual([
      ofSession('crm.act', 900),
      ofSession('crm.a', EVER),
      ofSession('crm.b', EVER),
    ]);
    expect(pastAsked(succeeded({ within: 100, since: 'any' }), AT)).toEqual([
      ofSession('crm.act', 900),
      ofSession(undefined, EVER),
    ]);
  });

  test('is all that the check asks for: what was not read would count as never made', () => {
    for (const demand of [
      succeeded({ within: 100, since: ['crm.a'] }),
      succeeded({ since: 'any' }),
      notAfter(50),
      limit(),
    ]) {
      const read = pastAsked(demand, AT);
      const asks: unknown[] = [];
      firstUnmet(
        [demand],
        (per, target, since) => {
          asks.push({ per, target, since });
          return target === 'crm.act' ? [{ target, at: 950, settledAt: 960, outcome: 'ok', fields: {} }] : [];
        },
        AT,
      );
      expect(asks).toEqual(read);
    }
  });
});
