-- What receivers answered is found by what the event was about, to erase it with the person.
CREATE INDEX deliveries_answered ON deliveries (account, subject) WHERE answer <> '' OR earlier <> '';
