import type { Judged, Resolved, Stage } from '../domain/call.ts';
import { ok, refuse } from '../domain/result.ts';

/** What the policy says of this exact call. A tool whose rules do not fit its schema is denied: they would not bite. */
export const judge = (): Stage<Resolved, Judged> => async (call) => {
  const misfits = call.tool.misfits(call.definition);
  if (misfits.length > 0) {
    return refuse({
      reason: 'denied',
      rules: [],
      why: `the policy does not fit this tool: ${misfits.join('; ')}`,
      remedy: undefined,
    });
  }
  const judgement = call.tool.judge(call.effective);
  if (judgement.verdict === 'deny') {
    return refuse({ reason: 'denied', rules: judgement.rules, why: judgement.reason, remedy: judgement.remedy });
  }
  return ok({ ...call, rules: judgement.rules, needs: judgement.needs });
};
