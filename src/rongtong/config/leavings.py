"""What a home has outside of itself: as root its database stands in /var/lib/rongtong, and stays when the home is deleted."""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rongtong.config.embedded_postgres import SYSTEM_FOLDER, locate
from rongtong.config.home import home


@dataclass(frozen=True, slots=True)
class DatabaseFolder:
    """A database of a home in the system's folder."""

    path: Path
    home: Path
    size: int
    """Bytes."""
    orphaned: bool
    """Whether its home is gone, or was made anew since and has another database."""


def database_folders() -> tuple[DatabaseFolder, ...]:
    """The databases of all homes in the system's folder; none where nobody ran it as root."""
    found = []
    for marker in sorted(SYSTEM_FOLDER.glob("*/home")):
        with suppress(OSError):
            owner = Path(marker.read_text())
            orphaned = folder_name(owner) != marker.parent.name
            found.append(DatabaseFolder(marker.parent, owner, size_of(marker.parent), orphaned))
    return tuple(found)


def folder_name(owner: Path) -> str | None:
    """The name of a home's database folder; None where the home is gone or has no secrets."""
    try:
        password = (owner / "secrets" / "postgres_superuser").read_text()
    except OSError:
        return None
    return hashlib.sha256(f"{owner}\n{password}".encode()).hexdigest()[:12]


def belongings() -> tuple[Path, ...]:
    """All that belongs to this home alone, the last first to go: its database outside of it, then the home itself."""
    here = home()
    folders = [one.path for one in database_folders() if one.home == here] if os.geteuid() == 0 else []
    return (*folders, here)


def remove_all() -> tuple[Path, ...]:
    """Take away all of this home, the database stopped before; the copied programs too when no home is left that needs them."""
    gone = list(belongings())
    for folder in gone:
        shutil.rmtree(folder)
    if os.geteuid() == 0 and not list(SYSTEM_FOLDER.glob("*/home")):
        for programs in SYSTEM_FOLDER.glob("programs-*"):
            shutil.rmtree(programs)
            gone.append(programs)
        with suppress(OSError):  # something else lies there: not ours
            SYSTEM_FOLDER.rmdir()
    return tuple(gone)


def own_database() -> Path | None:
    """Where the embedded database of this home stands; None where DATABASE_URL names another."""
    return None if os.environ.get("DATABASE_URL") else locate().data


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder."""
    total = 0
    for place, _folders, files in os.walk(folder):
        for name in files:
            with suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size
    return total
