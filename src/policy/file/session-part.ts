/** The `session` part of a policy: how long sessions live, and what is asked of their calls. */
import type { Problem, YamlDocument } from '../../document/document.ts';
import { readPart } from '../../document/mapping.ts';
import type { Effect } from '../../domain/contract.ts';
import type { TargetPolicy } from '../../domain/policy.ts';
import type { Life } from '../../domain/session.ts';
import { sessionShape } from './policy-shape.ts';

interface SessionPart {
  /** The effects of tools that the agent must give a reason for. */
  readonly reasons: readonly Effect[];
  readonly life: Life;
}

export function readSession(document: YamlDocument, found: Problem[]): SessionPart {
  const part = document.value['session'];
  const session = part === undefined ? undefined : readPart(document, ['session'], part, sessionShape, found);
  const { require_reason: reasons = [], idle, max_age: maxAge, renew } = session ?? {};
  return { reasons, life: { idle, maxAge, renew } };
}

export function tellIdleReasons(
  document: YamlDocument,
  reasons: readonly Effect[],
  targets: readonly TargetPolicy[],
  found: Problem[],
): void {
  if (reasons.length === 0 || targets.some(({ asksReason }) => asksReason)) return;
  const message = `unused: no tool that agents may call is ${reasons.join(' or ')}`;
  found.push(document.keyProblem(['session', 'require_reason'], message));
}

export function tellIdleRenewal(document: YamlDocument, { renew }: Life, found: Problem[]): void {
  if (renew === undefined || document.value['budgets'] !== undefined) return;
  found.push(document.keyProblem(['session', 'renew'], 'unused: there are no "budgets" that it fills again'));
}
