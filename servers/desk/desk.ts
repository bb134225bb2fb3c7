/**
 * The desk's work, kept in one folder: a file a reply, a refund, a closed case, each written whole and once. A reply or
 * refund is named by the SHA-256 of its request_id: the file that is there is the one that was done, and the same
 * request_id never does anything twice. What was written only in part is under another name and counts for nothing.
 */
import { createHash, randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CASES, type Case, SUSPECT } from './cases.ts';

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string };

type Summary = Pick<Case, 'case_id' | 'queue' | 'subject'> & { readonly open: boolean };

interface Reply {
  readonly request_id: string;
  readonly case_id: string;
  readonly to: string;
  readonly body: string;
}

interface Refund {
  readonly request_id: string;
  readonly case_id: string;
  readonly order_id: string;
  readonly amount: number;
}

/** What was done, when (RFC 3339), and whether an earlier call with this request_id did it. */
type Done<T> = T & { readonly status: 'sent' | 'paid'; readonly at: string; readonly repeated: boolean };

export interface Desk {
  search(queue: Case['queue'] | undefined, text: string): Answer<{ readonly cases: readonly Summary[] }>;
  get(caseId: string): Answer<Case & { readonly open: boolean }>;
  checkFraud(orderId: string): Answer<{ readonly order_id: string; readonly result: 'clear' | 'suspect' }>;
  send(reply: Reply): Answer<Done<Reply>>;
  sent(requestId: string): Answer<Done<Reply>>;
  refund(refund: Refund): Answer<Done<Refund>>;
  close(caseId: string): Answer<{ readonly case_id: string; readonly open: false }>;
}

const refused = (error: string): { readonly ok: false; readonly error: string } => ({ ok: false, error });
const answered = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

/** Opens the desk in `folder`, creating it when absent. Throws when the folder cannot be had. */
export function openDesk(folder: string, now: () => number): Desk {
  for (const part of ['replies', 'refunds', 'closed']) mkdirSync(join(folder, part), { recursive: true });
  const place = (part: string, name: string): string =>
    join(folder, part, `${createHash('sha256').update(name).digest('hex')}.json`);
  const isOpen = (caseId: string): boolean => read(place('closed', caseId)) === undefined;
  const known = (caseId: string): Answer<Case> => {
    const found = CASES.find((one) => one.case_id === caseId);
    return found === undefined ? refused(`There is no case "${caseId}". Use search_cases.`) : answered(found);
  };
  const once = <T extends Reply | Refund>(part: string, asked: T, status: 'sent' | 'paid'): Answer<Done<T>> => {
    const path = place(part, asked.request_id);
    const isFirst = create(path, { ...asked, status, at: new Date(now()).toISOString() });
    const kept = read(path) as Omit<Done<T>, 'repeated'>;
    const isSame = (Object.keys(asked) as (keyof T)[]).every((key) => asked[key] === (kept as unknown as T)[key]);
    if (!isSame) return refused(`The request_id "${asked.request_id}" was used for something else. Choose a new one.`);
    return answered({ ...kept, repeated: !isFirst } as Done<T>);
  };
  return {
    search: (queue, text) =>
      answered({
        cases: CASES.filter((one) => queue === undefined || one.queue === queue)
          .filter((one) => `${one.subject} ${one.message}`.toLowerCase().includes(text.toLowerCase()))
          .map(({ case_id, queue: of, subject }) => ({ case_id, queue: of, subject, open: isOpen(case_id) })),
      }),
    get: (caseId) => {
      const found = known(caseId);
      return found.ok ? answered({ ...found.value, open: isOpen(caseId) }) : found;
    },
    checkFraud: (orderId) =>
      CASES.some((one) => one.order_id === orderId)
        ? answered({ order_id: orderId, result: SUSPECT.has(orderId) ? 'suspect' : 'clear' })
        : refused(`There is no order "${orderId}".`),
    send: (reply) => {
      const found = known(reply.case_id);
      if (!found.ok) return found;
      return isOpen(reply.case_id) ? once('replies', reply, 'sent') : refused(`The case ${reply.case_id} is closed.`);
    },
    sent: (requestId) => {
      const kept = read(place('replies', requestId));
      if (kept === undefined) return refused(`No reply was sent with the request_id "${requestId}".`);
      return answered({ ...(kept as Omit<Done<Reply>, 'repeated'>), repeated: false });
    },
    refund: (refund) => {
      const found = known(refund.case_id);
      if (!found.ok) return found;
      if (found.value.order_id !== refund.order_id)
        return refused(`The order of ${refund.case_id} is ${found.value.order_id}.`);
      return once('refunds', refund, 'paid');
    },
    close: (caseId) => {
      const found = known(caseId);
      if (!found.ok) return found;
      create(place('closed', caseId), { case_id: caseId });
      return answered({ case_id: caseId, open: false });
    },
  };
}

function read(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Whole or not at all; false where it is there already. */
function create(path: string, value: object): boolean {
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(value), { flag: 'wx', mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
