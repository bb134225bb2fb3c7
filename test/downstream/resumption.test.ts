import { describe, expect, it } from 'vitest';
import type { Ending } from '../../src/downstream/links/http-reply.ts';
import { type Resumption, resumptionOf } from '../../src/downstream/links/resumption.ts';

const ENDED: Ending = { kind: 'complete', status: 200, streamed: true };
const streamOf = (lastEventId: string | undefined, retry: number | undefined) => ({
  streamed: true,
  lastEventId,
  retry,
});
const REFUSED = { streamed: false, lastEventId: undefined, retry: undefined };
const answered = (status: number): Ending => ({ kind: 'complete', status, streamed: false });
const AWAY: Ending = { kind: 'failed', sent: false, status: undefined, fault: new Error('ECONNREFUSED') };

describe('when a dropped stream is taken up again', () => {
  it.each([
    ['as the server says', 400, 400],
    ['at once where it says so', 0, 0],
    ['after a second where it does not say', undefined, 1_000],
    ['after half a minute where it says longer', 3_600_000, 30_000],
  ])('is %s', (_what, retry, wait) => {
    expect(resumptionOf(streamOf('one', retry), ENDED, undefined)).toMatchObject({ lastEventId: 'one', wait });
  });

  it('goes on after the newest event, and by the newest time that was named', () => {
    const first = resumptionOf(streamOf('one', 50), ENDED, undefined);
    const second = resumptionOf(streamOf('two', undefined), ENDED, first);
    expect(second).toEqual({ lastEventId: 'two', retry: 50, wait: 50, failures: 0 });
    expect(resumptionOf(streamOf('three', 70), ENDED, second)).toMatchObject({ lastEventId: 'three', wait: 70 });
  });

  it('is a second later at least when the stream before brought nothing', () => {
    const first = resumptionOf(streamOf('one', 0), ENDED, undefined);
    expect(resumptionOf(streamOf(undefined, 0), ENDED, first)).toMatchObject({ lastEventId: 'one', wait: 1_000 });
  });

  it('is later each time while the server is away, and then never', () => {
    const waits: number[] = [];
    let at: Resumption | undefined = resumptionOf(streamOf('one', 0), ENDED, undefined);
    while (at !== undefined) {
      waits.push(at.wait);
      at = resumptionOf(REFUSED, waits.length % 2 === 0 ? AWAY : answered(503), at);
    }
    expect(waits).toEqual([0, 1_000, 2_000, 4_000, 8_000]);
  });

  it('is counted anew once a stream stood', () => {
    const first = resumptionOf(streamOf('one', 0), ENDED, undefined);
    const away = resumptionOf(REFUSED, AWAY, first);
    expect(resumptionOf(streamOf('two', undefined), ENDED, away)).toEqual({ ...first, lastEventId: 'two' });
  });

  it.each([400, 401, 404, 405, 409])('is never after HTTP %i', (status) => {
    const first = resumptionOf(streamOf('one', 0), ENDED, undefined);
    expect(resumptionOf(REFUSED, answered(status), first)).toBeUndefined();
  });

  it('is never where no stream stood at first, no event had an id, or an answer was too large', () => {
    expect(resumptionOf(REFUSED, AWAY, undefined)).toBeUndefined();
    expect(resumptionOf(streamOf(undefined, 0), ENDED, undefined)).toBeUndefined();
    expect(resumptionOf(streamOf('one', 0), { kind: 'too_large' }, undefined)).toBeUndefined();
  });

  it('is never after an id that no header can hold', () => {
    for (const id of ['a\u0001b', 'a\u007f', 'x'.repeat(1_025)]) {
      expect(resumptionOf(streamOf(id, 0), ENDED, undefined)).toBeUndefined();
    }
    expect(resumptionOf(streamOf('x'.repeat(1_024), 0), ENDED, undefined)).toBeDefined();
  });
});
