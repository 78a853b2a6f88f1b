"""Who wrote what waits for the log, and whether it was the platform: what `attest_writer` and `attest_mark` say in the database.

A mark is the SHA-256 over the token of the session and the entry: its place, the row's key, the digest of the row as it
was written, the time, the writer. The database keeps the mark and the session's id; the token follows from the id by a key
outside of the database. An entry without a mark that fits was not made by a session of the platform: by somebody with the
database's password, under whatever role and setting. Nor was one with a mark that fits, under another role than the two of
the platform: a function that was planted in the database wrote it, in a session of the platform.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from rongtong.attest import models
from rongtong.core.roles import serving_role
from rongtong.core.sessions import token_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Writer:
    """One way of writing. `platform` says whether the entry's mark proves it; all else is what the database said."""

    platform: bool
    login: str
    role: str
    migrating: bool
    code: str
    program: str
    as_written: bool = True
    """Whether the row still was what its newest entry says, when it was sealed."""

    def facts(self) -> dict[str, object]:
        """As JSON, for a seal."""
        return asdict(self)


def writer_of_row(entry: models.Unsealed) -> Writer:
    """Who wrote the row that waits for a seal."""
    what = f"{entry.table_name}|{entry.row_key}|{'t' if entry.deleted else 'f'}"
    return _writer(entry, str(entry.id), what)


def writer_of_step(entry: models.Pending) -> Writer:
    """Who wrote the step that waits for its place."""
    return _writer(entry, str(entry.step_id), "attest_step")


def describe(writer: Writer) -> str:
    """For people: the roles and the program."""
    return f"login {writer.login or '?'}, role {writer.role or '?'}, program {writer.program or '?'}"


def _writer(entry: models.Unsealed | models.Pending, place: str, what: str) -> Writer:
    session, login, role, migrating, code, program = (entry.writer.split("|", 5) + [""] * 6)[:6]
    moment = "" if entry.written_at is None else (entry.written_at - _EPOCH) // timedelta(microseconds=1)
    said = f"{place}|{what}|{entry.row_digest}|{entry.row_columns}|{moment}|{entry.writer}"
    right = hashlib.sha256(f"{token_of(session)}|{said}".encode()).hexdigest()
    in_role = role in {
        login,
        serving_role(),
    }  # the login owns the tables: migrations and the ledger's functions are its
    platform = bool(session) and in_role and hmac.compare_digest(right, entry.mark)
    return Writer(platform, login, role, migrating == "on", code, program)
