-- The trace that the messages of a submission belong to: W3C traceparent of the
-- span that accepted them. NULL: none, which is so unless traces are sent.

ALTER TABLE submissions ADD COLUMN trace text;
