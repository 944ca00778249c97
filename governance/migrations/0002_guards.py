"""What the database itself keeps: numbers of change requests that never repeat, and votes that nobody can change."""

from django.db import migrations

NUMBERS = "CREATE SEQUENCE governance_change_number"

VOTES = """
CREATE FUNCTION governance_votes_stand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Votes are append-only: % is refused.', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER governance_vote_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON governance_vote
    FOR EACH STATEMENT EXECUTE FUNCTION governance_votes_stand();
"""

UNDO_VOTES = """
DROP TRIGGER governance_vote_append_only ON governance_vote;
DROP FUNCTION governance_votes_stand();
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_initial")]

    operations = [
        migrations.RunSQL(NUMBERS, "DROP SEQUENCE governance_change_number"),
        migrations.RunSQL(VOTES, UNDO_VOTES),
    ]
