/** COMPOSITION: configuration -> adapters -> stages -> pipeline -> listeners. The only file that knows everyone. */
import { writeFileSync } from 'node:fs';
import { type Config, issuersOf } from './config.ts';
import { type Profile, SHARED } from './domain/policy.ts';
import type { NewId, Now } from './domain/ports.ts';
import { ok, type Result, refuse } from './domain/result.ts';
import { barWords } from './domain/stop.ts';
import { openDownstream } from './downstream/downstream.ts';
import { endLeft, markOf } from './downstream/links/left-processes.ts';
import type { Home } from './home.ts';
import { loadApprovers } from './identity/approvers.ts';
import { authenticatorsOf } from './identity/authenticators.ts';
import { credentialsOf } from './identity/credentials-of.ts';
import { accessToken, secretKey } from './identity/keys.ts';
import { toldSeldom } from './identity/told-seldom.ts';
import { keepEnds } from './keeper/keep-ends.ts';
import { Keeper } from './keeper/keeper.ts';
import { keptHere, notRemoved } from './keeper/kept-here.ts';
import { longestIdle } from './keeper/longest-idle.ts';
import { keepRecovering } from './keeper/recovery.ts';
import { keepRetention } from './keeper/retention.ts';
import { Unsettled } from './keeper/unsettled.ts';
import { localDoor } from './opening/local-door.ts';
import { notifications } from './opening/notifications.ts';
import { peoplesDoor } from './opening/peoples-door.ts';
import { openWaysOut } from './opening/ways-out.ts';
import { allStartable, startable } from './packages/startable.ts';
import { PolicyBook } from './policy/book.ts';
import { scopesNamed } from './policy/shown/scopes-named.ts';
import { LivePolicies } from './reload/live-policies.ts';
import { type Joined, joinReplicas } from './replicas/join-replicas.ts';
import { CallsInFlight } from './stages/calls-in-flight.ts';
import { OpenExchanges } from './stages/open-exchanges.ts';
import { stagesOf } from './stages/stages-of.ts';
import { openLedger } from './store/open-ledger.ts';
import { SessionFolders } from './store/session-folders.ts';
import { takeOwnership } from './store/sqlite/owner-lock.ts';
import { startTelemetry } from './telemetry/otel.ts';
import { traceRefusedToken } from './telemetry/refused-token.ts';
import { traced } from './telemetry/traced.ts';
import { answerCall } from './upstream/answer.ts';
import { CallsUnderWay } from './upstream/calls-under-way.ts';
import type { Doorkeeper } from './upstream/conversation.ts';
import { listenAt } from './upstream/listen-at.ts';
import { pathOf } from './upstream/path-of.ts';
import { listenSocket } from './upstream/socket.ts';
import { patienceOf } from './wire/patience.ts';

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
  /** The file with the token for the API. */
  readonly apiTokenFile: string;
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
  readonly kind: 'policy' | 'identity' | 'server' | 'address' | 'running';
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
  const issuers = issuersOf(config);
  const written = new PolicyBook(config.servers, issuers);
  for (const file of options.policies) {
    const added = written.addFile(file);
    if (!added.ok) return refuse({ kind: 'policy', problems: added.error });
  }
  const { publicUrl } = config.listen;
  if (options.anonymous && publicUrl?.startsWith('https:') === true)
    return refuse({ kind: 'identity', problems: [`--anonymous would let in whoever finds ${publicUrl}`] });
  const servers = allStartable(written.byName.values(), home.packages);
  if (!servers.ok) return refuse({ kind: 'server', problems: servers.error });
  const policies = new PolicyBook(config.servers, issuers);
  const closing = (close: () => Promise<void>): void => void closers.push(close);
  const ways = await openWaysOut({ config, policies, servers: servers.value, now: options.now, closing });
  if (!ways.ok) return ways;
  const { outgoing, readSecret, verifiers } = ways.value;
  const token = options.anonymous ? undefined : accessToken(home.folder, 'token');
  const apiToken = accessToken(home.folder, 'api-token');
  const keys = { contentKey: secretKey(home.keys, 'content'), sealKey: secretKey(home.keys, 'seal') };
  const approvers = loadApprovers(home.approvers);
  const ownership = takeOwnership(home.ownerLock);
  if (ownership === undefined)
    return refuse({ kind: 'running', problems: [`Tollgate runs already in ${home.folder}`] });
  closers.push(() => ownership.release());

  const telemetry = await startTelemetry({ endpoint: config.otlp, version: options.version, report });
  closers.push(() => telemetry.shutdown());
  const store = config.store ?? home.ledger;
  const ledger = await openLedger({ store, ...keys, role: 'owner', quotas: config.retention.quotas });
  const { replicas } = ledger;
  const now = replicas === undefined ? options.now : () => replicas.now();
  writeFileSync(home.ledgerNote, store, { mode: 0o600 });
  closers.push(() => ledger.close());
  const unsettled = new Unsettled(ledger);
  let joined: Joined | undefined;
  closers.push(() => joined?.close());
  const recovery = await keepRecovering({ ledger, now, unsettled, report });
  closers.push(() => recovery.end());
  const { archive, end } = keepRetention({ ledger, home, retention: config.retention, now, report });
  closers.push(end);
  const folders = new SessionFolders(home.sessions);
  const mark = markOf(home.folder);
  const ended = await endLeft(mark);
  if (ended > 0) report(`${ended} process${ended === 1 ? '' : 'es'} of the last gateway still ran, and ended`);
  for (const left of folders.sweep()) report(notRemoved(left));
  const calls = new CallsUnderWay();
  const exchanges = new OpenExchanges();
  const flights = new CallsInFlight();
  closers.push(() => calls.settled());
  closers.push(() => exchanges.close());
  let listening = '';
  const base = (): URL => new URL(publicUrl ?? listening);
  const issued = { servers: config.servers, outgoing, readSecret, now, report };
  const { credentials, own, logins } = credentialsOf({ ...issued, home, base });
  const downstream = openDownstream({
    servers: new Map(),
    own,
    askable: policies.askable,
    accepted: policies.accepted,
    rooms: folders.enter,
    idle: () => longestIdle(policies.byName.values()),
    mark,
    connectTo: outgoing.toServer,
    readSecret,
    barred: async (server, session) => barWords(await ledger.barred(session === SHARED ? undefined : session, server)),
    now,
    left: (session, server) => joined?.left(session, server),
    log: ({ server, text }) => report(`${server}: ${text}`),
  });
  closers.push(() => downstream.close());
  const kept = keptHere(downstream, credentials, folders, report);
  const findOpen = (call: string) => exchanges.find(call);
  joined = replicas && joinReplicas({ ledger, replicas, downstream, findOpen, over: kept.leave });
  const fault = (error: unknown): void => report(`fault: ${error instanceof Error ? error.message : String(error)}`);
  const ends = await keepEnds({ ledger, flights, kept, fault });
  closers.push(() => ends.close());
  const live = new LivePolicies({
    book: policies,
    ledger,
    approvers,
    downstream,
    now,
    drained: () => calls.settled(),
    report,
    fault,
    startable: (profile, others) => startable(profile, others, home.packages),
  });
  closers.push(() => live.close());
  for (const policy of options.policies) {
    const opened = await live.open(policy);
    if (!opened.ok) return opened;
  }

  const rounds = new Keeper({
    ledger,
    profiles: policies.byName,
    now,
    fault,
    sessions: () => downstream.sessions(),
    rest: (session) => downstream.leave(session),
    endOver: () => ends.look(),
  });
  rounds.start();
  closers.push(() => rounds.close());

  const dirOf = folders.of;
  const { user, version } = options;
  const refused = toldSeldom((why) => {
    report(`a token was refused: ${why}`);
    traceRefusedToken(telemetry.tracer, why);
  }, now);
  const authenticators = authenticatorsOf({ verifiers, user, token, apiToken, refused });
  const who = authenticators.tools;
  const stages = stagesOf({
    ledger,
    downstream,
    credentials,
    approvers,
    exchanges,
    flights,
    elsewhere: joined,
    later: unsettled.later,
    policies,
    who,
    dirOf,
    present: (received) => present(received),
    newId,
    now,
    fault,
  });
  const tracing = telemetry.tracer && traced(telemetry.tracer, stages);
  const profiles = policies.byName;
  const looking = { authenticate: who, ledger, profiles, downstream, dirOf, now };
  const path = pathOf(tracing?.stages ?? stages, looking, logins, (id, at) => findOpen(id) ?? joined?.findOpen(id, at));
  const present = tracing ? tracing.answer(path.present) : path.present;
  const answer = answerCall(path, calls.stopping);
  const keeper: Doorkeeper = {
    path,
    answerCall: calls.counted(tracing ? tracing.answer(answer) : answer),
    patienceOf,
    now,
    newId,
    server: { name: 'tollgate', version },
    holdUrl: (hold) => `${base().origin}/holds/${hold}`,
    outcomeUrl: (call) => `${base().origin}/outcomes/${call}`,
    sealKey: keys.sealKey,
    stopping: calls.stopping,
    fault,
  };
  const { api: authenticate } = authenticators;
  const attending = { people: config.people, user, authenticate, approvers, logins, outgoing, readSecret, report };
  const suggesting = { servers: config.servers, issuers, dirOf };
  const asking = { own, askable: policies.askable, mark, packages: home.packages };
  const notify = notifications({ ...issued, home, config, ledger, base, fault });
  const governed = { ...suggesting, live, book: policies, downstream, asking, push: notify.desk };
  const door = peoplesDoor({ ...attending, ...governed, ledger, archive, profiles, publicUrl, version, now, fault });
  const resource = { publicUrl, issuers: [...issuers], scopes: () => scopesNamed(profiles.values()) };
  const http = await listenAt(keeper, { ...config.listen, people: door.answer, resource, refused });
  if (!http.ok) return refuse({ kind: 'address', problems: [http.error] });
  listening = http.value.url;
  door.listensAt(listening, http.value.ownsLocalhost);
  closers.push(() => http.value.close());
  notify.start();
  closers.push(() => notify.close());
  writeFileSync(home.address, http.value.url, { mode: 0o600 });
  const local = localDoor({ live, user, approvers, ledger, now, begin: door.begin });
  const socket = await listenSocket(keeper, home.socket, local);
  closers.push(() => socket.close());
  // First of all: who waits is answered, and streams end with a word, while their connections are still there.
  closers.push(() => {
    calls.stop();
    joined?.end();
  });
  return ok({
    url: http.value.url,
    tokenFile: token === undefined ? undefined : home.token,
    apiTokenFile: home.apiToken,
    profiles: policies.byName,
    waiting: () => live.waiting(),
    reload: () => live.reload(),
    connected: () => socket.connected(),
  });
}
