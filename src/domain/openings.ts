/**
 * The first words of Tollgate's own sentences to an agent. What a server says may not begin so: whoever speaks in these
 * words must be Tollgate.
 */
export const OPENINGS = {
  held: 'HELD, NOT DONE',
  denied: 'DENIED, NOT DONE',
  invalid: 'INVALID, NOT DONE',
  changed: 'CHANGED, NOT DONE',
  unavailable: 'UNAVAILABLE, NOT DONE',
  notDone: 'NOT DONE',
  stopped: 'STOPPED',
  running: 'RUNNING',
  unknown: 'UNKNOWN',
  executed: 'EXECUTED',
  withheld: 'WITHHELD',
  recorded: 'RECORDED',
} as const;

/** In front of what is left of a budget, beside a result. */
export const LEFT_OPENING = 'Tollgate';
