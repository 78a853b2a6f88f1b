"""ISO 20022 documents: written by name and path, read with a hardened parser under limits, a large one tried apart first."""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from lxml import etree

from rongtong.core.confined import MIB, DocumentTooCostly, Limits, read_confined
from rongtong.core.errors import Invalid
from rongtong.servicing.adapters.message_child import hardened_parser, try_reading

MAX_BYTES = 20 * 1024 * 1024
MAX_TEXT = 140
_SMALL = 256 * 1024
_LIMITS = Limits(cpu_seconds=20, wall_seconds=60.0, memory=384 * MIB)
_AMOUNT = re.compile(r"[0-9]{1,14}(\.[0-9]{1,5})?")


class MessageMalformed(Invalid):
    """A bank's message cannot be read: too large, not well-formed, of another kind, or a value is missing or wrong."""

    code = "message_malformed"
    message = _("The bank's message cannot be read: %(why)s.")


def document(namespace: str, root: str) -> tuple[etree._Element, etree._Element]:
    """A new document and its root message."""
    made = etree.Element(f"{{{namespace}}}Document", nsmap={None: namespace})  # type: ignore[dict-item]  # the stubs do not know the default namespace
    return made, add(made, root)


def add(parent: etree._Element, path: str, text: str | None = None) -> etree._Element:
    """Append a chain of elements such as `Id/OrgId/Othr/Id`; the last one gets the text."""
    namespace = etree.QName(parent).namespace
    for name in path.split("/"):
        parent = etree.SubElement(parent, f"{{{namespace}}}{name}")
    if text is not None:
        parent.text = clean(text)
    return parent


def clean(text: str) -> str:
    """Text as XML 1.0 and the 140-character fields of ISO 20022 allow it."""
    return "".join(
        one for one in text if one >= " " and one not in "\x7f\ufffe\uffff" and not "\ud800" <= one <= "\udfff"
    )[:MAX_TEXT]


def written(made: etree._Element) -> str:
    """The document as text."""
    return etree.tostring(made, encoding="unicode")


def yuan(minor: int) -> str:
    """Fen as an amount with two decimals."""
    return f"{minor // 100}.{minor % 100:02d}"


def fen(text: str) -> int:
    """An amount with at most two decimals that count, as fen. Raises MessageMalformed."""
    if not _AMOUNT.fullmatch(text.strip()):
        raise MessageMalformed(why=gettext("“%(text)s” is no amount") % {"text": text[:30]})
    amount = Decimal(text.strip()) * 100
    if amount != int(amount):
        raise MessageMalformed(why=gettext("“%(text)s” is not in whole fen") % {"text": text[:30]})
    return int(amount)


def read(content: bytes, kind: str) -> etree._Element:
    """The root message of a document whose namespace ends in `kind`, such as `camt.054`, in any version.

    Entities, document types and outside references are refused. A small document takes no more than its size times a
    small number; a large one is tried in a child process of few means before. Raises MessageMalformed, ReadersBusy.
    """
    if len(content) > MAX_BYTES:
        raise MessageMalformed(why=gettext("it is larger than %(limit)s MB") % {"limit": MAX_BYTES // 1024 // 1024})
    if len(content) > _SMALL:
        try:
            read_confined(try_reading, content, limits=_LIMITS)
        except DocumentTooCostly as error:
            raise MessageMalformed(why=gettext("it takes more time or memory than any proper one")) from error
    try:
        found = etree.fromstring(content, hardened_parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise MessageMalformed(why=gettext("it is not well-formed XML")) from error
    if found.getroottree().docinfo.doctype:  # type: ignore[union-attr]  # the stubs do not know it
        raise MessageMalformed(why=gettext("a document type is not allowed"))
    name = etree.QName(found)
    if name.localname != "Document" or f":{kind}." not in (name.namespace or "") or not len(found):
        raise MessageMalformed(why=gettext("it is not a %(kind)s document") % {"kind": kind})
    return found[0]


def all_of(node: etree._Element, path: str) -> list[etree._Element]:
    """All elements at a path below a node, in the node's own namespace."""
    namespace = etree.QName(node).namespace
    return node.findall("/".join(f"{{{namespace}}}{name}" for name in path.split("/")))


def text_of(node: etree._Element, path: str) -> str:
    """The text at a path, stripped; empty where there is none."""
    found = all_of(node, path)
    return (found[0].text or "").strip() if found else ""
