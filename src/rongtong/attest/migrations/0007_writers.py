"""What queues for the log says who wrote it; rows of any key are sealed; the state of the tables themselves is kept.

`attest_mark` is the digest by which the platform tells its own entries: its session's token, which no table holds, over
the entry. An entry that was put there by hand, or changed, has none that fits.
"""

import django.contrib.postgres.fields
from django.db import migrations, models

import rongtong.core.ids
from rongtong.core.tenancy import append_only, isolate

FUNCTIONS = """
CREATE OR REPLACE FUNCTION attest_writer() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT concat(current_setting('app.session', true), '|', session_user, '|', current_user, '|',
                current_setting('app.migrating', true), '|', current_setting('app.code', true), '|',
                current_setting('application_name'))
$$;
CREATE OR REPLACE FUNCTION attest_mark(entry text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT encode(sha256(convert_to(concat_ws('|', current_setting('app.token', true), entry), 'UTF8')), 'hex')
$$;
CREATE OR REPLACE FUNCTION attest_enqueue() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE writer text := attest_writer();
BEGIN
  INSERT INTO attest_pending (step_id, writer, mark) SELECT id, writer, attest_mark(concat_ws('|', id, writer)) FROM added;
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION attest_enqueue_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE writer text := attest_writer(); gone boolean := TG_OP = 'DELETE';
BEGIN
  EXECUTE format('INSERT INTO attest_unsealed (id, table_name, row_key, deleted, writer, mark)
    SELECT place, $1, row_key, $2, $3, attest_mark(concat_ws(''|'', place, $1, row_key, $2, $3))
    FROM (SELECT nextval(''attest_unsealed_id_seq'') AS place, %s AS row_key FROM touched) AS touched',
    coalesce(TG_ARGV[0], 'id::text')) USING TG_TABLE_NAME::text, gone, writer;
  RETURN NULL;
END $$;
"""
REMARK = """
UPDATE attest_unsealed SET writer = attest_writer();
UPDATE attest_unsealed SET mark = attest_mark(concat_ws('|', id, table_name, row_key, deleted, writer));
UPDATE attest_pending SET writer = attest_writer();
UPDATE attest_pending SET mark = attest_mark(concat_ws('|', step_id, writer));
"""


class Migration(migrations.Migration):
    dependencies = [("attest", "0006_step_versions")]

    operations = [
        migrations.RenameField("unsealed", "row_id", "row_key"),
        migrations.AlterField("unsealed", "row_key", models.CharField(max_length=400)),
        migrations.AddField("unsealed", "writer", models.TextField(db_default="")),
        migrations.AddField("unsealed", "mark", models.CharField(max_length=64, db_default="")),
        migrations.AddField("pending", "writer", models.TextField(db_default="")),
        migrations.AddField("pending", "mark", models.CharField(max_length=64, db_default="")),
        migrations.RenameField("seal", "row_ids", "row_keys"),
        migrations.AlterField(
            "seal", "row_keys", django.contrib.postgres.fields.ArrayField(models.CharField(max_length=400))
        ),
        migrations.AddField("seal", "version", models.PositiveSmallIntegerField(default=1, db_default=1)),
        migrations.AddField("seal", "writer", models.JSONField(null=True)),
        migrations.AddField(
            "seal", "queue_ids", django.contrib.postgres.fields.ArrayField(models.BigIntegerField(), null=True)
        ),
        migrations.CreateModel(
            name="Structure",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=rongtong.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("migrations", models.CharField(max_length=64)),
                ("parts", models.JSONField()),
                ("code", models.CharField(max_length=60)),
                ("recorded_at", models.DateTimeField()),
            ],
            options={"db_table": "attest_structure"},
        ),
        append_only("attest_structure"),
        isolate("attest_structure"),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
        migrations.RunSQL(REMARK, migrations.RunSQL.noop),
    ]
