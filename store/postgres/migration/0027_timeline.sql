-- The timeline of a message stands in its row: an event is a line there, and no row of its own.
-- A line is a JSON list: code, the operator's code, time, status, actor, attempt, the operator's
-- words, and what it says: a code with arguments, or a sentence of before there were any.

ALTER TABLE messages ADD COLUMN timeline text NOT NULL DEFAULT ''; -- as many lines as the column events counts

UPDATE messages m SET timeline = e.timeline, events = e.lines
FROM (SELECT account, message, count(*) AS lines, string_agg('[' || to_json(code) || ',' || to_json(operator_code) || ','
		|| at || ',' || to_json(status) || ',' || to_json(actor) || ',' || attempt || ','
		|| to_json(operator_text) || ',' || CASE WHEN reason = '' THEN to_json(detail)::text ELSE reason END
		|| ']' || chr(10), '' ORDER BY seq) AS timeline
	FROM events GROUP BY account, message) AS e
WHERE m.account = e.account AND m.id = e.message;

DROP TABLE events;
