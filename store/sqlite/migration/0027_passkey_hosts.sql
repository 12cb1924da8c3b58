-- The host that each passkey was made for: it opens no console under another name. Empty
-- where it is not known: it is learned when the passkey is used.
ALTER TABLE passkeys ADD COLUMN host TEXT NOT NULL DEFAULT '';
