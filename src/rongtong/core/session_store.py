"""Logins in the database under the digest of their key: who reads the table can take none of them over.

Django's own store keeps the key itself. Here the row's key is made of the SHA-256 of what the cookie holds, and the row's
content is signed for that row alone: copied into another one it is none. `clearsessions` and expiry are
Django's. Its asynchronous methods go to the ones here.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone


def stored_key(session_key: str) -> str:
    """What the table holds for a key: 40 hexadecimal digits of its SHA-256, as its column takes no more."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:40]


class SessionStore(DatabaseStore):
    """Django's store, with the key kept out of the table."""

    @property
    def key_salt(self) -> str:
        """What the content is signed for: this row."""
        return f"rongtong.session.{stored_key(self.session_key or '')}"

    def _get_session_from_db(self) -> Session | None:
        if self.session_key is None:
            return None
        row = self._rows(self.session_key).filter(expire_date__gt=timezone.now()).first()
        if row is None:
            self._session_key = None
        return row

    def exists(self, session_key: str) -> bool:
        """Whether there is a login of this key."""
        return self._rows(session_key).exists()

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """The row of this login as it is to be saved."""
        row = super().create_model_instance(data)
        row.session_key = stored_key(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        """End a login, this one if none is named."""
        key = session_key or self.session_key
        if key is not None:
            self._rows(key).delete()

    def _rows(self, session_key: str) -> QuerySet[Session]:
        return Session.objects.filter(session_key=stored_key(session_key))
