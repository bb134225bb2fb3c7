/** `flows`: what may leave once the session has touched what. Read, and held against what can raise and what can send. */
import { z } from 'zod';
import type { Problem, YamlDocument } from '../../document/document.ts';
import { described, itemsOf, mapping, readPart } from '../../document/mapping.ts';
import { didYouMean } from '../../document/nearest.ts';
import { targetOf } from '../../domain/contract.ts';
import { isObject, type JsonValue } from '../../domain/json.ts';
import { type Reach, reachesAsFar } from '../../domain/label.ts';
import type { Flow, TargetPolicy } from '../../domain/policy.ts';
import { flowApprovalShape, tellApprovers, writtenTerms } from '../file/approval-shape.ts';
import { KNOWN_LABELS, labels } from '../file/labels.ts';
import { id, mode, text } from '../file/target-shape.ts';

/** What reaches nobody cannot leave: a flow speaks of `internal` or `external`. */
export const flowShape = mapping(
  described(
    {
      id,
      when: mapping(
        described(
          {
            labels: labels.refine((names) => names.length > 0, 'expected a list of at least 1'),
            sends_to: z.enum(['internal', 'external']),
          },
          { labels: 'The session has touched all of these.', sends_to: 'What is sent may go so far, or farther.' },
        ),
      ),
      // biome-ignore lint/suspicious/noThenProperty: the word of the policy file; the shape is never awaited
      then: z.enum(['hold', 'deny']),
      reason: text.optional(),
      approval: flowApprovalShape.optional(),
      mode,
    },
    {
      id: 'The name of the flow.',
      when: 'What it is for.',
      // biome-ignore lint/suspicious/noThenProperty: the word of the policy file
      then: 'What becomes of the call.',
      reason: 'Why: whoever is asked or refused reads it.',
      approval: 'What an approval must be like, of a flow that holds.',
      mode: 'observe: only write down what would have been done.',
    },
  ),
).superRefine(({ then: verdict, approval }, context) => {
  if (approval !== undefined && verdict !== 'hold')
    context.addIssue({
      code: 'custom',
      path: ['approval'],
      message: 'unused: only a flow with "then: hold" asks a person',
    });
});

type FlowPart = z.infer<typeof flowShape>;

const flowOf = (
  { id: name, when, then: verdict, reason, approval, mode: said }: FlowPart,
  issuers: readonly string[],
): Flow => {
  const terms = approval && writtenTerms(approval, issuers);
  return {
    id: name,
    labels: when.labels,
    sendsTo: when.sends_to,
    verdict,
    reason,
    ...(terms === undefined ? {} : { terms }),
    observes: said === 'observe',
  };
};

/** The flows of a policy and where in the file each stands. */
export interface Flows {
  readonly all: readonly Flow[];
  readonly places: ReadonlyMap<Flow, number>;
}

/** `issuers`: those that approvers can be of. */
export function readFlows(document: YamlDocument, issuers: readonly string[], found: Problem[]): Flows {
  const places = new Map<Flow, number>();
  const ids = new Set<string>();
  for (const [at, part] of itemsOf(document, 'flows').entries()) {
    const read = readPart(document, ['flows', at], part, flowShape, found);
    if (read === undefined) continue;
    const flow = flowOf(read, issuers);
    tellApprovers(document, ['flows', at, 'approval'], read.approval, issuers, found);
    if (ids.has(flow.id)) found.push(document.problem(['flows', at, 'id'], `the id "${flow.id}" is used twice`));
    ids.add(flow.id);
    places.set(flow, at);
  }
  return { all: [...places.keys()], places };
}

/** The flows that data which goes so far can meet. */
export const flowsTo = (reach: Reach, flows: readonly Flow[]): readonly Flow[] =>
  flows.filter((flow) => reachesAsFar(reach, flow.sendsTo));

/** Whether a session with these labels is one that the flow speaks of. */
export const meets = (flow: Flow, touched: readonly string[]): boolean =>
  flow.labels.every((label) => touched.includes(label));

/**
 * What is wrong with flows beside the targets: a label that nothing raises, a reach that nothing has, a trial of what cannot
 * be undone. `answers`: how far the answers to servers' questions go.
 */
export function tellIdleFlows(
  document: YamlDocument,
  { places }: Flows,
  targets: readonly TargetPolicy[],
  answers: Iterable<Reach>,
  found: Problem[],
): void {
  const raised = new Set(targets.flatMap(({ contract }) => contract.labels));
  const reaches = [...targets.map(({ contract }) => contract.sendsTo), ...answers];
  for (const [flow, at] of places) {
    const path = ['flows', at];
    const names = listIn(itemsOf(document, 'flows')[at]);
    for (const label of flow.labels) {
      if (raised.has(label)) continue;
      const message = `unused: nothing raises the label "${label}"${didYouMean(label, raised)}`;
      const place = names.indexOf(label);
      found.push(document.problem([...path, 'when', 'labels', ...(place < 0 ? [] : [place])], message));
    }
    if (!reaches.some((reach) => reachesAsFar(reach, flow.sendsTo))) {
      found.push(document.problem([...path, 'when', 'sends_to'], `unused: nothing sends as far as ${flow.sendsTo}`));
    }
    const final = targets.find(
      ({ contract, worst }) => worst === 'irreversible' && reachesAsFar(contract.sendsTo, flow.sendsTo),
    );
    if (flow.observes && final !== undefined) {
      const message = `what cannot be undone is not tried out, and this flow is for ${targetOf(final.contract)}: take "mode: observe" out`;
      found.push(document.problem([...path, 'mode'], message));
    }
  }
}

/** The labels in the order of the file. */
function listIn(flow: JsonValue | undefined): readonly JsonValue[] {
  const when = isObject(flow) ? flow['when'] : undefined;
  const listed = isObject(when) ? when['labels'] : undefined;
  return Array.isArray(listed) ? listed : [];
}

/**
 * A label of a target that is one slip away from one that matters: the flow that it should have raised would never be met.
 */
export function labelSlip(label: string, flows: readonly Flow[]): string | undefined {
  const meant = new Set([...KNOWN_LABELS, ...flows.flatMap((flow) => flow.labels)]);
  const near = meant.has(label) ? '' : didYouMean(label, meant);
  return near === '' ? undefined : `no flow names the label "${label}"${near}`;
}
