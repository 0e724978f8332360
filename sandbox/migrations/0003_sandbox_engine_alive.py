from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sandbox", "0002_sandbox_layout")]

    operations = [
        migrations.AddField(
            model_name="sandbox",
            name="engine_alive",
            field=models.BooleanField(default=True),
        ),
    ]
