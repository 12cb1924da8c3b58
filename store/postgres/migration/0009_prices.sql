-- What a message costs, in millionths of the unit of the currency, by the tariff of
-- its connector; 0: not known. What quotas have counted of it, and allow.

ALTER TABLE messages ADD COLUMN price bigint NOT NULL DEFAULT 0;
ALTER TABLE quota_use
	ADD COLUMN money bigint NOT NULL DEFAULT 0,
	ADD COLUMN most_money bigint NOT NULL DEFAULT 0, -- 0: any amount
	ADD CONSTRAINT quota_money CHECK (most_money = 0 OR money <= most_money);
