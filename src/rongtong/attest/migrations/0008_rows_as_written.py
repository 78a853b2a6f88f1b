"""What waits for the log says when it was written and what the row was: the mark covers its digest, not its key alone.

An entry that was taken away and put back, or a row that was changed beside the triggers, fits no longer. The functions
name their search path and how values are put as text, so that neither a setting nor a schema changes what they write.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import django.contrib.postgres.fields
from django.db import migrations, models

from rongtong.core.sessions import token_of
from rongtong.core.tenancy import Book, as_platform, in_book

SETTINGS = """SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD'
  SET intervalstyle = 'postgres' SET bytea_output = 'hex' SET extra_float_digits = 1"""
FUNCTIONS = f"""
CREATE FUNCTION attest_entry_mark(place text, what text, row_digest text, row_columns int, written_at timestamptz, writer text)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT attest_mark(concat_ws('|', place, what, row_digest, row_columns, (extract(epoch FROM written_at) * 1000000)::bigint, writer))
$$;
CREATE OR REPLACE FUNCTION attest_enqueue() RETURNS trigger LANGUAGE plpgsql {SETTINGS} AS $$
DECLARE
  writer text := attest_writer();
  at timestamptz := clock_timestamp();
  width int := (SELECT count(*) FROM pg_attribute WHERE attrelid = TG_RELID AND attnum > 0 AND NOT attisdropped);
BEGIN
  INSERT INTO attest_pending (step_id, row_digest, row_columns, written_at, writer, mark)
    SELECT id, row_digest, width, at, writer, attest_entry_mark(id::text, 'attest_step', row_digest, width, at, writer)
    FROM (SELECT id, encode(sha256(convert_to(to_jsonb(added)::text, 'UTF8')), 'hex') AS row_digest FROM added) AS written;
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION attest_enqueue_row() RETURNS trigger LANGUAGE plpgsql {SETTINGS} AS $$
DECLARE
  writer text := attest_writer();
  gone boolean := TG_OP = 'DELETE';
  at timestamptz := clock_timestamp();
  width int := (SELECT count(*) FROM pg_attribute WHERE attrelid = TG_RELID AND attnum > 0 AND NOT attisdropped);
BEGIN
  EXECUTE format('INSERT INTO attest_unsealed (id, table_name, row_key, deleted, row_digest, row_columns, written_at, writer, mark)
    SELECT place, $1, row_key, $2, row_digest, $3, $4, $5,
           attest_entry_mark(place::text, concat_ws(''|'', $1, row_key, $2), row_digest, $3, $4, $5)
    FROM (SELECT nextval(''attest_unsealed_id_seq'') AS place, %s AS row_key,
                 encode(sha256(convert_to(to_jsonb(touched)::text, ''UTF8'')), ''hex'') AS row_digest FROM touched) AS written',
    coalesce(TG_ARGV[0], 'id::text')) USING TG_TABLE_NAME::text, gone, width, at, writer;
  RETURN NULL;
END $$;
"""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TABLES = """
SELECT c.relname, g.tgargs FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
WHERE g.tgname = 'seal_insert' AND c.relnamespace = 'public'::regnamespace"""
_WIDTH = "SELECT count(*) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
_ROWS = """
SELECT u.id, u.row_key || '|' || CASE WHEN u.deleted THEN 't' ELSE 'f' END, u.writer, u.mark, t.row_digest
FROM attest_unsealed u
LEFT JOIN (SELECT {key} AS row_key, encode(sha256(convert_to(to_jsonb(one)::text, 'UTF8')), 'hex') AS row_digest
           FROM {table} one) t ON t.row_key = u.row_key
WHERE u.table_name = %s"""
_STEPS = """
SELECT p.step_id, p.writer, p.mark, encode(sha256(convert_to(to_jsonb(s)::text, 'UTF8')), 'hex')
FROM attest_pending p JOIN attest_step s ON s.id = p.step_id"""
_REMARK = "UPDATE {queue} SET row_digest = %s, row_columns = %s, written_at = %s, mark = %s WHERE {key} = %s"


def _mark(writer, said):  # type: ignore[no-untyped-def]
    return hashlib.sha256(f"{token_of(writer.partition('|')[0])}|{said}".encode()).hexdigest()


def mark_what_waits(apps, schema_editor):  # type: ignore[no-untyped-def]
    """Give each entry that the platform wrote the digest of its row as it is now; an entry by another's hand stays one."""
    connection = schema_editor.connection
    with as_platform(), in_book(Book.ALL), connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        at = cursor.fetchone()[0]
        micros = (at - _EPOCH) // timedelta(microseconds=1)

        def width_of(table):  # type: ignore[no-untyped-def]
            cursor.execute(_WIDTH, [connection.ops.quote_name(table)])
            return cursor.fetchone()[0]

        def remark(queue, key, place, *, what, before, writer, mark, row_digest, width):  # type: ignore[no-untyped-def]
            if writer.startswith("|") or not hmac.compare_digest(_mark(writer, before), mark):
                return
            new = _mark(writer, f"{place}|{what}|{row_digest}|{width}|{micros}|{writer}")
            cursor.execute(_REMARK.format(queue=queue, key=key), [row_digest, width, at, new, place])

        cursor.execute(_TABLES)
        for table, arguments in cursor.fetchall():
            width, key = width_of(table), bytes(arguments).rstrip(b"\0").decode() or "id::text"
            cursor.execute(_ROWS.format(table=connection.ops.quote_name(table), key=key), [table])
            for place, said, writer, mark, row_digest in cursor.fetchall():
                what = f"{table}|{said}"
                remark(
                    "attest_unsealed",
                    "id",
                    place,
                    what=what,
                    before=f"{place}|{what}|{writer}",
                    writer=writer,
                    mark=mark,
                    row_digest=row_digest or "",
                    width=width,
                )
        width = width_of("attest_step")
        cursor.execute(_STEPS)
        for step, writer, mark, row_digest in cursor.fetchall():
            remark(
                "attest_pending",
                "step_id",
                step,
                what="attest_step",
                before=f"{step}|{writer}",
                writer=writer,
                mark=mark,
                row_digest=row_digest,
                width=width,
            )


class Migration(migrations.Migration):
    dependencies = [("attest", "0007_writers")]

    operations = [
        *(
            migrations.AddField(queue, name, field)
            for queue in ("unsealed", "pending")
            for name, field in (
                ("row_digest", models.CharField(max_length=64, db_default="")),
                ("row_columns", models.PositiveSmallIntegerField(db_default=0)),
                ("written_at", models.DateTimeField(null=True)),
            )
        ),
        migrations.AddField(
            "seal", "row_places", django.contrib.postgres.fields.ArrayField(models.BigIntegerField(), null=True)
        ),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
        migrations.RunPython(mark_what_waits, migrations.RunPython.noop),
    ]
