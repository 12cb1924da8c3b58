-- What a campaign sends, as a keyed hash over its texts and numbers, so that nobody sends the same table
-- twice by mistake.

ALTER TABLE campaigns ADD COLUMN sends TEXT NOT NULL DEFAULT ''; -- empty: not known, or numbers were forgotten
CREATE INDEX campaigns_sends ON campaigns (account, sends) WHERE sends <> '';
