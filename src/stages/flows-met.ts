import type { Committed } from '../domain/call.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Flow } from '../domain/policy.ts';
import { flowsTo, meets } from '../policy/judge/flows.ts';

interface FlowsMet {
  /** Those that refuse, hold or deny: a question waits for nobody. */
  readonly stop: readonly string[];
  /** For the journal: those that only observe. */
  readonly marks: JsonObject;
}

/** Of what a client answers to this server, the flows that the session's labels meet. Labels that are not known meet all. */
export function flowsMet({ profile, contract }: Committed, labels: readonly string[] | undefined): FlowsMet {
  const met = flowsTo(profile.answersGo.get(contract.server) ?? 'external', profile.flows).filter(
    (flow) => labels === undefined || meets(flow, labels),
  );
  const observes = (flow: Flow): boolean =>
    (flow.observes || profile.mode === 'observe') && contract.effect !== 'irreversible';
  const observed = met.filter(observes).map(({ id, verdict }) => ({ rule: `flows.${id}`, would: verdict }));
  return {
    stop: met.filter((flow) => !observes(flow)).map(({ id }) => `flows.${id}`),
    marks: observed.length === 0 ? {} : { observed },
  };
}
