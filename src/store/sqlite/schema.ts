/** The format of the file. A migration, once released, is never edited; a new one is added below it. */

import { LATER_MIGRATIONS } from './later-migrations.ts';

/** "TOLG": marks the file as a Tollgate ledger (`PRAGMA application_id`). */
export const APPLICATION_ID = 0x544f4c47;

/** `PRAGMA user_version` counts how many of these a file has seen. */
export const MIGRATIONS: readonly string[] = [
  `
  -- One row: the ledger's name, proof of the content key, and the head of the gateway chain.
  CREATE TABLE ledger (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    instance TEXT NOT NULL,
    key_check BLOB NOT NULL,
    head INTEGER NOT NULL,
    hash TEXT NOT NULL,
    seq INTEGER NOT NULL
  ) STRICT;

  -- A session, what it used, its wrapped content key, and the head of its chain. busy_since is null when in_flight is 0.
  CREATE TABLE session (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    identity TEXT NOT NULL,
    principal TEXT NOT NULL,
    profile TEXT NOT NULL,
    folder TEXT,
    state TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    content_key BLOB NOT NULL,
    used TEXT NOT NULL,
    in_flight INTEGER NOT NULL,
    busy_since INTEGER,
    head INTEGER NOT NULL,
    hash TEXT NOT NULL,
    seq INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX session_live ON session (identity) WHERE state IN ('created', 'running', 'paused');

  -- The chains, interleaved in commit order. prev is the entry of the predecessor in the same chain, 0 for the first.
  CREATE TABLE journal (
    entry INTEGER PRIMARY KEY,
    session TEXT NOT NULL,
    seq INTEGER NOT NULL,
    prev INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    call TEXT,
    body TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;

  -- What lies beside an entry: arguments beside an intent or a hold, a result beside an outcome. Encrypted.
  CREATE TABLE content (entry INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;

  -- A call from its intent on. intent and settled are journal entries. binds is 1 while an identical call must attach.
  CREATE TABLE call (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    session TEXT NOT NULL,
    target TEXT NOT NULL,
    digest TEXT NOT NULL,
    effect TEXT NOT NULL,
    deadline INTEGER NOT NULL,
    intent INTEGER NOT NULL,
    binds INTEGER,
    outcome TEXT,
    settled_at INTEGER,
    settled INTEGER
  ) STRICT;
  CREATE INDEX call_in_flight ON call (session) WHERE outcome IS NULL;
  CREATE INDEX call_binding ON call (session, target, digest) WHERE binds = 1;

  -- A hold and, once it is answered, its grant. entry is the journal entry beside which its arguments lie.
  CREATE TABLE hold (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    session TEXT NOT NULL,
    target TEXT NOT NULL,
    digest TEXT NOT NULL,
    binding TEXT NOT NULL,
    bound TEXT NOT NULL,
    effect TEXT NOT NULL,
    entry INTEGER NOT NULL,
    state TEXT NOT NULL,
    placed_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    decision TEXT,
    used_by TEXT
  ) STRICT;
  CREATE INDEX hold_of_call ON hold (session, target, digest);
  CREATE INDEX hold_pending ON hold (session) WHERE state IN ('open', 'approved');
  `,
  `
  -- What a session has touched: a JSON list, sorted. Sessions are found by whose they are, too.
  ALTER TABLE session ADD COLUMN labels TEXT NOT NULL DEFAULT '[]';
  CREATE INDEX session_of_principal ON session (
    principal ->> 'issuer', principal ->> 'subject', principal ->> 'client', principal ->> 'tenant'
  );

  -- When a call's intent was written, and what rules over earlier calls may ask of it (JSON).
  ALTER TABLE call ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE call ADD COLUMN fields TEXT NOT NULL DEFAULT '{}';
  UPDATE call SET at = coalesce((SELECT journal.at FROM journal WHERE entry = call.intent), 0);
  CREATE INDEX call_past ON call (session, target, settled_at);

  -- Why the agent said it called, encrypted; null where it said nothing.
  ALTER TABLE content ADD COLUMN reason BLOB;
  -- The arguments of a refused call lie beside its entry.
  CREATE INDEX journal_refused ON journal (call) WHERE kind = 'refused';
    `,
  `
  -- Policies that were accepted, newest last, whole: a gateway falls back on one where its file is wider.
  CREATE TABLE accepted (
    row INTEGER PRIMARY KEY,
    profile TEXT NOT NULL,
    file TEXT NOT NULL,
    nonce TEXT UNIQUE,
    accepted TEXT NOT NULL
  ) STRICT;
  CREATE INDEX accepted_profile ON accepted (profile);
  CREATE INDEX accepted_file ON accepted (file);
  `,
  `
  -- Whose a session is, as a text that every database compares alike; and the first of the sessions that follow each
  -- other, which is what calls and holds are looked for by.
  DROP INDEX session_of_principal;
  ALTER TABLE session ADD COLUMN owner TEXT NOT NULL DEFAULT '';
  ALTER TABLE session ADD COLUMN lineage TEXT NOT NULL DEFAULT '';
  UPDATE session SET lineage = id, owner = json_array(
    principal ->> 'issuer', principal ->> 'subject', principal ->> 'client', principal ->> 'tenant'
  );
  CREATE INDEX session_of_owner ON session (owner);

  -- Named sessions are found by their id alone; described is the journal entry beside which their description lies.
  -- touched_at is the last intent or outcome, charged_since the first charge after budgets were last full. ended says how
  -- a session ended (completed, expired), and successor which one goes on where an implicit one expired.
  ALTER TABLE session ADD COLUMN named INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE session ADD COLUMN described INTEGER;
  ALTER TABLE session ADD COLUMN touched_at INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE session ADD COLUMN charged_since INTEGER;
  ALTER TABLE session ADD COLUMN ended TEXT;
  ALTER TABLE session ADD COLUMN ended_at INTEGER;
  ALTER TABLE session ADD COLUMN successor TEXT;
  UPDATE session SET touched_at = opened_at;
  UPDATE session SET ended = state, ended_at = (SELECT at FROM journal WHERE entry = session.head) WHERE state = 'completed';
  DROP INDEX session_live;
  CREATE UNIQUE INDEX session_live ON session (identity) WHERE named = 0 AND state IN ('created', 'running', 'paused');
  CREATE UNIQUE INDEX session_unfollowed ON session (identity)
    WHERE named = 0 AND ended = 'expired' AND successor IS NULL;
  CREATE INDEX session_age ON session (profile, opened_at) WHERE state IN ('created', 'running');
  CREATE INDEX session_ended ON session (ended_at) WHERE ended_at IS NOT NULL;

  ALTER TABLE call ADD COLUMN lineage TEXT NOT NULL DEFAULT '';
  UPDATE call SET lineage = session;
  DROP INDEX call_binding;
  DROP INDEX call_past;
  CREATE INDEX call_binding ON call (lineage, target, digest) WHERE binds = 1;
  CREATE INDEX call_past ON call (lineage, target, settled_at);

  ALTER TABLE hold ADD COLUMN lineage TEXT NOT NULL DEFAULT '';
  UPDATE hold SET lineage = session;
  DROP INDEX hold_of_call;
  DROP INDEX hold_pending;
  CREATE INDEX hold_of_call ON hold (lineage, target, digest);
  CREATE INDEX hold_pending ON hold (lineage) WHERE state IN ('open', 'approved');

  -- What people added to the caps of a session (JSON), and the calls that a retry is a retry of.
  ALTER TABLE session ADD COLUMN extended TEXT NOT NULL DEFAULT '{}';
  CREATE INDEX call_failed ON call (lineage, target, digest)
    WHERE outcome IN ('tool_error', 'rpc_error', 'unknown', 'not_sent');

  -- What all sessions of a principal (owner) used under a profile of a budget's kind, in the window that began at since.
  CREATE TABLE principal_budget (
    owner TEXT NOT NULL,
    profile TEXT NOT NULL,
    kind TEXT NOT NULL,
    since INTEGER NOT NULL,
    used INTEGER NOT NULL,
    PRIMARY KEY (owner, profile, kind)
  ) STRICT;

  -- What people stopped, until it is lifted. lineage is of a session or call; target and digest are those of a call.
  CREATE TABLE stop (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    lineage TEXT,
    target TEXT,
    digest TEXT,
    by TEXT NOT NULL,
    why TEXT NOT NULL,
    at INTEGER NOT NULL,
    lifted_by TEXT,
    lifted_why TEXT,
    lifted_at INTEGER
  ) STRICT;
  CREATE INDEX stop_standing ON stop (row) WHERE lifted_at IS NULL;

  -- What agents wrote down, counted from 1 along the sessions that follow each other. entry is the journal entry beside
  -- which the content lies, total the bytes of all contents so far.
  CREATE TABLE event (
    lineage TEXT NOT NULL,
    seq INTEGER NOT NULL,
    session TEXT NOT NULL,
    type TEXT NOT NULL,
    at INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    total INTEGER NOT NULL,
    PRIMARY KEY (lineage, seq)
  ) STRICT, WITHOUT ROWID;

  -- Who makes a call. A file has one owner: the tables of replicas stay empty here.
  ALTER TABLE call ADD COLUMN replica TEXT NOT NULL DEFAULT '';
  CREATE TABLE replica (id TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT;
  CREATE TABLE lease (
    session TEXT NOT NULL,
    server TEXT NOT NULL,
    replica TEXT NOT NULL,
    PRIMARY KEY (session, server)
  ) STRICT;
  CREATE TABLE relay (
    row INTEGER PRIMARY KEY,
    recipient TEXT NOT NULL,
    sender TEXT NOT NULL,
    sealed BLOB NOT NULL
  ) STRICT;

  -- Bytes of sealed contents that are kept of a session. The content_key of an archived one is empty.
  ALTER TABLE session ADD COLUMN content_bytes INTEGER NOT NULL DEFAULT 0;
  UPDATE session SET content_bytes = kept.bytes FROM (
    SELECT journal.session AS id, sum(length(sealed) + coalesce(length(reason), 0)) AS bytes
    FROM content JOIN journal USING (entry) GROUP BY journal.session
  ) AS kept WHERE session.id = kept.id;
  CREATE INDEX session_of_lineage ON session (lineage);
  CREATE INDEX journal_policy ON journal (entry) WHERE kind = 'policy';

  -- One row once the ledger is being moved to another place, finished or not: this file is no ledger any more.
  CREATE TABLE moved (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    place TEXT NOT NULL,
    finished INTEGER NOT NULL
  ) STRICT;
  `,
  ...LATER_MIGRATIONS,
];
