from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sandbox", "0003_sandbox_engine_alive")]

    operations = [
        migrations.AddField(
            model_name="sandbox",
            name="network",
            field=models.CharField(blank=True, db_index=True, default="", max_length=32),
        ),
    ]
