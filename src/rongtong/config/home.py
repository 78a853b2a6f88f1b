"""RONGTONG_HOME: where one installation keeps its database, its records and its secrets."""

from __future__ import annotations

import json
import os
import pwd
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import Unavailable

_CHECKOUT = Path(__file__).resolve().parents[3]


class HomeUnusable(Unavailable):
    """RONGTONG_HOME is a file, may not be written, or belongs to another user; the fact `why` says which."""

    code = "home_unusable"
    message = _("The home %(home)s cannot be used: %(why)s")


def home() -> Path:
    """The home folder, made on first use, readable by its owner only; an empty folder that stands there is closed too.

    Where RONGTONG_HOME names none it is `var` of the checkout, so that `make run` and a command by hand share one; an
    installed package has it among the user's data. Raises HomeUnusable.
    """
    folder = (Path(os.environ.get("RONGTONG_HOME") or _default())).expanduser().absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
        if status.st_mode & 0o077 and os.geteuid() in {0, status.st_uid} and not any(folder.iterdir()):
            folder.chmod(0o700)
        kept = folder / "secrets"
        owner = kept.stat().st_uid if kept.exists() else os.geteuid()
    except OSError as error:
        why = "it is a file" if isinstance(error, FileExistsError) else error.strerror
        raise HomeUnusable(home=str(folder), why=why) from error
    if owner != os.geteuid():
        raise HomeUnusable(home=str(folder), why=f"it belongs to {_name_of(owner)}; run as that user")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise HomeUnusable(home=str(folder), why=os.strerror(13))
    return folder


def _default() -> Path:
    if (_CHECKOUT / "deploy" / "setup.sh").exists():
        return _CHECKOUT / "var"
    base = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return Path(base) / "rongtong"


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def keep_private() -> None:
    """What this process and its children write from now on is for its user alone; called where a process begins."""
    os.umask(0o077)


def secret(name: str) -> str:
    """A secret of this installation, made on first use: 48 random characters in a file of mode 0600."""
    folder = home() / "secrets"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / name
    if not path.exists():
        draft = folder / f".{name}.draft.{os.getpid()}"
        write_private(draft, secrets.token_urlsafe(36))
        with suppress(FileExistsError):  # another process was first: its secret is the one
            os.link(draft, path)
        draft.unlink()
    return path.read_text()


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(temporary, path)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON file as a dict; empty where it is missing or broken."""
    try:
        loaded = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return loaded if isinstance(loaded, dict) else {}
