"""One archive that holds an installation whole: the database's dump, the records, the secrets; a ZIP, closed to others."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import psycopg
from django.utils.translation import gettext_lazy as _
from psycopg.conninfo import conninfo_to_dict

from rongtong import __version__
from rongtong.config.embedded_postgres import database_url, ensure_running, locate, programs, stop
from rongtong.config.home import home, secret, write_private
from rongtong.config.ready import make_ready
from rongtong.config.worker import attest_what_waits
from rongtong.core.clock import now
from rongtong.core.errors import Conflict, Invalid, Unavailable
from rongtong.core.progress import progress_bar

FOLDERS = ("records", "secrets", "region", "evidence")
_MANIFEST, _DUMP, _UNDER_WAY = "rongtong.json", "database.dump", "restore.json"
_ENVIRONMENT = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}
_NEWER = b"SET transaction_timeout = 0;"
"""What a dump begins with that servers before PostgreSQL 17 do not know."""


class BackupDisturbed(Conflict):
    """A file of the records went away while it was copied, because a table was compacted or erased from."""

    code = "backup_disturbed"
    message = _("The records were compacted while they were copied; back up again")


class ArchiveUnreadable(Invalid):
    """The file is no archive that `rongtong backup` wrote, or it is damaged."""

    code = "archive_unreadable"
    message = _("This is no archive of `rongtong backup`, or it is damaged: %(why)s")


class HomeNotEmpty(Conflict):
    """Restoring would mix with what the home or its database already holds."""

    code = "home_not_empty"
    message = _(
        "There is something here already (%(what)s). To go on, add --set-aside, which keeps what is here under another"
        " name, or restore into an empty home and an empty database"
    )


class RestoreElsewhere(Conflict):
    """Tables of records name their files by whole paths, so they come back to the folder that they were taken from."""

    code = "restore_elsewhere"
    message = _("These records lay in %(folder)s and come back only to there: set RONGTONG_HOME or RONGTONG_WAREHOUSE")


class DatabaseProgramFailed(Unavailable):
    """pg_dump, pg_restore or psql ended with an error; the fact `why` holds the last line of it."""

    code = "database_program_failed"
    message = _("%(program)s: %(why)s")


def warehouse() -> str:
    """Where the records lie: a folder, or the address of an object store."""
    return os.environ.get("RONGTONG_WAREHOUSE", str(home() / "records"))


def back_up(target: Path) -> dict[str, Any]:
    """Write the archive, whole or not at all, mode 0600. The dump comes first: later files hold all that it names.

    Records in an object store are not copied. Raises BackupDisturbed and DatabaseProgramFailed.
    """
    ensure_running()
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    write_private(draft, "")
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as archive, progress_bar("backing up") as bar:
            archive.writestr(_MANIFEST, json.dumps(_manifest(), indent=1))
            with archive.open(_DUMP, "w", force_zip64=True) as stream:
                _dump(stream)
            bar.advance()
            files = 0
            for path, name in _files():
                try:
                    archive.write(path, name)
                except FileNotFoundError as error:
                    raise BackupDisturbed() from error
                files += 1
                bar.advance()
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    return {"file": str(target), "bytes": target.stat().st_size, "files": files}


def restore(source: Path, *, set_aside: bool = False) -> dict[str, Any]:
    """Bring an archive back into an empty home and an empty database. What was cut off is done again from the start.

    With `set_aside` what the home holds, and the embedded database's data, is first renamed; nothing is deleted. The
    home's journal of checkpoints stays: the restore is written into it, with how far the log had come and how far it
    comes back. Raises ArchiveUnreadable, HomeNotEmpty, RestoreElsewhere and DatabaseProgramFailed; then the database stays empty.
    """
    try:
        archive = zipfile.ZipFile(source)
        manifest = json.loads(archive.read(_MANIFEST))
        sealed = {"made_at": manifest["made_at"], "warehouse": manifest["warehouse"]}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ArchiveUnreadable(why=str(error)) from error
    with archive, progress_bar("restoring") as bar:
        if sealed["warehouse"] != warehouse():
            raise RestoreElsewhere(folder=sealed["warehouse"])
        known_size = _known_size()
        if set_aside:
            _set_aside(sealed)
        _begin(sealed)
        names = [name for name in archive.namelist() if name.startswith(tuple(f"{folder}/" for folder in FOLDERS))]
        names.sort(key=lambda name: not name.startswith("secrets/"))  # the server starts with them
        secrets = sum(name.startswith("secrets/") for name in names)
        bar.total(len(names) + 1)
        for at, name in enumerate([*names, None]):
            if at == secrets:
                _load(archive, set_aside)
                bar.advance()
            if name is not None:
                _extract(archive, name)
                bar.advance()
    restored_size = _declare(sealed["made_at"], known_size)
    (home() / _UNDER_WAY).unlink()
    make_ready()
    attest_what_waits()  # what waited when the backup was made has waited long enough
    return {
        "leaves_known": known_size,
        "leaves_restored": restored_size,
        "file": str(source),
        "made_at": sealed["made_at"],
        "files": len(names),
    }


def _root(folder: str) -> Path:
    if folder == "records":
        return Path(warehouse())
    return Path(os.environ.get("RONGTONG_EVIDENCE") or home() / folder) if folder == "evidence" else home() / folder


def _aside(name: str) -> str:
    return f"{name}.set-aside-{now():%Y%m%dT%H%M%S}"


def _set_aside(sealed: dict[str, str]) -> None:
    """Stop the database of this home and rename what the home holds, but for its journal of checkpoints."""
    if (home() / _UNDER_WAY).exists():
        return  # it was done by the try that was cut off
    if not os.environ.get("DATABASE_URL") and (home() / "secrets").exists():
        stop()
        data = locate().data
        if data.exists():
            data.rename(data.with_name(_aside(data.name)))
    for folder in FOLDERS:
        root = _root(folder)
        if folder != "evidence" and root.exists() and any(root.iterdir()):
            root.rename(root.with_name(_aside(root.name)))
    (home() / "postgres.json").unlink(missing_ok=True)


def _known_size() -> int | None:
    """How far the home knew the log to have come; None where the home keeps no journal any more."""
    path = _root("evidence") / "checkpoints.jsonl"
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    notes = [json.loads(line).get("note") for line in lines]
    return max((int(note.split("\n")[1]) for note in notes if note), default=None)


def _declare(made_at: str, known_size: int | None) -> int:
    """Write the restore into the home's journal; the size of the log that came back."""
    with psycopg.connect(database_url(), autocommit=True) as connection:
        row = connection.execute("SELECT coalesce(max(tree_size), 0) FROM attest_checkpoint").fetchone()
    size = int(row[0]) if row else 0
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rongtong.config.settings")
    import django

    django.setup()
    from rongtong.attest.facade import keep_restore

    keep_restore(made_at=made_at, known_size=known_size, restored_size=size, at=now())
    return size


