/** The format of the database: that of the file (`sqlite/schema.ts`), in PostgreSQL's types. A migration, once released, is never edited. */

/** The row `format` of `ledger_format` counts how many of these a database has seen. */
export const MIGRATIONS: readonly string[] = [
  `
  -- One row: the ledger's name, proof of the content key and of the seal key (from the first owner on), and the head of
  -- the gateway chain.
  CREATE TABLE ledger (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    instance TEXT NOT NULL,
    key_check BYTEA NOT NULL,
    seal_check BYTEA,
    head BIGINT NOT NULL,
    hash TEXT NOT NULL,
    seq BIGINT NOT NULL
  );

  -- A session, what it used and touched, its wrapped content key, and the head of its chain. Whose it is (owner) and the
  -- first of the sessions that follow each other (lineage) are texts. Named sessions are found by their id alone; described is
  -- the journal entry beside which their description lies. touched_at is the last intent or outcome, charged_since the first
  -- charge after budgets were last full. ended says how a session ended (completed, expired), and successor which one goes
  -- on where an implicit one expired. content_bytes counts its sealed contents; content_key is empty once it is archived.
  CREATE TABLE session (
    row BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    identity TEXT NOT NULL,
    principal TEXT NOT NULL,
    owner TEXT NOT NULL,
    lineage TEXT NOT NULL,
    profile TEXT NOT NULL,
    folder TEXT,
    state TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    content_key BYTEA NOT NULL,
    used TEXT NOT NULL,
    extended TEXT NOT NULL DEFAULT '{}',
    labels TEXT NOT NULL,
    in_flight BIGINT NOT NULL,
    busy_since BIGINT,
    head BIGINT NOT NULL,
    hash TEXT NOT NULL,
    seq BIGINT NOT NULL,
    named INTEGER NOT NULL,
    described BIGINT,
    touched_at BIGINT NOT NULL,
    charged_since BIGINT,
    ended TEXT,
    ended_at BIGINT,
    successor TEXT,
    content_bytes BIGINT NOT NULL DEFAULT 0
  );
  CREATE UNIQUE INDEX session_live ON session (identity) WHERE named = 0 AND state IN ('created', 'running', 'paused');
  CREATE UNIQUE INDEX session_unfollowed ON session (identity)
    WHERE named = 0 AND ended = 'expired' AND successor IS NULL;
  CREATE INDEX session_age ON session (profile, opened_at) WHERE state IN ('created', 'running');
  CREATE INDEX session_ended ON session (ended_at) WHERE ended_at IS NOT NULL;
  CREATE INDEX session_of_owner ON session (owner);
  CREATE INDEX session_of_lineage ON session (lineage);

  -- The chains, interleaved. prev is the entry of the predecessor in the same chain, 0 for the first. Numbers are taken
  -- while the chain's head is locked, so they rise along each chain.
  CREATE SEQUENCE journal_entry;
  CREATE TABLE journal (
    entry BIGINT PRIMARY KEY DEFAULT nextval('journal_entry'),
    session TEXT NOT NULL,
    seq BIGINT NOT NULL,
    prev BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    call TEXT,
    body TEXT NOT NULL,
    hash TEXT NOT NULL
  );
  CREATE INDEX journal_refused ON journal (call) WHERE kind = 'refused';
  CREATE INDEX journal_policy ON journal (entry) WHERE kind = 'policy';

  -- What lies beside an entry, encrypted: arguments beside an intent or a hold, a result beside an outcome; and why the
  -- agent said it called.
  CREATE TABLE content (entry BIGINT PRIMARY KEY, sealed BYTEA NOT NULL, reason BYTEA);

  -- A call from its intent on. intent and settled are journal entries. binds is 1 while an identical call must attach.
  CREATE TABLE call (
    row BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    session TEXT NOT NULL,
    replica TEXT NOT NULL,
    lineage TEXT NOT NULL,
    target TEXT NOT NULL,
    digest TEXT NOT NULL,
    effect TEXT NOT NULL,
    at BIGINT NOT NULL,
    deadline BIGINT NOT NULL,
    intent BIGINT NOT NULL,
    binds BIGINT,
    fields TEXT NOT NULL,
    outcome TEXT,
    settled_at BIGINT,
    settled BIGINT
  );
  CREATE INDEX call_in_flight ON call (session) WHERE outcome IS NULL;
  CREATE INDEX call_binding ON call (lineage, target, digest) WHERE binds = 1;
  CREATE INDEX call_past ON call (lineage, target, settled_at);
  CREATE INDEX call_failed ON call (lineage, target, digest)
    WHERE outcome IN ('tool_error', 'rpc_error', 'unknown', 'not_sent');

  -- A hold and, once it is answered, its grant. entry is the journal entry beside which its arguments lie.
  CREATE TABLE hold (
    row BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    session TEXT NOT NULL,
    lineage TEXT NOT NULL,
    target TEXT NOT NULL,
    digest TEXT NOT NULL,
    binding TEXT NOT NULL,
    bound TEXT NOT NULL,
    effect TEXT NOT NULL,
    entry BIGINT NOT NULL,
    state TEXT NOT NULL,
    placed_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    decision TEXT,
    used_by TEXT
  );
  CREATE INDEX hold_of_call ON hold (lineage, target, digest);
  CREATE INDEX hold_pending ON hold (lineage) WHERE state IN ('open', 'approved');

  -- What all sessions of a principal (owner) used under a profile of a budget's kind, in the window that began at since.
  CREATE TABLE principal_budget (
    owner TEXT NOT NULL,
    profile TEXT NOT NULL,
    kind TEXT NOT NULL,
    since BIGINT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (owner, profile, kind)
  );

  -- What people stopped, until it is lifted. lineage is of a session or call; target and digest are those of a call.
  CREATE TABLE stop (
    row BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    lineage TEXT,
    target TEXT,
    digest TEXT,
    by TEXT NOT NULL,
    why TEXT NOT NULL,
    at BIGINT NOT NULL,
    lifted_by TEXT,
    lifted_why TEXT,
    lifted_at BIGINT
  );
  CREATE INDEX stop_standing ON stop (row) WHERE lifted_at IS NULL;

  -- What agents wrote down, counted from 1 along the sessions that follow each other. entry is the journal entry beside
  -- which the content lies, total the bytes of all contents so far.
  CREATE TABLE event (
    lineage TEXT NOT NULL,
    seq BIGINT NOT NULL,
    session TEXT NOT NULL,
    type TEXT NOT NULL,
    at BIGINT NOT NULL,
    entry BIGINT NOT NULL,
    total BIGINT NOT NULL,
    PRIMARY KEY (lineage, seq)
  );

  -- Policies that were accepted, newest last, whole.
  CREATE TABLE accepted (
    row BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    profile TEXT NOT NULL,
    file TEXT NOT NULL,
    nonce TEXT UNIQUE,
    accepted TEXT NOT NULL
  );
  CREATE INDEX accepted_profile ON accepted (profile);
  CREATE INDEX accepted_file ON accepted (file);

  -- A gateway that runs, and until when it is certainly alive (milliseconds since the epoch, of this database's clock). Once
  -- that has passed, whoever deletes the row settles its calls: a call in flight without the row of its replica is lost.
  CREATE TABLE replica (id TEXT PRIMARY KEY, until BIGINT NOT NULL);

  -- Which replica has a session's connection to a server, where only one may. Free where that replica has no row.
  CREATE TABLE lease (
    session TEXT NOT NULL,
    server TEXT NOT NULL,
    replica TEXT NOT NULL,
    PRIMARY KEY (session, server)
  );
  CREATE INDEX lease_of_replica ON lease (replica);

  -- What replicas write to each other, encrypted under the content key; removed when it has been read.
  CREATE TABLE relay (
    row BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recipient TEXT NOT NULL,
    sender TEXT NOT NULL,
    sealed BYTEA NOT NULL
  );
  CREATE INDEX relay_to ON relay (recipient, row);
  `,
  `
  -- A hold has several answers and may be used several times: JSON lists, in order.
  ALTER TABLE hold ADD COLUMN decisions TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE hold ADD COLUMN uses TEXT NOT NULL DEFAULT '[]';
  UPDATE hold SET decisions = '[' || decision || ']' WHERE decision IS NOT NULL;
  UPDATE hold SET uses = json_build_array(used_by)::text WHERE used_by IS NOT NULL;
  ALTER TABLE hold DROP COLUMN decision;
  ALTER TABLE hold DROP COLUMN used_by;

  -- The principal that asks (as session.owner), whose holds of an hour are counted.
  ALTER TABLE hold ADD COLUMN owner TEXT NOT NULL DEFAULT '';
  UPDATE hold SET owner = coalesce((SELECT session.owner FROM session WHERE session.id = hold.session), '');
  CREATE INDEX hold_of_owner ON hold (owner, placed_at);
  `,
  `
  -- Sessions and holds by tenant (issuer and tenant, as a JSON list): people look at those of theirs, the newest first.
  ALTER TABLE session ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
  ALTER TABLE hold ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
  UPDATE session SET tenant = regexp_replace(
    owner, '^\\[("(?:[^"\\\\]|\\\\.)*"),(?:"(?:[^"\\\\]|\\\\.)*",){2}("(?:[^"\\\\]|\\\\.)*")\\]$', '[\\1,\\2]'
  );
  UPDATE hold SET tenant = (SELECT session.tenant FROM session WHERE session.id = hold.session);
  DROP INDEX session_of_owner;
  CREATE INDEX session_of_owner ON session (owner, row);
  CREATE INDEX session_of_tenant ON session (tenant, row);
  CREATE INDEX session_in_state ON session (tenant, state, row);
  CREATE INDEX hold_asked ON hold (tenant, placed_at);
  `,
  `
  -- What a person found out of a call of unknown outcome (JSON). It may have been tried again when it was not executed.
  ALTER TABLE call ADD COLUMN finding TEXT;
  CREATE INDEX call_unknown ON call (row) WHERE outcome IN ('unknown', 'executed', 'not_executed');
  DROP INDEX call_failed;
  CREATE INDEX call_failed ON call (lineage, target, digest)
    WHERE outcome IN ('tool_error', 'rpc_error', 'unknown', 'not_sent', 'not_executed');
  `,
  `
  -- Of what waits for people, whom it was told to: about is the id of a hold or call, message what a receiver knows a repeated try
  -- by, by the replica that tries. A row goes when nothing waits any more.
  CREATE TABLE told (
    receiver TEXT NOT NULL,
    occasion TEXT NOT NULL,
    about TEXT NOT NULL,
    round INTEGER NOT NULL,
    message TEXT NOT NULL,
    tries INTEGER NOT NULL,
    state TEXT NOT NULL,
    by TEXT NOT NULL,
    at BIGINT NOT NULL,
    again BIGINT,
    PRIMARY KEY (receiver, occasion, about)
  );

  -- Browsers that are told: whose they are, and sealed how they are reached.
  CREATE TABLE push (
    id TEXT PRIMARY KEY,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    tenant TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT NOT NULL
  );
  `,
];
