/**
 * Spans, wrapped around the stages from outside: SERVER for the call, INTERNAL for what waits (a person, a connection),
 * CLIENT for the exchange downstream, whose context goes on in the outgoing `_meta`. No stage knows of it.
 */
import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { Approved, Committed, Received, Settled } from '../domain/call.ts';
import type { TraceContext } from '../domain/exchange.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Result } from '../domain/result.ts';
import type { Stages } from '../pipeline.ts';
import { answerAttributes, outcomeAttributes, receivedAttributes, sentAttributes } from './attributes.ts';

/** A step that took less than this (milliseconds) did not wait. */
const WAITED = 2;

type Answer<Rest extends readonly unknown[]> = (received: Received, ...rest: Rest) => Promise<Result<Settled, Refusal>>;

export interface Traced {
  readonly stages: Stages;
  /** Wraps the answering of a whole call, waits included, into its SERVER span. */
  answer<Rest extends readonly unknown[]>(answer: Answer<Rest>): Answer<Rest>;
}

export function traced(tracer: Tracer, stages: Stages): Traced {
  /** The SERVER span of each call under way, by call id. */
  const serving = new Map<string, Span>();
  const waited = (call: Received, name: string, from: number, to: number, attributes: Record<string, string>): void => {
    const under = within(serving.get(call.id));
    tracer.startSpan(name, { kind: SpanKind.INTERNAL, startTime: from, attributes }, under).end(to);
  };
  return {
    answer:
      (answer) =>
      async (received, ...rest) => {
        const span = tracer.startSpan(
          `${received.operation} ${received.target.slice(0, 128)}`,
          { kind: SpanKind.SERVER, attributes: receivedAttributes(received) },
          parentOf(received.trace),
        );
        serving.set(received.id, span);
        try {
          const answered = await answer({ ...received, trace: contextOf(span, received.trace) }, ...rest);
          close(span, answerAttributes(answered));
          return answered;
        } catch (fault) {
          close(span, { attributes: { 'error.type': 'fault' }, error: 'Tollgate cannot work now' });
          throw fault;
        } finally {
          serving.delete(received.id);
          span.end();
        }
      },
    stages: {
      ...stages,
      enterSession: async (call) => {
        const entered = await stages.enterSession(call);
        if (entered.ok) {
          const { session, profile } = entered.value;
          serving.get(call.id)?.setAttributes({
            'tollgate.session.id': session.id,
            'gen_ai.conversation.id': session.id,
            'tollgate.session.state': session.state,
            'tollgate.profile': profile.name,
            'tollgate.policy.version': profile.digest,
          });
        }
        return entered;
      },
      judge: async (call) => {
        const judged = await stages.judge(call);
        serving
          .get(call.id)
          ?.setAttributes({ 'tollgate.effect': call.contract.effect, 'tollgate.server': call.contract.server });
        if (judged.ok) {
          const { rules, needs } = judged.value;
          serving.get(call.id)?.setAttributes({
            'tollgate.decision': needs.length === 0 ? 'allow' : 'hold',
            'tollgate.rule': [...rules],
          });
        }
        return judged;
      },
      requireApproval: async (call) => {
        const approved = await stages.requireApproval(call);
        if (approved.ok && approved.value.grant !== undefined)
          tellApproval(approved.value, waited, serving.get(call.id));
        return approved;
      },
      prepare: async (call) => {
        const from = Date.now();
        const prepared = await stages.prepare(call);
        const to = Date.now();
        if (to - from >= WAITED)
          waited(call, `connect ${call.contract.server}`, from, to, { 'tollgate.server': call.contract.server });
        return prepared;
      },
      commit: async (call) => {
        const committed = await stages.commit(call);
        if (committed.ok) tellIntent(committed.value, serving.get(call.id));
        return committed;
      },
      exchange: async (call, ask) => {
        const attributes = sentAttributes(call);
        const span = tracer.startSpan(
          `${call.operation} ${call.contract.tool}`,
          { kind: SpanKind.CLIENT, attributes },
          within(serving.get(call.id)),
        );
        const outcome = await stages.exchange({ ...call, trace: contextOf(span, call.trace) }, ask);
        close(span, outcomeAttributes(outcome));
        span.end();
        return outcome;
      },
    },
  };
}

function tellApproval(
  call: Approved,
  waited: (call: Received, name: string, from: number, to: number, attributes: Record<string, string>) => void,
  span: Span | undefined,
): void {
  const { grant } = call;
  if (grant?.decision === undefined) return;
  span?.setAttributes({ 'tollgate.hold.id': grant.id, 'tollgate.approver': grant.decision.by });
  waited(call, 'approval', grant.placedAt, grant.decision.at, {
    'tollgate.hold.id': grant.id,
    'tollgate.approver': grant.decision.by,
  });
}

/** The journal's entry, and what is left of each budget once this call is charged. */
function tellIntent(call: Committed, span: Span | undefined): void {
  span?.setAttribute('tollgate.journal.entry', `${call.session.id}/${call.entry}`);
  for (const [kind, cap] of Object.entries(call.profile.caps)) {
    span?.setAttribute(
      `tollgate.budget.left.${kind}`,
      cap - (call.snapshot.used[kind] ?? 0) - (call.claims[kind] ?? 0),
    );
  }
}

function close(
  span: Span,
  { attributes, error }: { attributes: Parameters<Span['setAttributes']>[0]; error: string | undefined },
): void {
  span.setAttributes(attributes);
  if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
}

const within = (span: Span | undefined): Context =>
  span === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, span);

/** The caller's own span, out of a `traceparent` that the door found well-formed. */
function parentOf({ traceparent }: TraceContext): Context {
  const [, traceId, spanId, flags] = traceparent?.split('-') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    isRemote: true,
  });
}

/** A span's context as it goes on the wire. The caller's `tracestate` goes along unread. */
function contextOf(span: Span, { tracestate }: TraceContext): TraceContext {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return { traceparent: `00-${traceId}-${spanId}-0${traceFlags & TraceFlags.SAMPLED}`, tracestate };
}
