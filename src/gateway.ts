/** COMPOSITION: configuration -> adapters -> stages -> pipeline -> listeners. The only file that knows everyone. */
import { writeFileSync } from 'node:fs';
import type { Config } from './config.ts';
import { GATEWAY_CHAIN } from './domain/journal.ts';
import type { Profile } from './domain/policy.ts';
import type { Ledger, NewId, Now } from './domain/ports.ts';
import { ok, type Result, refuse } from './domain/result.ts';
import { openDownstream, type ServerPool } from './downstream/downstream.ts';
import type { Home } from './home.ts';
import { type ApproverBook, loadApprovers } from './identity/approvers.ts';
import { accessToken, secretKey } from './identity/keys.ts';
import { loopbackAuthenticator } from './identity/loopback.ts';
import { keepRecovering } from './keeper/recovery.ts';
import { Unsettled } from './keeper/unsettled.ts';
import { allStartable, startable } from './packages/startable.ts';
import { present, type Stages } from './pipeline.ts';
import { PolicyBook } from './policy/book.ts';
import { LivePolicies } from './reload/live-policies.ts';
import { type Joined, joinReplicas } from './replicas/join-replicas.ts';
import { awaitAnswer, recall } from './stages/await-others.ts';
import { lists } from './stages/lists.ts';
import { listen, offers } from './stages/offers.ts';
import { OpenExchanges } from './stages/open-exchanges.ts';
import { type Needed, stagesOf } from './stages/stages-of.ts';
import { openLedger } from './store/open-ledger.ts';
import { SessionFolders, sessionsOver } from './store/session-folders.ts';
import { takeOwnership } from './store/sqlite/owner-lock.ts';
import { startTelemetry } from './telemetry/otel.ts';
import { traced } from './telemetry/traced.ts';
import { answerCall, type Path } from './upstream/answer.ts';
import { CallsUnderWay } from './upstream/calls-under-way.ts';
import type { Doorkeeper } from './upstream/conversation.ts';
import { type HttpDoor, listenHttp } from './upstream/http.ts';
import { listenSocket } from './upstream/socket.ts';

export interface GatewayOptions {
  readonly home: Home;
  readonly config: Config;
  /** Policy files; one profile each. */
  readonly policies: readonly string[];
  /** The loopback address asks for no token. */
  readonly anonymous: boolean;
  /** Whose agents these are. */
  readonly user: string;
  readonly version: string;
  readonly now: Now;
  readonly newId: NewId;
  /** What a person should read while it runs. */
  readonly report: (line: string) => void;
}

export interface Gateway {
  readonly url: string;
  /** The file with the token for `url`; undefined where none is asked for. */
  readonly tokenFile: string | undefined;
  readonly profiles: ReadonlyMap<string, Profile>;
  /** Policy files that say more than is in force. */
  waiting(): readonly string[];
  /** Reads every policy file again. */
  reload(): Promise<void>;
  /** Agents connected through shims. */
  connected(): number;
  /** Ends what is under way honestly, then everything else. */
  close(): Promise<void>;
}

/** Why it does not start. `problems` are lines for a person; `kind` picks the exit code. */
export interface NotOpened {
  readonly kind: 'policy' | 'server' | 'address' | 'running';
  readonly problems: readonly string[];
}

type Closers = (() => Promise<void> | void)[];

/** Opens everything, or nothing. Throws `KeyFault` and `LedgerFault` where keys or the ledger cannot be used. */
export async function openGateway(options: GatewayOptions): Promise<Result<Gateway, NotOpened>> {
  const closers: Closers = [];
  const close = async (): Promise<void> => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    const opened = await open(options, closers);
    if (!opened.ok) await close();
    return opened.ok ? ok({ ...opened.value, close }) : opened;
  } catch (fault) {
    await close();
    throw fault;
  }
}

