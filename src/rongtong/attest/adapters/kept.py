"""What is kept of the log outside of the database: a journal of checkpoints in the home, and the notes that witnesses got.

The journal is a file of JSON lines, each with the SHA-256 of the line before. It holds each signed checkpoint with the
fingerprint of its key, and each restore. Whoever has the database's password alone cannot change it; whoever has the
home can: then only a checkpoint that somebody else kept tells.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from rongtong.attest.adapters.signing import public_key
from rongtong.core.canonical import canonical_json

JOURNAL = "checkpoints.jsonl"
_LONGEST_LINE = 8192


@dataclass(frozen=True, slots=True)
class Mark:
    """A signed note that was kept, and where."""

    note: str
    where: str
    fingerprint: str = ""
    """Of the key that signed it, where the keeper wrote it down."""


@dataclass(frozen=True, slots=True)
class Restore:
    """A restore that the operator declared: the sizes of the log as the home knew it, and as the backup had it."""

    restored_at: str
    made_at: str
    known_size: int | None
    """None where the home was lost, too, so that nobody here knew."""
    restored_size: int


@dataclass(frozen=True, slots=True)
class Journal:
    """What the home keeps. `fault` names the first line that is not as it was written."""

    marks: tuple[Mark, ...]
    restores: tuple[Restore, ...]
    fault: str | None = None


def fingerprint(key: bytes) -> str:
    """How a key is named to people: the SHA-256 of its 32 bytes, as hex."""
    return hashlib.sha256(key).hexdigest()


def note_size(note: str) -> int:
    """The number of leaves that a note states; 0 for no note."""
    lines = note.split("\n")
    return int(lines[1]) if len(lines) > 2 and lines[1].isascii() and lines[1].isdecimal() else 0


def keep_checkpoint(note: str, at: datetime) -> None:
    """Add a checkpoint to the journal of the home."""
    _append({"kind": "checkpoint", "at": at, "note": note, "key": fingerprint(public_key())})


def keep_restore(*, made_at: str, known_size: int | None, restored_size: int, at: datetime) -> None:
    """Add a restore to the journal of the home: what was known before, what is there now."""
    _append(
        {
            "kind": "restored",
            "at": at,
            "made_at": made_at,
            "known_size": known_size,
            "restored_size": restored_size,
        }
    )


def read_journal(path: Path | None = None) -> Journal:
    """The journal of the home (or another one) as far as it holds together. A mark that a restore cut off is left out."""
    path = path or folder() / JOURNAL
    marks: list[Mark] = []
    restores: list[Restore] = []
    before = ""
    for number, line in enumerate(_lines(path), 1):
        try:
            entry = json.loads(line)
            fits = entry["before"] == before
            if entry["kind"] == "checkpoint":
                marks.append(Mark(entry["note"], "the home", entry["key"]))
            else:
                restores.append(
                    Restore(entry["at"], entry["made_at"], entry["known_size"], int(entry["restored_size"]))
                )
                marks = [mark for mark in marks if note_size(mark.note) <= restores[-1].restored_size]
        except (ValueError, KeyError, TypeError):
            fits = False
        if not fits:
            fault = f"{path.name} line {number}: the home's journal of checkpoints is not as it was written"
            return Journal(tuple(marks), tuple(restores), fault)
        before = hashlib.sha256(line.encode()).hexdigest()
    return Journal(tuple(marks), tuple(restores))


def folder() -> Path:
    """Where the journal lies, made on first use, closed to others."""
    path = Path(settings.EVIDENCE_FOLDER)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def _lines(path: Path) -> list[str]:
    """The whole lines; one that a crash cut off is none."""
    try:
        text = path.read_bytes().decode(errors="replace")
    except FileNotFoundError:
        return []
    return text.split("\n")[:-1]


def _append(entry: dict[str, Any]) -> None:
    path = folder() / JOURNAL
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+b") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        start = max(0, stream.seek(0, os.SEEK_END) - _LONGEST_LINE)
        stream.seek(start)
        content = stream.read()
        whole = content.rfind(b"\n") + 1
        stream.truncate(start + whole)
        last = content[:whole].split(b"\n")[-2] if whole else b""
        line = canonical_json({**entry, "before": hashlib.sha256(last).hexdigest() if last else ""})
        stream.write(line + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
