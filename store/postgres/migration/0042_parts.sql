-- Parts of a long message that arrived, where each has a receipt of its own: a key for each; NULL: none.

ALTER TABLE messages ADD COLUMN arrived text;

-- Of a receipt of a part: how many there are, and which one it is.
ALTER TABLE receipts ADD COLUMN parts integer NOT NULL DEFAULT 0;
ALTER TABLE receipts ADD COLUMN part text NOT NULL DEFAULT '';

DROP INDEX receipts_once;
CREATE UNIQUE INDEX receipts_once ON receipts (provider_id, connector, status, code, ref, part);
