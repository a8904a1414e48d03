"""Indexes of the two views that every list of cases counts: nobody's cases, and those that wait for the customer."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_talk_and_attention")]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["site", "next_due_at", "id"], name="case_unassigned", condition=models.Q(is_open=True, assignee__isnull=True)
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["site", "next_due_at", "id"], name="case_waiting", condition=models.Q(is_open=True, status="waiting_customer")
            ),
        ),
    ]
