-- What an effect is, beside its body: those that need the outside world are taken apart from the rest, and counted.
-- Effects from before this have none and go with the rest.
ALTER TABLE outbox ADD COLUMN kind text COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX outbox_kind ON outbox(kind, next_try, since);
