-- What a message is to its handset, where it is no ordinary text.

ALTER TABLE submissions ADD COLUMN kind TEXT; -- flash, binary; NULL: an ordinary text
