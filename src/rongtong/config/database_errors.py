"""What a database can do to us, as anticipated errors."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import Unavailable


class DatabaseUnavailable(Unavailable):
    """The database does not answer, or refuses the role or the password that DATABASE_URL names."""

    code = "database_unavailable"
    message = _("The database does not answer as it should: %(why)s")


class DatabaseUnsuited(Unavailable):
    """DATABASE_URL names a PostgreSQL older than 15, a database not in UTF8, or a role that may not make tables in it."""

    code = "database_unsuited"
    message = _("The database that DATABASE_URL names cannot be used: %(why)s")
