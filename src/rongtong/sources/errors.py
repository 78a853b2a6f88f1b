"""What can be wrong with a file or a source as a whole; what is wrong with one row is a quarantine reason instead."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import Invalid, NotFound, Unavailable


class FileMissing(NotFound):
    """There is no file at the given path."""

    code = "file_missing"
    message = _("There is no file %(file)s.")


class FileUnreadable(Invalid):
    """The file is a folder, damaged, encrypted, or of a kind that is not read; `detail` says which."""

    code = "file_unreadable"
    message = _("%(file)s cannot be read: %(detail)s.")


class FileEmpty(Invalid):
    """The file has no header line, or nothing at all."""

    code = "file_empty"
    message = _("%(file)s is empty.")


class FileTooLarge(Invalid):
    """The file, or what it claims to unpack to, is beyond the limit; nothing of it was read."""

    code = "file_too_large"
    message = _("%(file)s is larger than what is read at once (%(limit)s). Please split it.")


class ColumnsMissing(Invalid):
    """The header lacks columns that the layout needs."""

    code = "columns_missing"
    message = _("%(file)s lacks the columns %(missing)s; it has %(found)s.")


class ColumnsRepeated(Invalid):
    """The header names a column twice."""

    code = "columns_repeated"
    message = _("%(file)s names the column %(column)s more than once.")


class EnterpriseRowMalformed(Invalid):
    """A row of the enterprises file lacks its code or name, repeats a code with another name, or cannot be split."""

    code = "enterprise_row_malformed"
    message = _("Row %(row)s of %(file)s is not an enterprise with a code and a name of its own.")


class SourceUnavailable(Unavailable):
    """A source of data does not answer, answers with an error, too slowly, or with too much."""

    code = "source_unavailable"
    message = _("The source %(kind)s does not answer properly: %(detail)s.")


class SourceRefused(Unavailable):
    """A source of data refuses the request, for instance for want of a consent receipt or a valid token."""

    code = "source_refused"
    message = _("The source %(kind)s refuses the request: %(detail)s.")


class MessageMalformed(Invalid):
    """A message of a source is not of the form agreed; nothing of it was landed."""

    code = "message_malformed"
    message = _("The message of the source %(kind)s is not of the agreed form: %(detail)s.")


class RegisterSilent(Unavailable):
    """A public register gives no proper answer: it is not configured, does not answer, or answers in another form."""

    code = "register_silent"
    message = _("The public registers do not answer: %(detail)s.")
