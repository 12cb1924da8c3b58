-- What a message costs, in millionths of the unit of the currency, by the tariff of
-- its connector; 0: not known. What quotas have counted of it.

ALTER TABLE messages ADD COLUMN price INTEGER NOT NULL DEFAULT 0;
ALTER TABLE quota_use ADD COLUMN money INTEGER NOT NULL DEFAULT 0;
