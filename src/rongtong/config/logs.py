"""The logs of what runs: bounded in size and number, without secrets or numbers of people, and never a reason to stop."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections import deque
from pathlib import Path
from typing import IO

from rongtong.core.progress import stderr

LARGEST = 10 * 1024 * 1024
"""Bytes of one log file; then it is put aside and a new one begun."""
KEPT = 4
"""Files of one log that are put aside: `web.log.1` is the newest of them."""
_LONGEST_LINE = 64 * 1024
_REMEMBERED = 40

_NAMES = r"password|passwd|secret|token|authorization|cookie|sessionid|csrftoken|api[_-]?key"
_SECRETS = (
    (re.compile(r"(?i)\bbearer\s+[^\s\"',;]+"), "Bearer [secret]"),
    (re.compile(r"\brt_[A-Za-z0-9_-]{12,}"), "[secret]"),
    (re.compile(r"(\w+://[^\s:/@]+):[^\s@/]+@"), r"\1:[secret]@"),
    (re.compile(rf"(?i)(\w*(?:{_NAMES})\w*[\"']?\s*[=:]\s*)(?!Bearer \[)(\"[^\"]*\"|'[^']*'|[^\s\"',;&)}}]+)"), r"\1[secret]"),
    (re.compile(r"(/c/)[A-Za-z0-9_-]{12,}"), r"\1[code]"),
    (re.compile(r"(?<![0-9A-Za-z])\d{4}(?:[ -]\d{4}){2,}(?:[ -]\d{1,4})?(?![0-9A-Za-z])"), "[number]"),
    (re.compile(r"(?<![0-9A-Za-z])\d{11,32}[Xx]?(?![0-9A-Za-z])"), "[number]"),
    (re.compile(r"(?<![0-9A-Za-z])1[3-9]\d[ -]\d{4}[ -]\d{4}(?![0-9A-Za-z])"), "[number]"),
)  # fmt: skip
"""Secrets in the forms that they are sent in; numbers of accounts, cards, phones and identity cards, with and without gaps."""


def redacted(text: str) -> str:
    """A text without secrets, tokens, and numbers of accounts, phones and people."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


class RedactingFormatter(logging.Formatter):
    """A line of a log, the trace of an error included, as it may be kept."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


class LogFile:
    """A log that rotates. What cannot be written is dropped: said once on standard error, and in the log when it goes on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.dropped = 0

    def write(self, line: str) -> None:
        """Append a line. Raises nothing: a full disk ends no process."""
        try:
            if self.dropped:
                self._append(f"… {self.dropped} lines were dropped, as this file could not be written\n")
            self._append(redacted(line))
            self.dropped = 0
        except OSError as error:
            if not self.dropped:
                stderr.print(
                    f"the log {self.path} cannot be written ({error.strerror}); what runs goes on without it",
                    soft_wrap=True,
                )
            self.dropped += 1

    def _append(self, text: str) -> None:
        self.path.parent.mkdir(mode=0o700, exist_ok=True)
        rotate(self.path)
        with open(os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab", buffering=0) as stream:
            stream.write(text.encode("utf-8", "replace"))


def rotate(path: Path, *, in_place: bool = False) -> bool:
    """Put a log that has grown large aside; `in_place` where its writer keeps it open. Raises OSError."""
    if not path.is_file() or path.stat().st_size < LARGEST:
        return False
    for number in range(KEPT, 1, -1):
        older = path.with_name(f"{path.name}.{number - 1}")
        if older.exists():
            os.replace(older, path.with_name(f"{path.name}.{number}"))
    aside = path.with_name(f"{path.name}.1")
    if not in_place:
        os.replace(path, aside)
        return True
    into = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(into, "wb") as copy, os.fdopen(os.open(path, os.O_RDWR | os.O_NOFOLLOW), "rb+") as kept:
        kept.seek(max(0, path.stat().st_size - LARGEST))
        while piece := kept.read(1024 * 1024):
            copy.write(piece)
        kept.truncate(0)
    return True


class Listener(threading.Thread):
    """Reads what a process says, as long as it speaks, into its log; remembers its last words for whoever asks why it ended."""

    def __init__(self, stream: IO[bytes], log: LogFile) -> None:
        super().__init__(name=f"log of {log.path.stem}", daemon=True)
        self._stream, self._log = stream, log
        self._last: deque[str] = deque(maxlen=_REMEMBERED)
        self.start()

    def run(self) -> None:
        while line := self._stream.readline(_LONGEST_LINE):
            text = line.decode("utf-8", "replace")
            self._last.append(redacted(text))
            self._log.write(text)
        self._stream.close()

    def last_words(self) -> str:
        """Its last lines, once it has said all (a second is waited for that)."""
        self.join(1.0)
        return "".join(self._last)[-2000:].strip()
