"""What the database's catalogue holds that guards rows or could act on them, each part digested: tables, functions, roles."""

from __future__ import annotations

from django.db import connection

from rongtong.attest import models
from rongtong.core.canonical import digest
from rongtong.core.roles import APP_ROLE

_MIGRATIONS = "SELECT app || '.' || name FROM django_migrations ORDER BY 1"
_LAST_OF_POSTGRESQL = 16384
"""What PostgreSQL itself brings has a smaller number; what anybody made since, in whatever schema, has one from here on."""
_CASTS = r"::character varying(\(\d+\))?|::text(\[\])?"
_ALONE = r"\((\w+|'[^']*'|ARRAY\[[^][()]*\])\)"
"""PostgreSQL words an expression otherwise once it was dumped and restored: casts of texts stand at the list or at each
member, in brackets of their own. Both are left out of what is digested."""
BROUGHT = "functions of PostgreSQL "
"""What the server of one version brings; another version's is another part, and is not compared with it."""
_ROLE = """
(SELECT CASE WHEN one.oid = (SELECT relowner FROM me) THEN 'owner' WHEN one.oid = 10 THEN 'superuser' ELSE rolname::text END
 FROM pg_roles one WHERE one.oid = {role})"""
"""A role as it is called here: the tables' owner has another name elsewhere."""


def _grants(kind: str, acl: str, owner: str) -> str:
    role = _ROLE.format(role="grantee")
    return f"""(SELECT string_agg(concat_ws(' ', coalesce({role}, 'public'), privilege_type, is_grantable), ',' ORDER BY
                 coalesce({role}, 'public'), privilege_type) FROM aclexplode(coalesce({acl}, acldefault('{kind}', {owner}))))"""


