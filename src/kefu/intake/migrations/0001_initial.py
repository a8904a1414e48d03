"""Tables of intake."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [("people", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Intake",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("actor_kind", models.CharField(max_length=12)),
                ("actor_id", models.BigIntegerField()),
                ("actor_name", models.CharField(max_length=80)),
                ("kind", models.CharField(max_length=40)),
                ("folder", models.CharField(max_length=40, unique=True)),
                ("file_name", models.CharField(max_length=100)),
                ("language", models.CharField(blank=True, max_length=10)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "排队中"),
                            ("running", "导入中"),
                            ("done", "已完成"),
                            ("failed", "未能完成"),
                            ("stopped", "已停止"),
                        ],
                        default="queued",
                        max_length=8,
                    ),
                ),
                ("failure", models.CharField(blank=True, max_length=60)),
                ("run_id", models.BigIntegerField(null=True)),
                ("total", models.PositiveBigIntegerField(default=0)),
                ("read", models.PositiveBigIntegerField(default=0)),
                ("stored", models.PositiveBigIntegerField(default=0)),
                ("present", models.PositiveBigIntegerField(default=0)),
                ("refused", models.PositiveBigIntegerField(default=0)),
                ("lease", models.CharField(blank=True, max_length=32)),
                ("leased_until", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "site",
                    models.ForeignKey(
                        db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.site"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state__in", ("queued", "running"))), fields=["id"], name="intake_due"),
                    models.Index(fields=["actor_kind", "actor_id", "-id"], name="intake_of_actor"),
                ],
            },
        ),
    ]
