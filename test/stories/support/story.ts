/** The story that `npm run demo` plays: every kind of answer, a person, and a crash. */
import { type OtlpSink, otlpSink } from '../../support/otlp-sink.ts';
import { type Agent, type Answered, callAndWait, type Given, legacyAgent, modernAgent, shimAgent } from './agents.ts';
import { type Deployment, deploy } from './deployment.ts';
import { onlyHold, outputOf, sessionIn } from './listings.ts';
import { type Narrator, narrator } from './narrator.ts';
import { atTerminal, FIRST_TIME, type Typing, toAnswer } from './person.ts';

const SEND = 'outbox__send_message';
const WRITE = 'workspace__write_file';

const minutes = { request_id: 'minutes-1', to: 'ada@example.com', subject: 'Minutes', body: 'Attached to this mail.' };
const thanks = { request_id: 'thanks-1', to: 'ada@example.com', subject: 'Thanks', body: 'For the quick answer.' };

/** Those who act: an agent of each kind, and the deployment that they share. */
interface Cast {
  readonly deployment: Deployment;
  /** The collector that the gateway's spans go to. */
  readonly sink: OtlpSink;
  readonly tell: Narrator;
  /** SDK v1 over HTTP, 2025-11-25. */
  readonly older: Agent;
  /** SDK v2 over HTTP, 2026-07-28. */
  readonly newer: Agent;
  /** SDK v1 over `tollgate stdio`. */
  readonly shim: Agent;
}

/** Plays the story; rejects at the first thing that is not so. What it started ends with `ended`. */
export async function play(ended: AsyncDisposableStack, print: (line: string) => void): Promise<void> {
  const tell = narrator(print);
  const sink = await otlpSink();
  ended.defer(() => sink.close());
  const deployment = deploy(ended, undefined, {
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OTEL_BSP_SCHEDULE_DELAY: '100',
  });
  const door = await deployment.start();
  const older = await opened(ended, legacyAgent(door));
  const newer = await opened(ended, modernAgent(door));
  const shim = await opened(ended, shimAgent(deployment, deployment.folder));
  print(`A gateway of its own at ${door.url}, and three agents:`);
  print(`   v1    @modelcontextprotocol/sdk over HTTP, ${older.revision}`);
  print(`   v2    @modelcontextprotocol/client over HTTP, ${newer.revision}`);
  print(`   shim  @modelcontextprotocol/sdk over tollgate stdio, ${shim.revision}`);
  tell.check(newer.revision === '2026-07-28', 'the newer client does not speak 2026-07-28');
  const cast = { deployment, sink, tell, older, newer, shim };
  await reads(cast);
  await isRefused(cast);
  await seesNothingElse(cast);
  await isApproved(cast);
  await runsOut(cast);
  await survives(ended, cast);
  await leavesARecord(cast);
}

async function opened<T extends Agent>(ended: AsyncDisposableStack, opening: Promise<T>): Promise<T> {
  const agent = await opening;
  ended.defer(() => agent.close());
  return agent;
}

async function reads({ tell, shim, newer }: Cast): Promise<void> {
  tell.chapter('A read is allowed');
  const given = { path: 'welcome.md' };
  const read = await ask(tell, 'v2', newer, 'workspace__read_file', given);
  tell.check(!read.isError && read.text.startsWith('Ada asked'), 'the read was not answered with the file');
  const policy = await ask(tell, 'shim', shim, 'files__read_text_file', { path: 'demo.yaml' });
  tell.check(policy.text.includes('profile: demo'), 'the shim did not bring the policy file');
}

async function isRefused({ tell, older }: Cast): Promise<void> {
  tell.chapter('An argument is refused');
  const refused = await ask(tell, 'v1', older, WRITE, { path: '../.bashrc', text: 'hello' });
  tell.check(refused.text.startsWith('DENIED, NOT DONE: '), 'a path outside notes/ was not denied');
}