def _manifest() -> dict[str, str]:
    return {"version": __version__, "made_at": now().isoformat(), "warehouse": warehouse()}


def _files() -> Iterator[tuple[Path, str]]:
    secret("postgres_superuser")  # so that there is one to come back with
    for folder in FOLDERS:
        root = _root(folder)
        for path in sorted(root.rglob("*")):
            if path.is_file():
                yield path, f"{folder}/{path.relative_to(root)}"


def _begin(sealed: dict[str, str]) -> None:
    """Refuse a home that holds anything, unless it is what an earlier try at this very archive left."""
    under_way = home() / _UNDER_WAY
    if not under_way.exists():
        for folder in FOLDERS:
            root = _root(folder)
            if folder != "evidence" and root.exists() and any(root.iterdir()):
                raise HomeNotEmpty(what=str(root))
        write_private(under_way, json.dumps(sealed))
    elif json.loads(under_way.read_text()) != sealed:
        raise HomeNotEmpty(what=str(under_way))


def _extract(archive: zipfile.ZipFile, name: str) -> None:
    """One member, to where it belongs; names that would lead out of the home are refused."""
    folder, _slash, rest = name.partition("/")
    root = _root(folder)
    if folder == "evidence" and (root / rest).exists():
        return  # what the home kept itself knows at least as much
    target = (root / rest).resolve()
    if not target.is_relative_to(root.resolve()):
        raise ArchiveUnreadable(why=name)
    for missing in reversed([parent for parent in target.parents if not parent.exists()]):
        missing.mkdir(mode=0o700)
    try:
        content = archive.read(name)
    except zipfile.BadZipFile as error:
        raise ArchiveUnreadable(why=str(error)) from error
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)


def _environment() -> dict[str, str]:
    """The database's whereabouts for its programs; never on a command line, where others could read the password."""
    named = conninfo_to_dict(database_url())
    told = {_ENVIRONMENT[key]: str(value) for key, value in named.items() if key in _ENVIRONMENT and value is not None}
    return {
        "PATH": os.environ.get("PATH", ""),
        "LC_ALL": "C.UTF-8",
        "PGOPTIONS": "-c app.scope=platform -c app.book=all",
        **told,
    }


def _dump(stream: IO[bytes]) -> None:
    """Dump as the tables' owner, looking as the platform, at both books: row-level security binds the owner too."""
    arguments = [str(programs() / "pg_dump"), "--format=custom", "--enable-row-security", "--no-owner"]
    process = subprocess.Popen(arguments, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    while block := process.stdout.read(1 << 20):
        stream.write(block)
    _finish("pg_dump", process)


def _load(archive: zipfile.ZipFile, set_aside: bool) -> None:
    """Start the database and load the dump in one transaction: all of it, or nothing."""
    if set_aside and not os.environ.get("DATABASE_URL"):
        stop()
        data = locate().data  # the passwords are back, and with them the way to the data that they opened
        if data.exists():
            data.rename(data.with_name(_aside(data.name)))
    ensure_running()
    if _tables():
        shutil.rmtree(home() / "secrets")
        (home() / _UNDER_WAY).unlink()
        raise HomeNotEmpty(what="the database")
    with TemporaryDirectory() as folder:
        _pour(Path(archive.extract(_DUMP, folder)))


def _tables() -> int:
    with psycopg.connect(database_url()) as connection:
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    return row[0] if row else 0


def _pour(dump: Path) -> None:
    unpack = [str(programs() / "pg_restore"), "--no-owner", "--file=-", str(dump)]
    load = [str(programs() / "psql"), "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-o", os.devnull]
    environment = _environment()
    reader = subprocess.Popen(unpack, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    writer = subprocess.Popen(load, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert reader.stdout is not None
    assert writer.stdin is not None
    try:
        for line in reader.stdout:
            if line.rstrip() != _NEWER:
                writer.stdin.write(line)
        writer.stdin.close()
    except BrokenPipeError:
        reader.kill()  # psql says why
    writer.stdin = None
    _finish("psql", writer)
    _finish("pg_restore", reader)


def _finish(program: str, process: subprocess.Popen[bytes]) -> None:
    _out, said = process.communicate()
    if process.returncode:
        lines = said.decode(errors="replace").strip().splitlines()
        why = next((line for line in lines if "ERROR" in line), lines[-1] if lines else str(process.returncode))
        raise DatabaseProgramFailed(program=program, why=why)
