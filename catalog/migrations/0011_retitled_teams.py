"""A team is called something else: the words of its integrations wait to be written anew.

`accounts` lies below the catalog and cannot tell it; so the table of teams does, in the transaction that changes the title.
"""

from django.db import migrations

UP = """
CREATE FUNCTION catalog_team_retitled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_stalewords (integration_id, since)
  SELECT id, statement_timestamp() FROM catalog_integration WHERE team_id = NEW.id ORDER BY id
  ON CONFLICT (integration_id) DO UPDATE SET since = excluded.since;
  RETURN NULL;
END $$;
CREATE TRIGGER catalog_team_retitled AFTER UPDATE ON accounts_team
  FOR EACH ROW WHEN (OLD.title IS DISTINCT FROM NEW.title) EXECUTE FUNCTION catalog_team_retitled();
"""
DOWN = """
DROP TRIGGER catalog_team_retitled ON accounts_team;
DROP FUNCTION catalog_team_retitled();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0010_stale_words"), ("accounts", "0001_initial")]

    operations = [migrations.RunSQL(UP, DOWN)]
