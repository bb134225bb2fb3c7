/** `approval`: what it takes for a call to run that a person is asked about. Read here, and resolved against the issuers there are. */
import { z } from 'zod';
import type { Path, Problem, YamlDocument } from '../../document/document.ts';
import { described, mapping } from '../../document/mapping.ts';
import { readNamed } from '../../document/named.ts';
import { type Terms, USUAL_TERMS } from '../../domain/terms.ts';
import type { Approval } from '../judge/rules.ts';
import { duration } from './amounts.ts';

const DAY = 24 * 3_600_000;
/** Milliseconds. Nobody reads, decides and proves in less. */
const LEAST = 10_000;
/** People. More of them do not look harder. */
const LARGEST_QUORUM = 5;
/** Calls that one answer lets run. */
const MOST_USES = 100;

/** At least ten seconds, at most so many days. */
const span = (days: number) =>
  duration(days * DAY, `${days}d`).refine((milliseconds) => milliseconds >= LEAST, 'expected at least 10s');

const proof = z.enum(['passphrase', 'passkey', 'both']);

const termKeys = described(
  {
    approvers: z.array(z.string()).min(1).optional(),
    quorum: z.int().min(1).max(LARGEST_QUORUM).optional(),
    proof: proof.optional(),
    answer_within: span(7).optional(),
    use_within: span(1).optional(),
    allow_requester: z.boolean().optional(),
  },
  {
    approvers:
      'Who may answer, of those with the role for it: group:NAME, group:NAME@ISSUER or user:SUBJECT@ISSUER. Unsaid is each of them, at this machine its user.',
    quorum: 'So many people must approve, 1 to 5. Unsaid is 1.',
    proof: 'How the person proves to be there: passphrase, passkey or both. Unsaid is either of them.',
    answer_within: 'So long a call waits for its answer: 10s to 7d. Unsaid is 4h.',
    use_within: 'So long an approval waits for its call: 10s to 1d. Unsaid is 30m.',
    allow_requester: 'true: whoever asks may answer. Who acts for somebody never may.',
  },
);

export const approvalShape = mapping({
  ...described(
    { reason: z.string().min(1).optional() },
    { reason: 'Why a person is asked: the person and the agent read it.' },
  ),
  ...termKeys,
  ...described(
    { uses: z.int().min(1).max(MOST_USES).optional() },
    {
      uses: 'So often the exact call may run on one approval, 1 to 100. Unsaid is 1; more are for what can be undone.',
    },
  ),
});

/** Of a flow, which has a reason of its own, and meets calls that cannot be undone. */
export const flowApprovalShape = mapping(termKeys, [], {
  reason: 'beside "then"',
  uses: 'to a tool: a flow is for calls that cannot be undone, too',
});

type ApprovalPart = z.infer<typeof approvalShape>;
type TermsPart = z.infer<typeof flowApprovalShape> & Pick<ApprovalPart, 'uses'>;

/** Undefined where the file says none. `issuers`: of the deployment, or where that is not known, those of `who`. */
export function approvalOf(part: ApprovalPart | undefined, issuers: readonly string[]): Approval | undefined {
  if (part === undefined) return undefined;
  const terms = writtenTerms(part, issuers);
  return { ...(part.reason === undefined ? {} : { reason: part.reason }), ...(terms === undefined ? {} : { terms }) };
}

/** Undefined where they are the usual ones. What names nobody is told by `tellApprovers`. */
export function writtenTerms(
  { reason: _, ...part }: TermsPart & { readonly reason?: unknown },
  issuers: readonly string[],
): Terms | undefined {
  if (Object.keys(part).length === 0) return undefined;
  const named = (part.approvers ?? []).flatMap((text) => {
    const read = readNamed(text, issuers);
    return read.ok ? [read.value] : [];
  });
  return {
    approvers: part.approvers === undefined ? [] : [named],
    quorum: part.quorum ?? USUAL_TERMS.quorum,
    proof: part.proof ?? USUAL_TERMS.proof,
    answerWithin: part.answer_within ?? USUAL_TERMS.answerWithin,
    useWithin: part.use_within ?? USUAL_TERMS.useWithin,
    allowRequester: part.allow_requester ?? USUAL_TERMS.allowRequester,
    uses: part.uses ?? USUAL_TERMS.uses,
  };
}

/** Tells of entries that name nobody. `path` is where the approval stands. */
export function tellApprovers(
  document: YamlDocument,
  path: Path,
  part: Pick<ApprovalPart, 'approvers'> | undefined,
  issuers: readonly string[],
  found: Problem[],
): void {
  for (const [at, text] of (part?.approvers ?? []).entries()) {
    const read = readNamed(text, issuers);
    if (!read.ok) found.push(document.problem([...path, 'approvers', at], read.error));
  }
}
