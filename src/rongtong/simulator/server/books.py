"""The lender banks' books in SQLite: each instruction once, whatever is repeated, raced or cut off by kill -9."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

from rongtong.simulator.server.messages import Booking, Instruction, Kind, Message, Outcome
from rongtong.simulator.server.text import yuan

FILE = "bank.sqlite3"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
  lender TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, created TEXT NOT NULL,
  PRIMARY KEY (lender, kind, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS instruction (
  lender TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('payment', 'collection')),
  message TEXT NOT NULL, group_id TEXT NOT NULL, end_to_end TEXT NOT NULL, content TEXT NOT NULL,
  party TEXT NOT NULL, party_name TEXT NOT NULL, day TEXT NOT NULL, asked_fen INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('ACCP', 'RJCT')), reason TEXT,
  settled_fen INTEGER NOT NULL CHECK (settled_fen BETWEEN 0 AND asked_fen), entry TEXT NOT NULL,
  repeats TEXT,
  PRIMARY KEY (lender, kind, message, end_to_end)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS instruction_day ON instruction (lender, day);
CREATE INDEX IF NOT EXISTS instruction_end_to_end ON instruction (lender, kind, end_to_end);
CREATE INDEX IF NOT EXISTS instruction_party ON instruction (party, day);
"""
Payable = Callable[[str, date, int], int]
"""(debtor, day, amount asked in fen) -> fen paid."""
Closed = Callable[[str, date], bool]
"""Whether the account of a party is closed on a day."""


class Books:
    """All lenders' books in one file; a connection per thread, one writer at a time."""

    def __init__(self, folder: Path, *, payable: Payable, closed: Closed) -> None:
        self._path = folder / FILE
        self._payable, self._closed = payable, closed
        self._local = threading.local()
        connection = self._connection()
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(_SCHEMA)

    def take_in(self, lender: str, message: Message, created: str) -> tuple[list[Outcome], str]:
        """Book a message, or find what was booked; returns the outcomes and the moment of the first answer."""
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute(
                "INSERT OR IGNORE INTO message VALUES (?, ?, ?, ?)", (lender, message.kind, message.id, created)
            )
            (first,) = connection.execute(
                "SELECT created FROM message WHERE lender = ? AND kind = ? AND id = ?",
                (lender, message.kind, message.id),
            ).fetchone()
            outcomes = [self._book(connection, lender, message, one) for one in message.instructions]
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        return outcomes, first

    def bookings(self, lender: str, day: date) -> list[Booking]:
        """What moved on a lender's account on a day, in a stable order."""
        rows = self._connection().execute(
            "SELECT entry, kind, settled_fen, asked_fen, day, message, group_id, end_to_end, party, party_name"
            " FROM instruction WHERE lender = ? AND day = ? AND settled_fen > 0 AND repeats IS NULL ORDER BY entry",
            (lender, day.isoformat()),
        )
        return [Booking(row[0], row[1] == "payment", *row[2:]) for row in rows]

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, timeout=20, isolation_level=None)
            connection.execute("PRAGMA synchronous = FULL")
            self._local.connection = connection
        return connection

    def _book(self, connection: sqlite3.Connection, lender: str, message: Message, one: Instruction) -> Outcome:
        content = f"{yuan(one.amount_fen)}|{one.party}|{one.day}"
        known = connection.execute(
            "SELECT content, status, reason, entry FROM instruction"
            " WHERE lender = ? AND kind = ? AND message = ? AND end_to_end = ?",
            (lender, message.kind, message.id, one.end_to_end),
        ).fetchone()
        entry = _entry_reference(lender, message.kind, message.id, one.end_to_end)
        if known is not None:
            if known[0] != content:
                return Outcome(one.group, one.end_to_end, "RJCT", "AM05", entry)
            return Outcome(one.group, one.end_to_end, known[1], known[2], known[3])
        reason, repeats = one.fault, None
        if reason is None:
            reason, repeats = self._earlier(connection, lender, message.kind, one, content)
        if reason is None and repeats is None and message.kind == "payment" and self._closed(one.party, _date(one.day)):
            reason = "AC04"
        settled = 0
        if reason is None and repeats is None:
            settled = self._settled(connection, message.kind, one)
        connection.execute(
            "INSERT INTO instruction VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                lender, message.kind, message.id, one.group, one.end_to_end, content, one.party, one.party_name, one.day,
                one.amount_fen, "RJCT" if reason else "ACCP", reason, settled, repeats or entry, repeats,
            ),
        )  # fmt: skip
        return Outcome(one.group, one.end_to_end, "RJCT" if reason else "ACCP", reason, repeats or entry)

    def _earlier(
        self, connection: sqlite3.Connection, lender: str, kind: Kind, one: Instruction, content: str
    ) -> tuple[str | None, str | None]:
        """(reason to refuse, entry that this repeats) in view of other messages with the same EndToEndId."""
        rows = connection.execute(
            "SELECT content, entry, settled_fen, asked_fen FROM instruction WHERE lender = ? AND kind = ?"
            " AND end_to_end = ? AND status = 'ACCP' AND repeats IS NULL",
            (lender, kind, one.end_to_end),
        ).fetchall()
        for earlier, entry, settled, asked in rows:
            if earlier == content:
                return None, entry
            if kind == "payment" or settled == asked or earlier.split("|")[1] != one.party:
                return "AM05", None
        return None, None

    def _settled(self, connection: sqlite3.Connection, kind: Kind, one: Instruction) -> int:
        if kind == "payment":
            return one.amount_fen
        (short,) = connection.execute(
            "SELECT EXISTS (SELECT 1 FROM instruction WHERE kind = 'collection' AND party = ? AND day = ?"
            " AND status = 'ACCP' AND settled_fen < asked_fen AND repeats IS NULL)",
            (one.party, one.day),
        ).fetchone()
        return 0 if short else self._payable(one.party, _date(one.day), one.amount_fen)


def _entry_reference(lender: str, kind: str, message: str, end_to_end: str) -> str:
    """Stable and distinct: 24 hex digits."""
    return hashlib.sha256(f"{lender}|{kind}|{message}|{end_to_end}".encode()).hexdigest()[:24].upper()


def _date(text: str) -> date:
    return date.fromisoformat(text)
