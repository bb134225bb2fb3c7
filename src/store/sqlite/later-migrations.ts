/** The format of the file, gone on with: what came after its first tables stood. A migration, once released, is never edited. */

export const LATER_MIGRATIONS: readonly string[] = [
  `
  -- A hold has several answers and may be used several times: JSON lists, in order.
  ALTER TABLE hold ADD COLUMN decisions TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE hold ADD COLUMN uses TEXT NOT NULL DEFAULT '[]';
  UPDATE hold SET decisions = json_array(json(decision)) WHERE decision IS NOT NULL;
  UPDATE hold SET uses = json_array(used_by) WHERE used_by IS NOT NULL;
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
  UPDATE session SET tenant = json_array(owner ->> 0, owner ->> 3);
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
    at INTEGER NOT NULL,
    again INTEGER,
    PRIMARY KEY (receiver, occasion, about)
  ) STRICT;

  -- Browsers that are told: whose they are, and sealed how they are reached.
  CREATE TABLE push (
    id TEXT PRIMARY KEY,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    tenant TEXT NOT NULL,
    sealed BLOB NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL
  ) STRICT;
  `,
];
