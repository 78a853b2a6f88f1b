"""The tables of the database as its catalogue has them, each digested with all that guards its rows."""

from __future__ import annotations

from django.db import connection

from rongtong.attest import models
from rongtong.core.canonical import digest

_MIGRATIONS = "SELECT app || '.' || name FROM django_migrations ORDER BY 1"
_OUTSIDE = "^(procrastinate_|pg_)"
"""The queue of jobs is its library's."""
_CASTS = r"::character varying(\(\d+\))?|::text(\[\])?"
_ALONE = r"\((\w+|'[^']*'|ARRAY\[[^][()]*\])\)"
"""PostgreSQL words an expression otherwise once it was dumped and restored: casts of texts stand at the list or at each
member, in brackets of their own. Both are left out of what is digested."""
_PARTS = f"""
WITH named AS (SELECT oid, relname, relrowsecurity, relforcerowsecurity FROM pg_class
               WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname !~ '{_OUTSIDE}'),
     said AS (
  SELECT relname AS part, 'rows ' || relrowsecurity || relforcerowsecurity AS line FROM named
  UNION ALL SELECT relname, concat_ws(' ', 'column', attname, format_type(atttypid, atttypmod), attnotnull,
                                      pg_get_expr(adbin, adrelid))
    FROM named JOIN pg_attribute ON attrelid = oid AND attnum > 0 AND NOT attisdropped
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
  UNION ALL SELECT relname, concat_ws(' ', 'constraint', conname, convalidated, pg_get_constraintdef(c.oid))
    FROM named JOIN pg_constraint c ON conrelid = named.oid
  UNION ALL SELECT relname, concat_ws(' ', 'index', indisvalid, pg_get_indexdef(indexrelid))
    FROM named JOIN pg_index ON indrelid = named.oid WHERE indisunique
  UNION ALL SELECT relname, concat_ws(' ', 'trigger', tgenabled, pg_get_triggerdef(t.oid))
    FROM named JOIN pg_trigger t ON tgrelid = named.oid WHERE NOT tgisinternal
  UNION ALL SELECT relname, concat_ws(' ', 'internal trigger', tgenabled, tgconstraint::regclass, tgfoid::regproc)
    FROM named JOIN pg_trigger t ON tgrelid = named.oid WHERE tgisinternal AND tgenabled <> 'O'
  UNION ALL SELECT relname, concat_ws(' ', 'rule', polname, polcmd, polpermissive, pg_get_expr(polqual, polrelid),
                                      pg_get_expr(polwithcheck, polrelid))
    FROM named JOIN pg_policy ON polrelid = named.oid
  UNION ALL SELECT relname, 'rewrite ' || pg_get_ruledef(r.oid) FROM named JOIN pg_rewrite r ON ev_class = named.oid
  UNION ALL SELECT p.proname || '()', pg_get_functiondef(p.oid)
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f' AND p.proname !~ '{_OUTSIDE}')
SELECT part, encode(sha256(convert_to(string_agg(line, E'\n' ORDER BY line), 'UTF8')), 'hex')
FROM (SELECT part, regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        line, $cast${_CASTS}$cast$, '', 'g'), $alone${_ALONE}$alone$, '\\1', 'g'),
        $alone${_ALONE}$alone$, '\\1', 'g'), $alone${_ALONE}$alone$, '\\1', 'g') AS line FROM said) AS plain
GROUP BY part"""


def applied_migrations() -> str:
    """The digest of the names of all migrations that were applied."""
    with connection.cursor() as cursor:
        cursor.execute(_MIGRATIONS)
        return digest([name for (name,) in cursor.fetchall()])


def parts() -> dict[str, str]:
    """The digest of each table and function of the platform, by name."""
    with connection.cursor() as cursor:
        cursor.execute(_PARTS)
        return dict(cursor.fetchall())


def changed_part() -> str | None:
    """The first table or function that is not as the applied migrations made it; None if all are, or nothing was attested yet."""
    recorded = models.Structure.objects.filter(migrations=applied_migrations()).order_by("id").first()
    if recorded is None:
        return None
    now = parts()
    for name in sorted(recorded.parts.keys() | now.keys()):
        if recorded.parts.get(name) != now.get(name):
            return f"{name}: not the structure that the migrations made: a key, check, trigger, column or rule differs"
    return None
