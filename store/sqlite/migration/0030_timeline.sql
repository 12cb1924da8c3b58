-- The timeline of a message stands in its row: an event is a line there, and no row of its own.
-- A line is a JSON list: code, the operator's code, time, status, actor, attempt, the operator's
-- words, and what it says: a code with arguments, or a sentence of before there were any.

ALTER TABLE messages ADD COLUMN timeline TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN events INTEGER NOT NULL DEFAULT 0; -- lines of the timeline

UPDATE messages SET (timeline, events) = (
	SELECT coalesce(group_concat(line || char(10), ''), ''), count(*) FROM (
		SELECT json_array(code, coalesce(operator_code, ''), at, status, actor, attempt,
			coalesce(operator_text, ''), iif(reason = '', detail, json(nullif(reason, '')))) AS line
		FROM events e WHERE e.account = messages.account AND e.message = messages.id ORDER BY seq));

DROP TABLE events;
