"""Who wrote what waits for the log, and whether it was the platform: what `attest_writer` and `attest_mark` say in the database.

A mark is the SHA-256 over the token of the session and the entry. The database keeps the mark and the session's id; the
token follows from the id by a key outside of the database. An entry without a mark that fits was not made by a session
of the platform: by somebody with the database's password, under whatever role and setting.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from rongtong.attest import models
from rongtong.core.sessions import token_of


@dataclass(frozen=True, slots=True, order=True)
class Writer:
    """One way of writing. `platform` says whether the entry's mark proves it; all else is what the database said."""

    platform: bool
    login: str
    role: str
    migrating: bool
    code: str
    program: str

    def facts(self) -> dict[str, object]:
        """As JSON, for a seal."""
        return {name: getattr(self, name) for name in ("platform", "login", "role", "migrating", "code", "program")}


def writer_of_row(entry: models.Unsealed) -> Writer:
    """Who wrote the row that waits for a seal."""
    flag = "t" if entry.deleted else "f"
    said = f"{entry.id}|{entry.table_name}|{entry.row_key}|{flag}|{entry.writer}"
    return _writer(entry.writer, said, entry.mark)


def writer_of_step(entry: models.Pending) -> Writer:
    """Who wrote the step that waits for its place."""
    return _writer(entry.writer, f"{entry.step_id}|{entry.writer}", entry.mark)


def describe(writer: Writer) -> str:
    """For people: the roles and the program."""
    return f"login {writer.login or '?'}, role {writer.role or '?'}, program {writer.program or '?'}"


def _writer(named: str, said: str, mark: str) -> Writer:
    session, login, role, migrating, code, program = (named.split("|", 5) + [""] * 6)[:6]
    right = hashlib.sha256(f"{token_of(session)}|{said}".encode()).hexdigest()
    platform = bool(session) and hmac.compare_digest(right, mark)
    return Writer(platform, login, role, migrating == "on", code, program)
