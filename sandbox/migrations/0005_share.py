import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import sandbox.models


class Migration(migrations.Migration):
    dependencies = [("sandbox", "0004_sandbox_network")]

    operations = [
        migrations.CreateModel(
            name="Share",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token", models.CharField(default=sandbox.models.new_token, max_length=43, unique=True)),
                ("created", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "sandbox",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="share",
                        to="sandbox.sandbox",
                    ),
                ),
            ],
        ),
    ]
