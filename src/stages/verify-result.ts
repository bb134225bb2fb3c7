import type { Committed } from '../domain/call.ts';
import { isObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import type { Outcome } from '../domain/outcome.ts';
import { TASKS } from '../domain/tasks.ts';
import { isAcceptedPage, pageDigest } from '../policy/lock/pages.ts';
import { brokenPromise } from '../policy/output/promises.ts';
import { readOutput, readText, readValue, type Speaker } from '../policy/output/reading.ts';

/** MCP 2026-07-28: the client did not declare what the server needs; and our own word for "that cannot be had". */
const MISSING_CAPABILITY = -32021;
const INTERNAL_ERROR = -32603;

type Told<Word> = Extract<Outcome, { outcome: Word }>;

/**
 * Holds a result to what its tool promised, and whatever a server said to what a model may read. What breaks a promise or
 * a bound, or holds a secret, is withheld whole.
 */
export const verifyResult =
  () =>
  (call: Committed, outcome: Outcome): Outcome => {
    switch (outcome.outcome) {
      case 'ok':
      case 'tool_error':
        return result(call, outcome.outcome, outcome.result);
      case 'rpc_error':
        return error(call, outcome.code === MISSING_CAPABILITY ? missing(call, outcome) : outcome);
      default:
        return reason(call, outcome);
    }
  };

function result(call: Committed, word: 'ok' | 'tool_error', given: JsonObject): Outcome {
  // Bounds first: what is judged by a schema is of a size that can be. An error keeps no promise about a result.
  const read = readOutput(given, speakerOf(call));
  if (!read.ok) return withheld(read.error);
  const page = lockedPage(call);
  if (page !== undefined && pageDigest(given) !== page) return withheld('is not the page that was accepted');
  const broken = word === 'ok' ? brokenPromise(given, call.definition, call.policy.output) : undefined;
  return broken === undefined ? { outcome: word, result: read.value } : withheld(broken);
}

function error(call: Committed, { code, message, data }: Told<'rpc_error'>): Outcome {
  const { server } = call.contract;
  const said = readText(message, server);
  if (!said.ok) return withheld(said.error);
  if (data === undefined) return { outcome: 'rpc_error', code, message: said.value };
  const more = readValue(data, server);
  return more.ok ? { outcome: 'rpc_error', code, message: said.value, data: more.value } : withheld(more.error);
}

/** The reason may quote the server: its last words, or the type of a result that none knows. */
function reason(call: Committed, outcome: Extract<Outcome, { why: string }>): Outcome {
  const why = readText(outcome.why, call.contract.server);
  return { ...outcome, why: why.ok ? why.value : `what ${call.contract.server} said of it ${why.error}` };
}

const withheld = (why: string): Outcome => ({ outcome: 'withheld', why: `it ${why}` });

const speakerOf = ({ contract: { server }, profile: { resources, lock }, dir }: Committed): Speaker => ({
  server,
  allows: (uri) => resources.some((policy) => policy.contract.server === server && policy.matches(uri, dir)),
  shows: (resource) => lock === undefined || isAcceptedPage(resource, lock.servers.get(server)?.pages),
});

/** The digest of the page that is read, where the profile's lock has it. */
const lockedPage = ({ operation, profile, contract: { server, name } }: Committed): string | undefined =>
  operation === 'resources/read' ? profile.lock?.servers.get(server)?.pages.get(name) : undefined;

const isOfTasks = (extensions: JsonValue | undefined): boolean =>
  isObject(extensions) && Object.keys(extensions).every((name) => name === TASKS);

/** The server speaks of what we declared to it. The client hears of it only where it could help by declaring more. */
function missing(call: Committed, outcome: Told<'rpc_error'>): Told<'rpc_error'> {
  const required = isObject(outcome.data) ? outcome.data['requiredCapabilities'] : undefined;
  const names = isObject(required) ? Object.keys(required) : [];
  const asks = call.profile.asks.get(call.contract.server);
  const allowed: Readonly<Record<string, boolean>> = {
    elicitation: asks !== undefined && asks.elicitation.length > 0,
    sampling: asks?.sampling !== undefined,
    roots: asks?.roots === true,
    // Who takes tasks of ours takes those of servers.
    extensions: isObject(required) && isOfTasks(required['extensions']),
  };
  if (names.length > 0 && names.every((name) => allowed[name] === true)) return outcome;
  const message = `the server ${call.contract.server} needs to ask the client what the policy does not allow`;
  return { outcome: 'rpc_error', code: INTERNAL_ERROR, message };
}
