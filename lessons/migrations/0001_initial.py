import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import lessons.models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Learner",
            fields=[
                (
                    "key",
                    models.CharField(
                        default=lessons.models.new_key, max_length=20, primary_key=True, serialize=False
                    ),
                ),
                ("created", models.DateTimeField(default=django.utils.timezone.now)),
                ("seen", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="StepReady",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sandbox", models.CharField(max_length=40)),
                ("lesson", models.CharField(max_length=100)),
                ("step", models.CharField(max_length=100)),
                ("done_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("sandbox", "lesson", "step"), name="lessons_setup_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="CheckRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("lesson", models.CharField(max_length=100)),
                ("step", models.CharField(max_length=100)),
                (
                    "kind",
                    models.CharField(
                        choices=[("check", "Check"), ("setup", "Setup")], default="check", max_length=5
                    ),
                ),
                ("asked", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("running", "Running"), ("finished", "Finished")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("requested_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("queued_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("lease", models.DateTimeField(blank=True, null=True)),
                ("token", models.CharField(blank=True, max_length=20)),
                ("result", models.CharField(blank=True, max_length=10)),
                ("hint", models.TextField(blank=True)),
                (
                    "learner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="checks",
                        to="lessons.learner",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["state", "lease"], name="lessons_che_state_e285bf_idx")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("learner", "lesson", "step", "kind"),
                        name="lessons_one_waiting_check",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "running")),
                        fields=("learner",),
                        name="lessons_one_running_check",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StepProgress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("lesson", models.CharField(max_length=100)),
                ("step", models.CharField(max_length=100)),
                ("done_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "learner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="progress",
                        to="lessons.learner",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("learner", "lesson", "step"), name="lessons_step_done_once"
                    )
                ],
            },
        ),
    ]
