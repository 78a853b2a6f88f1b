"""Witnesses: places outside of this installation that get each checkpoint, so that none can be taken back unseen.

`RONGTONG_WITNESSES` names them, with commas between: `file:/path` (a file that grows by one note at a time, on another
machine's disk), `mailbox:/folder` (one file a checkpoint, as a lender's mailbox takes them), or the address of another
node or of a lender (`https://…`), which takes the note by POST and may answer with its own signature under it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from django.conf import settings

from rongtong.attest.adapters.kept import Mark, Restore, folder, note_size

_DELIVERED = "witnesses.json"
_WAIT_SECONDS = 20
_LARGEST_ANSWER = 64 * 1024


def witness_addresses() -> tuple[str, ...]:
    """The witnesses of this installation."""
    return tuple(one.strip() for one in settings.EVIDENCE_WITNESSES if one.strip())


def delivered_size(address: str) -> int:
    """The size of the newest checkpoint that a witness has taken; 0 where it has none."""
    return note_size(str(_delivered().get(address, {}).get("note", "")))


def deliver(address: str, note: str, consistency: Sequence[str], old_size: int) -> None:
    """Hand a checkpoint to a witness, with the proof that it continues the last one it took. Raises OSError."""
    answer = ""
    if address.startswith("file:"):
        _add(Path(address.removeprefix("file:")), note)
    elif address.startswith("mailbox:"):
        _post(Path(address.removeprefix("mailbox:")), note)
    else:
        answer = _send(address, {"note": note, "old_size": old_size, "consistency": list(consistency)})
    done = _delivered() | {address: {"note": note, "answer": answer}}
    target = folder() / _DELIVERED
    draft = target.with_name(f".{_DELIVERED}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump(done, stream, indent=1)
    os.replace(draft, target)


def witnessed_marks(restores: Sequence[Restore]) -> list[Mark]:
    """The newest note of each witness that can be read from here, and of the others the newest that they took.

    What a declared restore cut off is left out.
    """
    cut = min((restore.restored_size for restore in restores), default=None)
    marks = []
    for address in witness_addresses():
        note = _newest(address) or str(_delivered().get(address, {}).get("note", ""))
        if note and (cut is None or note_size(note) <= cut or not _before(note, restores)):
            marks.append(Mark(note, address))
    return marks


def _before(note: str, restores: Sequence[Restore]) -> bool:
    """Whether a note was signed before the last restore."""
    signed = next((line.removeprefix("signed ") for line in note.split("\n") if line.startswith("signed ")), "")
    return signed <= restores[-1].restored_at


def _newest(address: str) -> str:
    kind, _, place = address.partition(":")
    if kind == "file":
        notes = _read(Path(place)).split("\n\n\n")
        return max((note.strip("\n") + "\n" for note in notes if note.strip()), key=note_size, default="")
    if kind == "mailbox":
        return max((_read(path) for path in sorted(Path(place).glob("checkpoint-*.txt"))), key=note_size, default="")
    return ""


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _add(path: Path, note: str) -> None:
    """One more note at the end; three line ends stand between two."""
    with path.open("a") as stream:
        stream.write(f"{note}\n\n")
        stream.flush()
        os.fsync(stream.fileno())


def _post(mailbox: Path, note: str) -> None:
    mailbox.mkdir(parents=True, exist_ok=True)
    target = mailbox / f"checkpoint-{note_size(note):012d}.txt"
    draft = target.with_name(f".{target.name}")
    draft.write_text(note)
    os.replace(draft, target)


def _send(address: str, body: dict[str, object]) -> str:
    if urlsplit(address).scheme not in {"http", "https"}:
        raise OSError(f"{address} is no address of a witness")
    request = Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST")  # noqa: S310  http(s), as asked above
    with urlopen(request, timeout=_WAIT_SECONDS) as answer:  # noqa: S310  as above
        return str(answer.read(_LARGEST_ANSWER).decode(errors="replace"))


def _delivered() -> dict[str, dict[str, object]]:
    try:
        found = json.loads((folder() / _DELIVERED).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
