-- Replies that may be a STOP: a person decides, and until then the number gets no
-- marketing. kind of inbound may be unsure; source of a change may be decision.

ALTER TABLE inbound ADD COLUMN decided    TEXT    NOT NULL DEFAULT ''; -- stop, reply; empty: not yet
ALTER TABLE inbound ADD COLUMN decided_by TEXT    NOT NULL DEFAULT '';
ALTER TABLE inbound ADD COLUMN decided_at INTEGER NOT NULL DEFAULT 0;

CREATE INDEX inbound_undecided ON inbound (account, sender, id) WHERE kind = 'unsure' AND decided = '';

ALTER TABLE opt_outs        ADD COLUMN provisional INTEGER NOT NULL DEFAULT 0;
ALTER TABLE opt_out_changes ADD COLUMN provisional INTEGER NOT NULL DEFAULT 0;

CREATE INDEX opt_out_changes_inbound ON opt_out_changes (account, inbound) WHERE inbound IS NOT NULL;
