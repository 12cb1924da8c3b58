-- A campaign over a size that the account names starts once somebody else agreed: who wrote
-- it, beside whoever began it, and who agreed.

ALTER TABLE campaigns ADD COLUMN authors text NOT NULL DEFAULT ''; -- JSON list of actors; empty: none beside created_by
ALTER TABLE campaigns ADD COLUMN approved_by text NOT NULL DEFAULT '';
ALTER TABLE campaigns ADD COLUMN approved_at bigint NOT NULL DEFAULT 0;
