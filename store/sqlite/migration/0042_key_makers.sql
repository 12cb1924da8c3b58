-- Who made a key in the console: of a campaign, a key and whoever made it are one person.

ALTER TABLE keys ADD COLUMN made_by TEXT NOT NULL DEFAULT ''; -- an actor; empty: nobody in the console, or not known
