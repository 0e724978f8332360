from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sandbox", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="sandbox",
            name="layout",
            field=models.JSONField(blank=True, null=True),
        ),
    ]
