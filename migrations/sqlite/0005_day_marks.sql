-- Whether the papers of a day have changed is asked often, and answered from this index alone.
CREATE INDEX papers_day_marks ON papers (available_at, backfill, withdrawn, revision, id);
