"""RONGTONG_HOME: where one installation keeps its database, its records and its secrets."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any


def home() -> Path:
    """The home folder, made on first use, readable by its owner only; an empty folder that stands there is closed too."""
    named = os.environ.get("RONGTONG_HOME")
    base = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    folder = Path(named) if named else Path(base) / "rongtong"
    folder = folder.expanduser().absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.stat()
    if status.st_mode & 0o077 and os.geteuid() in {0, status.st_uid} and not any(folder.iterdir()):
        folder.chmod(0o700)
    return folder


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
