"""Fully digital invoices (数电票): a zip of EInvoice documents. Who of seller and buyer is the subject decides the direction."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO

from cryptography import x509
from django.utils.translation import gettext as _
from lxml import etree

from rongtong.sources.contracts import SEAL, SEALED, Cast, Column, RawRows, SourceKind
from rongtong.sources.errors import MessageMalformed
from rongtong.sources.formats.rows import RowBuilder
from rongtong.sources.formats.xml import parse_xml
from rongtong.sources.formats.xml_signature import signed_content

DOCUMENT_LIMIT = 1024 * 1024
DOCUMENTS_LIMIT = 200_000
UNPACKED_LIMIT = 1024**3
_LAYOUT = (
    Column("direction", "direction"),
    Column("invoice_key", "EIid"),
    Column("invoice_no", "EIid"),
    Column("issued_date", "IssueTime", Cast.DAY),
    Column("counterparty_id", "counterparty_id", blank=""),
    Column("counterparty_name", "counterparty_name", blank=""),
    Column("net_fen", "TotalAmWithoutTax", Cast.FEN),
    Column("tax_fen", "TotalTaxAm", Cast.FEN),
    Column("gross_fen", "TotalTax-includedAmount", Cast.FEN),
    Column("status", "status"),
    Column("blue_invoice_key", "OriginalInvoiceCode"),
    Column("item_name", "ItemName"),
)
_TAGS = (
    *("EIid", "LabelCode", "SellerIdNum", "SellerName", "BuyerIdNum", "BuyerName"),
    *("TotalAmWithoutTax", "TotalTaxAm", "TotalTax-includedAmount"),
    *("ItemName", "OriginalInvoiceCode", "IssueTime"),
)
"""The elements that are read. Of those that come again (labels, items) the first is meant: InIssuType's, the first item's."""


def parse_invoices(
    payload: bytes, subjects: frozenset[str], *, anchors: str = "", at: datetime | None = None
) -> RawRows:
    """One row for each subject that an invoice concerns: a sale of its seller, a purchase of its buyer.

    Where `anchors` (certificates in PEM) vouch at a moment for the signature of a document, what it covers is read, and
    its rows are marked in the column SEAL.
    """
    builder = RowBuilder(SourceKind.INVOICES, _LAYOUT, beside=(SEAL,))
    trusted = x509.load_pem_x509_certificates(anchors.encode()) if anchors and at else []
    for document in _documents(payload):
        if len(document) > DOCUMENT_LIMIT:
            builder.refuse("document_too_large", document[:1000].decode(errors="backslashreplace"))
            continue
        try:
            root = parse_xml(document, SourceKind.INVOICES)
            covered = signed_content(root, anchors=trusted, at=at) if trusted and at else None
            _add(builder, root if covered is None else covered, subjects, seal="" if covered is None else SEALED)
        except MessageMalformed:
            builder.refuse("document_malformed", document.decode(errors="backslashreplace"))
    return builder.rows()


def parties_of_invoices(payload: bytes) -> set[str]:
    """The codes of all sellers and buyers; what cannot be read is left to `parse_invoices`."""
    found: set[str] = set()
    for document in _documents(payload):
        try:
            root = parse_xml(document[:DOCUMENT_LIMIT], SourceKind.INVOICES)
        except MessageMalformed:
            continue
        found.update(element.text for element in root.iter("SellerIdNum", "BuyerIdNum") if element.text)
    return found


def _documents(payload: bytes) -> Iterator[bytes]:
    """Each document of the archive. Raises MessageMalformed for an archive that is none, or beyond all measure."""
    try:
        with zipfile.ZipFile(BytesIO(payload)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if len(entries) > DOCUMENTS_LIMIT or sum(entry.file_size for entry in entries) > UNPACKED_LIMIT:
            raise MessageMalformed(kind=SourceKind.INVOICES.value, detail=_("it holds more than is read at once"))
        for entry in entries:
            yield _unpacked(payload, entry)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError) as error:
        raise MessageMalformed(kind=SourceKind.INVOICES.value, detail=_("it is not a readable zip archive")) from error


def _unpacked(payload: bytes, entry: zipfile.ZipInfo) -> bytes:
    """A document of the archive, at most one byte beyond the limit; `ZipFile.open` takes four times as long for small ones."""
    start = entry.header_offset
    if payload[start : start + 4] != b"PK\x03\x04" or entry.flag_bits & 1:
        raise zipfile.BadZipFile("no such entry, or an encrypted one")
    start += 30 + int.from_bytes(payload[start + 26 : start + 28], "little")
    start += int.from_bytes(payload[entry.header_offset + 28 : entry.header_offset + 30], "little")
    packed = memoryview(payload)[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        document = bytes(packed[: DOCUMENT_LIMIT + 1])
    elif entry.compress_type == zipfile.ZIP_DEFLATED:
        document = zlib.decompressobj(-15).decompress(packed, DOCUMENT_LIMIT + 1)
    else:
        raise zipfile.BadZipFile("a compression that is not read")
    if len(document) <= DOCUMENT_LIMIT and zlib.crc32(document) != entry.CRC:
        raise zipfile.BadZipFile("a damaged entry")
    return document


def _add(builder: RowBuilder, root: etree._Element, subjects: frozenset[str], *, seal: str) -> None:
    if root.tag != "EInvoice":
        raise MessageMalformed(kind=SourceKind.INVOICES.value, detail=_("a document is no EInvoice"))
    values: dict[str, str | None] = {}
    for element in root.iter(*_TAGS):  # one walk in C: path queries take longer than the parsing
        values.setdefault(element.tag, element.text)
    values[SEAL] = seal
    values["status"] = "red" if values.get("LabelCode") == "N" else "valid"
    seller_id, seller_name = values.get("SellerIdNum"), values.get("SellerName")
    buyer_id, buyer_name = values.get("BuyerIdNum"), values.get("BuyerName")
    sides = [
        {"subject": seller_id, "direction": "sale", "counterparty_id": buyer_id, "counterparty_name": buyer_name},
        {"subject": buyer_id, "direction": "purchase", "counterparty_id": seller_id, "counterparty_name": seller_name},
    ]
    concerned = [side for side in sides if side["subject"] in subjects]
    for side in concerned or sides[:1]:  # an invoice of nobody that was asked about is refused as such, not dropped
        builder.add(values | side)
