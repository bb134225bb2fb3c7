/**
 * Spans, wrapped around the stages from outside: SERVER for the call, INTERNAL for what waits (a person, a connection),
 * CLIENT for the exchange downstream, whose context goes on in the outgoing `_meta`. No stage knows of it.
 */
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { Asked, Received, Settled } from '../domain/call.ts';
import type { TraceContext } from '../domain/exchange.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Result } from '../domain/result.ts';
import type { Stages } from '../pipeline.ts';
import {
  answerAttributes,
  credentialAttributes,
  type Ending,
  intentAttributes,
  judgedAttributes,
  outcomeAttributes,
  receivedAttributes,
  sentAttributes,
  spanName,
} from './attributes.ts';

/** A step that took less than this (milliseconds) did not wait. */
const WAITED = 2;

type Answer<Rest extends readonly unknown[]> = (
  received: Received,
  ...rest: Rest
) => Promise<Result<Settled | Asked, Refusal>>;

export interface Traced {
  readonly stages: Stages;
  /** Wraps the answering of a whole call, waits included, into its SERVER span. */
  answer<Rest extends readonly unknown[]>(answer: Answer<Rest>): Answer<Rest>;
}

/** A span under way, and what is known of it so far: the SDK examines every attribute, so all are handed over once. */
interface Serving {
  readonly span: Span;
  readonly attributes: Attributes;
}

/**
 * A call carries its span along, from stage to stage: a map by call id would be a table that every call enters and leaves,
 * and V8 keeps the outgrown tables of one alive until the next full collection, with all the calls in them.
 */
const SERVING = Symbol('serving');
type Carrying = Received & { readonly [SERVING]?: Serving };
const servingOf = (call: Carrying): Serving | undefined => call[SERVING];

function tell(call: Received, attributes: Attributes): void {
  const serving = servingOf(call);
  if (serving !== undefined) Object.assign(serving.attributes, attributes);
}

type Waited = (
  call: Received,
  name: string,
  from: number,
  to: number,
  attributes: Attributes,
  succeeded?: boolean,
) => void;

export function traced(tracer: Tracer, stages: Stages): Traced {
  const waited: Waited = (call, name, from, to, attributes, succeeded = true) => {
    const under = within(servingOf(call)?.span);
    const span = tracer.startSpan(name, { kind: SpanKind.INTERNAL, startTime: from, attributes }, under);
    if (!succeeded) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(to);
  };
  return {
    answer:
      (answer) =>
      async (received, ...rest) => {
        const span = tracer.startSpan(
          spanName(received, received.target),
          { kind: SpanKind.SERVER },
          parentOf(received.trace),
        );
        const attributes = receivedAttributes(received);
        try {
          const serving: Carrying = {
            ...received,
            trace: contextOf(span, received.trace),
            [SERVING]: { span, attributes },
          };
          const answered = await answer(serving, ...rest);
          close(span, attributes, answerAttributes(answered));
          return answered;
        } catch (fault) {
          close(span, attributes, { attributes: { 'error.type': 'fault' }, error: 'Tollgate cannot work now' });
          throw fault;
        }
      },
    stages: {
      ...stages,
      enterSession: async (call) => {
        const entered = await stages.enterSession(call);
        if (entered.ok) {
          const { session, profile } = entered.value;
          tell(call, {
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
        tell(call, { 'tollgate.effect': call.contract.effect, 'tollgate.server': call.contract.server });
        if (judged.ok) tell(call, judgedAttributes(judged.value));
        return judged;
      },
      requireApproval: async (call) => {
        const approved = await stages.requireApproval(call);
        const grant = approved.ok ? approved.value.grant : undefined;
        const last = grant?.decisions.at(-1);
        if (grant !== undefined && last !== undefined) {
          const by = grant.decisions.map((one) => one.by).join(', ');
          const approval = { 'tollgate.hold.id': grant.id, 'tollgate.approver': by };
          tell(call, approval);
          waited(call, 'approval', grant.placedAt, last.at, approval);
        }
        return approved;
      },
      obtainCredential: async (call) => {
        const from = Date.now();
        const authorized = await stages.obtainCredential(call);
        const to = Date.now();
        const attributes = credentialAttributes(call.contract.server, authorized);
        if (to - from >= WAITED || !authorized.ok)
          waited(call, `credential ${call.contract.server}`, from, to, attributes, authorized.ok);
        if (authorized.ok) tell(call, attributes);
        return authorized;
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
        if (committed.ok) tell(call, intentAttributes(committed.value));
        return committed;
      },
      exchange: async (call, ask) => {
        const span = tracer.startSpan(
          spanName(call, call.contract.name),
          { kind: SpanKind.CLIENT },
          within(servingOf(call)?.span),
        );
        const outcome = await stages.exchange({ ...call, trace: contextOf(span, call.trace) }, ask);
        close(span, sentAttributes(call), outcomeAttributes(outcome));
        return outcome;
      },
    },
  };
}

/** Ends a span, with all that was known of it and how it came out. */
function close(span: Span, known: Attributes, { attributes, error }: Ending): void {
  if (span.isRecording()) span.setAttributes(Object.assign(known, attributes));
  if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
  span.end();
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