async function seesNothingElse({ tell, older, shim }: Cast): Promise<void> {
  tell.chapter('A tool that is not listed does not exist');
  const names = await older.tools();
  tell.tell(`tools/list: ${names.join(', ')}`);
  tell.check(names.includes(SEND) && !names.includes('files__write_file'), 'the list is not what the policy lists');
  const unlisted = await unknown(tell, shim, 'files__write_file');
  const invented = await unknown(tell, shim, 'files__no_such_tool');
  tell.check(
    unlisted.replace('files__write_file', '') === invented.replace('files__no_such_tool', ''),
    'a tool that is hidden is answered in other words than one that is not there',
  );
}

async function isApproved({ tell, deployment, newer, older }: Cast): Promise<void> {
  tell.chapter('A send is held, a person approves it, and it runs once');
  tell.asked('v2', SEND, minutes);
  const { answer } = await callAndWait(newer, SEND, minutes);
  tell.tell('held: the stream stays open, and nothing is sent');
  tell.check(deployment.delivered().length === 0, 'a message went out before anybody approved it');
  const hold = await onlyHold(deployment);
  tell.ran('tollgate holds', outputOf(await deployment.run('holds')));
  await approves(tell, deployment, hold, FIRST_TIME);
  const sent = await answer;
  tell.answered(sent);
  tell.check(!sent.isError && sent.structured?.['repeated'] === false, 'the approved call was not sent');
  const again = await ask(tell, 'v1', older, SEND, minutes);
  tell.check(again.text.startsWith('RECORDED: '), 'the identical call was not answered with the recorded result');
  tell.check(isSame(again, sent), 'the recorded result is another than the first');
  delivered(tell, deployment, 1);
}

async function runsOut({ tell, older, newer }: Cast): Promise<void> {
  tell.chapter('A budget is reached');
  for (const day of ['monday', 'tuesday', 'wednesday']) {
    const wrote = await ask(tell, 'v1', older, WRITE, note(day));
    tell.check(!wrote.isError, `the note of ${day} was refused`);
  }
  await isStopped(tell, newer);
}

async function survives(ended: AsyncDisposableStack, cast: Cast): Promise<void> {
  const { tell, deployment, shim } = cast;
  tell.chapter('The gateway is killed, and forgets nothing');
  const before = await sessionIn(deployment, undefined);
  tell.asked('v2', SEND, thanks);
  const { answer } = await callAndWait(cast.newer, SEND, thanks);
  const hold = await onlyHold(deployment);
  tell.tell(`held as ${hold}; now kill -9`);
  await deployment.kill();
  // The SDK waits on a stream that broke until its own clock runs out: this agent gives up at once.
  await cast.newer.close();
  await answer.then(
    () => tell.check(false, 'a call was answered by a gateway that was dead'),
    () => undefined,
  );
  const door = await deployment.start();
  tell.tell('started again on the same folder');
  const newer = await opened(ended, modernAgent(door));
  tell.check((await onlyHold(deployment)) === hold, 'the hold did not survive the crash');
  await approves(tell, deployment, hold, toAnswer('approve'));
  const sent = await continued(tell, newer, hold);
  tell.check(!sent.isError && sent.structured?.['request_id'] === thanks.request_id, 'the approved call did not run');
  const again = await continued(tell, newer, hold);
  tell.check(again.text.startsWith('RECORDED: ') && isSame(again, sent), 'an approval was used twice');
  const first = await ask(tell, 'v2', newer, SEND, minutes);
  tell.check(first.text.startsWith('RECORDED: '), 'the result recorded before the crash is gone');
  delivered(tell, deployment, 2);
  await isStopped(tell, newer);
  const read = await ask(tell, 'shim', shim, 'workspace__read_file', { path: 'notes/monday.md' });
  tell.check(!read.isError, 'the shim did not find the new gateway');
  const after = await sessionIn(deployment, undefined);
  tell.check(before === after, 'the agent came into another session after the crash');
  tell.ran('tollgate sessions', outputOf(await deployment.run('sessions')));
}

