-- What a finished report's rows add up to, counted when it is first asked for. Text, so that every answer has its
-- members in one order; its `form` tells whether this version would still count the same.
ALTER TABLE reports ADD COLUMN summary json;
