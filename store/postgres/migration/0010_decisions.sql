-- Replies that may be a STOP: a person decides, and until then the number gets no
-- marketing. kind of inbound may be unsure; source of a change may be decision.

ALTER TABLE inbound ADD COLUMN decided    text   NOT NULL DEFAULT ''; -- stop, reply; empty: not yet
ALTER TABLE inbound ADD COLUMN decided_by text   NOT NULL DEFAULT '';
ALTER TABLE inbound ADD COLUMN decided_at bigint NOT NULL DEFAULT 0;

CREATE INDEX inbound_undecided ON inbound (account, sender, id) WHERE kind = 'unsure' AND decided = '';

ALTER TABLE opt_outs        ADD COLUMN provisional boolean NOT NULL DEFAULT false;
ALTER TABLE opt_out_changes ADD COLUMN provisional boolean NOT NULL DEFAULT false;

CREATE INDEX opt_out_changes_inbound ON opt_out_changes (account, inbound) WHERE inbound IS NOT NULL;
