import { describe, expect, it } from 'vitest';
import { ok, refuse } from '../../src/domain/result.ts';
import { Seat } from '../../src/downstream/seat.ts';

const IDLE = 20;
const seatOf = (alive = () => true) => new Seat(async () => ok('connection'), alive);

describe('a seat', () => {
  it('is left when no call was made for a while', async () => {
    const seat = seatOf();
    await new Promise<void>((left) => seat.expireAfter(IDLE, left));
    expect(seat.ready).toBeDefined();
  });

  it('is not left while a call is open, however long', async () => {
    const seat = seatOf();
    const { promise: call, resolve: end } = Promise.withResolvers<string>();
    let isOpen = true;
    const during = seat.during(call).finally(() => {
      isOpen = false;
    });
    const left = new Promise<boolean>((resolve) => seat.expireAfter(IDLE, () => resolve(isOpen)));
    setTimeout(() => end('done'), 5 * IDLE);
    expect(await during).toBe('done');
    expect(await left).toBe(false);
  });

  it('is usable while it is opened and while it lives, and not after it failed or died', async () => {
    let alive = true;
    const seat = seatOf(() => alive);
    expect([seat.usable, seat.ready]).toEqual([true, undefined]);
    await seat.opening;
    expect([seat.usable, seat.ready !== undefined]).toEqual([true, true]);
    alive = false;
    expect([seat.usable, seat.ready]).toEqual([false, undefined]);
    const failed = new Seat(
      async () => refuse('no'),
      () => true,
    );
    await failed.opening;
    expect([failed.usable, failed.ready]).toEqual([false, undefined]);
  });
});