async function open(options: GatewayOptions, closers: Closers): Promise<Result<Omit<Gateway, 'close'>, NotOpened>> {
  const { home, config, newId, report } = options;
  // What is wrong with the files themselves is told before anything is touched.
  const written = new PolicyBook(config.servers);
  for (const file of options.policies) {
    const added = written.addFile(file);
    if (!added.ok) return refuse({ kind: 'policy', problems: added.error });
  }
  const servers = allStartable(written.byName.values(), home.packages);
  if (!servers.ok) return refuse({ kind: 'server', problems: servers.error });
  const token = options.anonymous ? undefined : accessToken(home.folder);
  const keys = { content: secretKey(home.keys, 'content'), seal: secretKey(home.keys, 'seal') };
  const approvers = loadApprovers(home.approvers);
  const ownership = takeOwnership(home.ownerLock);
  if (ownership === undefined)
    return refuse({ kind: 'running', problems: [`Tollgate runs already in ${home.folder}`] });
  closers.push(() => ownership.release());

  const telemetry = await startTelemetry({ endpoint: config.otlp, version: options.version, report });
  closers.push(() => telemetry.shutdown());
  const store = config.store ?? home.ledger;
  const ledger = await openLedger({ store, contentKey: keys.content, sealKey: keys.seal, role: 'owner' });
  const { replicas } = ledger;
  const now = replicas === undefined ? options.now : () => replicas.now();
  writeFileSync(home.ledgerNote, store, { mode: 0o600 });
  closers.push(() => ledger.close());
  const unsettled = new Unsettled(ledger);
  let joined: Joined | undefined;
  closers.push(() => joined?.close());
  const recovery = await keepRecovering({ ledger, now, unsettled, report });
  closers.push(() => recovery.end());
  const folders = new SessionFolders(home.sessions);
  for (const left of folders.sweep(await sessionsOver(ledger, now()))) report(notRemoved(left));
  const calls = new CallsUnderWay();
  const exchanges = new OpenExchanges();
  closers.push(() => calls.settled());
  closers.push(() => exchanges.close());
  const policies = new PolicyBook(config.servers);
  const downstream = openDownstream({
    servers: new Map(),
    askable: policies.askable,
    accepted: policies.accepted,
    rooms: folders.enter,
    now,
    left: (session, server) => joined?.left(session, server),
    log: ({ server, text }) => report(`${server}: ${text}`),
  });
  closers.push(() => downstream.close());
  const over = (session: string) => clearUp(session, { ledger, downstream, folders, now, report });
  joined = replicas && joinReplicas({ ledger, replicas, downstream, findOpen: (call) => exchanges.find(call), over });
  const fault = (error: unknown): void => report(`fault: ${error instanceof Error ? error.message : String(error)}`);
  const drained = () => calls.settled();
  const programs = (profile: Profile, others: Iterable<Profile>) => startable(profile, others, home.packages);
  const live = new LivePolicies({
    book: policies,
    ledger,
    approvers,
    downstream,
    now,
    drained,
    report,
    fault,
    startable: programs,
  });
  closers.push(() => live.close());
  for (const policy of options.policies) {
    const opened = await live.open(policy);
    if (!opened.ok) return opened;
  }

  const dirOf = folders.of;
  const who = loopbackAuthenticator(options.user, token);
  const stages = stagesOf({
    ledger,
    downstream,
    approvers,
    exchanges,
    elsewhere: joined,
    later: unsettled.later,
    policies,
    who,
    dirOf,
    now,
    fault,
  });
  const tracing = telemetry.tracer && traced(telemetry.tracer, stages);
  const path = pathOf(tracing?.stages ?? stages, { ledger, downstream, policies, who, dirOf, now });
  const answer = answerCall(path, calls.stopping);
  const keeper: Doorkeeper = {
    path,
    answerCall: calls.counted(tracing ? tracing.answer(answer) : answer),
    now,
    newId,
    server: { name: 'tollgate', version: options.version },
    sealKey: keys.seal,
    stopping: calls.stopping,
    fault,
  };
  const http = await listenAt(keeper, config);
  if (!http.ok) return http;
  closers.push(() => http.value.close());
  const socket = await listenSocket(keeper, home.socket, {
    profileOf: async (file) => {
      const opened = await live.open(file);
      return opened.ok ? ok(opened.value.name) : opened;
    },
    enrol: (file) => enrol(file, approvers, ledger, now),
    accept: (file, proof) => live.accept(file, proof),
    over,
  });
  closers.push(() => socket.close());
  // First of all: who waits is answered, and streams end with a word, while their connections are still there.
  closers.push(() => {
    calls.stop();
    joined?.end();
  });
  return ok({
    url: http.value.url,
    tokenFile: token === undefined ? undefined : home.token,
    profiles: policies.byName,
    waiting: () => live.waiting(),
    reload: () => live.reload(),
    connected: () => socket.connected(),
  });
}

type Parts = Omit<Needed, 'policies' | 'fault'> & { readonly policies: PolicyBook };

function pathOf(stages: Stages, parts: Omit<Parts, 'approvers' | 'exchanges'>): Path {
  const { ledger, downstream, policies, who, dirOf, now } = parts;
  const looking = { authenticate: who, ledger, profiles: policies.byName, downstream, dirOf, now };
  return {
    authenticate: who,
    list: lists(looking),
    offers: offers(looking),
    listen: listen(looking),
    present: (received) => present(stages, received),
    answered: awaitAnswer(ledger, now),
    recall: recall(ledger),
  };
}

const notRemoved = (folder: string): string => `${folder} cannot be removed: its session is over`;

interface ClearingUp {
  readonly ledger: Ledger;
  readonly downstream: ServerPool;
  readonly folders: SessionFolders;
  readonly now: Now;
  readonly report: (line: string) => void;
}

/** Of a session that is over, the processes end and the folder goes. Of one that is not, or not known, nothing is touched. */
async function clearUp(session: string, { ledger, downstream, folders, now, report }: ClearingUp): Promise<void> {
  if (!(await sessionsOver(ledger, now())).has(session)) return;
  await downstream.leave(session);
  if (!folders.remove(session)) report(notRemoved(folders.of(session)));
}

async function enrol(
  file: unknown,
  approvers: ApproverBook,
  ledger: Ledger,
  now: Now,
): Promise<Result<unknown, string>> {
  const enrolled = approvers.enrol(file);
  if (!enrolled.ok) return enrolled;
  const { name, kid } = enrolled.value;
  await ledger.append({ session: GATEWAY_CHAIN, kind: 'approver', call: undefined, at: now(), body: { name, kid } });
  return enrolled;
}

async function listenAt(keeper: Doorkeeper, config: Config): Promise<Result<HttpDoor, NotOpened>> {
  const { host, port } = config.listen;
  try {
    return ok(await listenHttp(keeper, { host, port }));
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    const why =
      code === 'EADDRINUSE'
        ? 'is in use: stop what listens there, or choose another with --port'
        : `cannot be listened on (${code})`;
    return refuse({ kind: 'address', problems: [`port ${port} of ${host} ${why}`] });
  }
}