async function leavesARecord({ tell, deployment, sink }: Cast): Promise<void> {
  tell.chapter('What happened is on record');
  const id = await sessionIn(deployment, undefined);
  const trace = outputOf(await deployment.run('trace', id));
  tell.ran(`tollgate trace ${id}`, trace);
  for (const kind of ['opened', 'intent', 'outcome', 'refused', 'held', 'decided'])
    tell.check(new RegExp(`\\b${kind}\\b`).test(trace), `the trace shows no entry of the kind "${kind}"`);
  const verdict = outputOf(await deployment.run('audit', 'verify'));
  tell.ran('tollgate audit verify', verdict);
  tell.check(verdict.includes('whole'), 'the journal does not verify');
  await isTraced(tell, sink);
}

/** The spans of the call that ran after the crash, as the collector got them: the call, the wait for a person, the exchange. */
async function isTraced(tell: Narrator, sink: OtlpSink): Promise<void> {
  const server = await sink.arrival(
    (span) => span.name === 'tools/call tollgate__continue' && span.attributes['tollgate.recorded'] !== true,
  );
  // In the order in which they began. Where the approval took long the server's process is gone, and its new one is waited for.
  const inside = sink.spans
    .filter((span) => span.parentSpanId === server.spanId)
    .toSorted((one, other) => Number(one.start - other.start));
  tell.tell('its spans, over OTLP:');
  for (const span of [server, ...inside]) {
    const seconds = Number(span.end - span.start) / 1e9;
    const indent = span === server ? '' : '  ';
    tell.tell(`${indent}${span.kind.padEnd(8)} ${span.name}  ${seconds.toFixed(3)} s`);
  }
  const kinds = inside.map((span) => span.kind);
  tell.check(
    kinds.includes('CLIENT') && kinds.includes('INTERNAL'),
    'the exchange or the wait for a person has no span',
  );
}

async function ask(tell: Narrator, who: string, agent: Agent, tool: string, given: Given): Promise<Answered> {
  tell.asked(who, tool, given);
  const answer = await agent.call(tool, given);
  tell.answered(answer);
  return answer;
}

const continued = (tell: Narrator, agent: Agent, hold: string): Promise<Answered> =>
  ask(tell, 'v2', agent, 'tollgate__continue', { hold });

/** The protocol error for a tool that is not there, in the words that the client was given. */
async function unknown(tell: Narrator, agent: Agent, tool: string): Promise<string> {
  tell.asked('shim', tool, {});
  const words = await agent.call(tool, {}).then(
    ({ text }) => `answered: ${text}`,
    (error: Error) => error.message,
  );
  tell.answered(words);
  tell.check(words.includes('-32602') && words.includes('Unknown tool'), `${tool} is not unknown to the agent`);
  return words;
}

async function approves(tell: Narrator, deployment: Deployment, hold: string, typing: Typing): Promise<void> {
  const { screen, code } = await atTerminal(deployment, ['approve', hold], typing);
  tell.ran(`tollgate approve ${hold}`, screen);
  tell.check(code === 0 && screen.includes('Approved.'), 'the approval was not taken');
}

async function isStopped(tell: Narrator, agent: Agent): Promise<void> {
  const stopped = await ask(tell, 'v2', agent, WRITE, note('thursday'));
  tell.check(stopped.text.startsWith('STOPPED: 3 of 3 notes used.'), 'the budget let a fourth note through');
}

function delivered(tell: Narrator, deployment: Deployment, count: number): void {
  const messages = deployment.delivered();
  const subjects = messages.map((message) => /^Subject: (.*)$/m.exec(message)?.[1]);
  tell.tell(`in the maildir: ${messages.length} (${subjects.toSorted().join(', ')})`);
  tell.check(messages.length === count, `${messages.length} messages were delivered, not ${count}`);
}

const note = (day: string): Given => ({ path: `notes/${day}.md`, text: `Sunny on ${day}.` });

const isSame = (one: Answered, other: Answered): boolean =>
  messageIn(one) !== undefined && messageIn(one) === messageIn(other);

/** The id of the message that an answer speaks of: a recorded one says it in its text alone. */
export const messageIn = ({ text }: Answered): string | undefined => /"message_id":"([^"]+)"/.exec(text)?.[1];
