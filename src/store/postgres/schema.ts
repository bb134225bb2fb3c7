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
  -- first of the sessions that follow each other (lineage) are texts.
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
    labels TEXT NOT NULL,
    in_flight BIGINT NOT NULL,
    busy_since BIGINT,
    head BIGINT NOT NULL,
    hash TEXT NOT NULL,
    seq BIGINT NOT NULL
  );
  CREATE UNIQUE INDEX session_live ON session (identity) WHERE state IN ('created', 'running', 'paused');
  CREATE INDEX session_of_owner ON session (owner);

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
];