_PARTS = f"""
WITH me AS (SELECT relowner FROM pg_class WHERE oid = 'django_migrations'::regclass),
     spaces AS (SELECT oid, nspname, nspowner, nspacl, CASE nspname WHEN 'public' THEN '' ELSE nspname || '.' END AS prefix
                FROM pg_namespace WHERE nspname !~ '^pg_(toast$|toast_temp_|temp_)'),
     roles AS (SELECT pg_roles.*, {_ROLE.format(role="pg_roles.oid")} AS called FROM pg_roles
               WHERE rolname = '{APP_ROLE}' OR oid = (SELECT relowner FROM me)),
     named AS (SELECT pg_class.*, prefix || pg_class.relname AS part FROM pg_class JOIN spaces ON relnamespace = spaces.oid
               WHERE pg_class.oid >= {_LAST_OF_POSTGRESQL} AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')),
     said AS (
  SELECT part, concat_ws(' ', 'rows', relkind, relrowsecurity, relforcerowsecurity, {_ROLE.format(role="relowner")},
                         {_grants("r", "relacl", "relowner")}) AS line FROM named WHERE relkind <> 'S'
  UNION ALL SELECT part, concat_ws(' ', 'sequence', {_ROLE.format(role="relowner")}, {_grants("s", "relacl", "relowner")},
                                   seqstart, seqincrement, seqmin, seqmax, seqcycle)
    FROM named JOIN pg_sequence ON seqrelid = named.oid
  UNION ALL SELECT part, concat_ws(' ', 'column', attname, format_type(atttypid, atttypmod), attnotnull,
                                   attgenerated, attidentity, pg_get_expr(adbin, adrelid),
                                   {_grants("c", "attacl", "relowner")})
    FROM named JOIN pg_attribute ON attrelid = named.oid AND attnum > 0 AND NOT attisdropped
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE relkind <> 'S'
  UNION ALL SELECT part, concat_ws(' ', 'constraint', conname, convalidated, pg_get_constraintdef(c.oid))
    FROM named JOIN pg_constraint c ON conrelid = named.oid
  UNION ALL SELECT part, concat_ws(' ', 'index', indisvalid, pg_get_indexdef(indexrelid))
    FROM named JOIN pg_index ON indrelid = named.oid
  UNION ALL SELECT part, concat_ws(' ', 'trigger', tgenabled, pg_get_triggerdef(t.oid))
    FROM named JOIN pg_trigger t ON tgrelid = named.oid WHERE NOT tgisinternal
  UNION ALL SELECT part, concat_ws(' ', 'internal trigger', tgenabled, tgconstraint::regclass, tgfoid::regproc)
    FROM named JOIN pg_trigger t ON tgrelid = named.oid WHERE tgisinternal AND tgenabled <> 'O'
  UNION ALL SELECT part, concat_ws(' ', 'rule', polname, polcmd, polpermissive, pg_get_expr(polqual, polrelid),
                                   pg_get_expr(polwithcheck, polrelid))
    FROM named JOIN pg_policy ON polrelid = named.oid
  UNION ALL SELECT part, 'rewrite ' || pg_get_ruledef(r.oid) FROM named JOIN pg_rewrite r ON ev_class = named.oid
  UNION ALL SELECT prefix || proname || '()', concat_ws(' ', {_ROLE.format(role="proowner")},
                                   {_grants("f", "proacl", "proowner")}, prokind, pg_get_function_identity_arguments(p.oid),
                                   CASE WHEN prokind <> 'a' THEN pg_get_functiondef(p.oid) END)
    FROM pg_proc p JOIN spaces ON pronamespace = spaces.oid WHERE p.oid >= {_LAST_OF_POSTGRESQL}
  UNION ALL SELECT 'schema ' || nspname, {_grants("n", "nspacl", "nspowner")}
    FROM spaces WHERE oid >= {_LAST_OF_POSTGRESQL} OR nspname = 'public'
  UNION ALL SELECT 'types', concat_ws(' ', prefix || typname, typtype, typbasetype::regtype, typnotnull, typdefault,
                                   typinput::regproc, typoutput::regproc)
    FROM pg_type t JOIN spaces ON typnamespace = spaces.oid
    WHERE t.oid >= {_LAST_OF_POSTGRESQL} AND typtype IN ('b', 'd', 'e', 'r') AND typelem = 0
  UNION ALL SELECT 'types', concat_ws(' ', enumtypid::regtype, enumlabel) FROM pg_enum
  UNION ALL SELECT 'operators', concat_ws(' ', oprname, oprleft::regtype, oprright::regtype, oprcode)
    FROM pg_operator WHERE oid >= {_LAST_OF_POSTGRESQL}
  UNION ALL SELECT 'casts', concat_ws(' ', castsource::regtype, casttarget::regtype, castfunc::regproc, castcontext)
    FROM pg_cast WHERE oid >= {_LAST_OF_POSTGRESQL}
  UNION ALL SELECT 'event triggers', concat_ws(' ', evtname, evtevent, evtenabled, evtfoid::regproc, evttags)
    FROM pg_event_trigger
  UNION ALL SELECT 'extensions', concat_ws(' ', extname, extversion) FROM pg_extension
  UNION ALL SELECT 'languages', concat_ws(' ', lanname, lanpltrusted, lanplcallfoid::regproc, {_grants("l", "lanacl", "lanowner")})
    FROM pg_language
  UNION ALL SELECT 'publications', pubname::text FROM pg_publication
  UNION ALL SELECT 'foreign servers', srvname::text FROM pg_foreign_server
  UNION ALL SELECT 'default privileges', concat_ws(' ', {_ROLE.format(role="defaclrole")}, nspname, defaclobjtype,
                                   {_grants("r", "defaclacl", "defaclrole")})
    FROM pg_default_acl LEFT JOIN pg_namespace n ON n.oid = defaclnamespace
  UNION ALL SELECT 'settings of roles and database', concat_ws(' ', setdatabase <> 0, {_ROLE.format(role="setrole")}, setconfig)
    FROM pg_db_role_setting WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
     AND (setrole = 0 OR setrole IN (SELECT oid FROM roles))
  UNION ALL SELECT 'role ' || called, concat_ws(' ', rolsuper, rolbypassrls, rolreplication,
                                   CASE WHEN called <> 'owner' THEN concat_ws(' ', rolcanlogin, rolcreaterole, rolcreatedb) END)
    FROM roles
  UNION ALL SELECT 'role ' || called, 'is a ' || {_ROLE.format(role="roleid")} FROM roles JOIN pg_auth_members ON member = roles.oid
  UNION ALL SELECT 'role {APP_ROLE}', 'taken by ' || {_ROLE.format(role="member")} FROM roles JOIN pg_auth_members ON roleid = roles.oid
    WHERE rolname = '{APP_ROLE}'
  UNION ALL SELECT '{BROUGHT}' || current_setting('server_version_num'), concat_ws(' ', oid, proname, prosrc, probin, proargtypes,
                                   prolang, prosecdef, proconfig,
                                   replace(proacl::text, (SELECT rolname FROM pg_roles WHERE oid = 10)::text, 'superuser'))
    FROM pg_proc WHERE oid < {_LAST_OF_POSTGRESQL})
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
    """The digest of each table, function and whatever else the database holds that could act on rows, by name, in all schemas."""
    with connection.cursor() as cursor:
        cursor.execute(_PARTS)
        return dict(cursor.fetchall())


def changed_part() -> str | None:
    """The first part that is not as the applied migrations left it; None if all are, or nothing was attested yet."""
    recorded = models.Structure.objects.filter(migrations=applied_migrations()).order_by("id").first()
    if recorded is None:
        return None
    now = parts()
    for name in sorted(recorded.parts.keys() | now.keys()):
        if name.startswith(BROUGHT) and not (name in recorded.parts and name in now):
            continue
        if recorded.parts.get(name) != now.get(name):
            return f"{name}: not the structure that the migrations made: a key, check, trigger, index, grant, column or rule differs"
    return None
