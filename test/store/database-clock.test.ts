import { expect, test } from 'vitest';
import { DatabaseClock } from '../../src/store/postgres/database-clock.ts';

/** `database` is what its clock is ahead of the ticks. */
function clockAt() {
  let ticks = 1_000;
  const clock = new DatabaseClock(() => ticks);
  return {
    clock,
    pass: (milliseconds: number) => {
      ticks += milliseconds;
    },
    /** Asks now; the answer takes `out` milliseconds there and `back` back. */
    sample: (ahead: number, out: number, back: number) => {
      const asked = ticks;
      ticks += out + back;
      clock.hear(asked + out + ahead, asked, ticks);
    },
    truth: (ahead: number) => ticks + ahead,
  };
}

test('the sample of the smallest round trip counts', () => {
  const { clock, sample, truth } = clockAt();
  sample(5_000, 1, 1);
  sample(5_000, 1, 99);
  expect(clock.now()).toBe(truth(5_000));
  sample(5_000, 0, 0);
  expect(clock.now()).toBe(truth(5_000));
});

test('after a minute a longer one counts too, since clocks drift', () => {
  const { clock, sample, pass, truth } = clockAt();
  sample(5_000, 1, 1);
  pass(61_000);
  sample(5_006, 4, 4);
  expect(clock.now()).toBe(truth(5_006));
});

test('one that contradicts it counts at once: the machine slept, or the clock was set', () => {
  const { clock, sample, truth } = clockAt();
  sample(5_000, 1, 1);
  sample(65_000, 10, 10);
  expect(clock.now()).toBe(truth(65_000));
});
