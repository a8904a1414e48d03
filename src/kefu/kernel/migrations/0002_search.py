"""The search index proper: a tsvector column on PostgreSQL, an FTS5 table on SQLite."""

from django.db import migrations


def build(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("CREATE VIRTUAL TABLE kernel_search_fts USING fts5(tokens, tokenize = \"unicode61 remove_diacritics 0\")")
        return
    schema_editor.execute("ALTER TABLE kernel_searchdocument ADD COLUMN vector tsvector")
    schema_editor.execute("CREATE INDEX search_vector ON kernel_searchdocument USING gin (vector) WITH (fastupdate = off)")


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE kernel_search_fts")
        return
    schema_editor.execute("ALTER TABLE kernel_searchdocument DROP COLUMN vector")


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [migrations.RunPython(build, drop)]
