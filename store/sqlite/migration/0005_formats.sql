-- Endpoints that get their events in the shape of another gateway.

ALTER TABLE endpoints ADD COLUMN format TEXT NOT NULL DEFAULT ''; -- empty: signed JSON

DROP INDEX endpoints_request;
CREATE UNIQUE INDEX endpoints_request ON endpoints (account, url, format) WHERE origin = 'request';
