"""Fully digital invoices (数电票): a zip of EInvoice documents. Who of seller and buyer is the subject decides the direction."""

from __future__ import annotations

import zipfile
from io import BytesIO

from lxml import etree

from rongtong.sources.contracts import Cast, Column, RawRows, SourceKind
from rongtong.sources.errors import MessageMalformed
from rongtong.sources.formats.rows import RowBuilder
from rongtong.sources.formats.xml import parse_xml

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
_TEXTS = {
    "EIid": "Header/EIid",
    "IssueTime": "TaxSupervisionInfo/IssueTime",
    "TotalAmWithoutTax": "EInvoiceData/BasicInformation/TotalAmWithoutTax",
    "TotalTaxAm": "EInvoiceData/BasicInformation/TotalTaxAm",
    "TotalTax-includedAmount": "EInvoiceData/BasicInformation/TotalTax-includedAmount",
    "OriginalInvoiceCode": "EInvoiceData/SpecificInformation/RedEInvoice/OriginalInvoiceCode",
    "ItemName": "EInvoiceData/IssuItemInformation/ItemName",
}


def parse_invoices(payload: bytes, subjects: frozenset[str]) -> RawRows:
    """One row for each subject that an invoice concerns: a sale of its seller, a purchase of its buyer."""
    builder = RowBuilder(SourceKind.INVOICES, _LAYOUT)
    try:
        with zipfile.ZipFile(BytesIO(payload)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > DOCUMENTS_LIMIT or sum(entry.file_size for entry in entries) > UNPACKED_LIMIT:
                raise MessageMalformed(kind=SourceKind.INVOICES.value, detail="it holds more than is read at once")
            for entry in entries:
                with archive.open(entry) as stream:
                    document = stream.read(DOCUMENT_LIMIT + 1)
                if len(document) > DOCUMENT_LIMIT:
                    builder.refuse("document_too_large", document[:1000].decode(errors="backslashreplace"))
                    continue
                try:
                    _add(builder, parse_xml(document, SourceKind.INVOICES), subjects)
                except MessageMalformed:
                    builder.refuse("document_malformed", document.decode(errors="backslashreplace"))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise MessageMalformed(kind=SourceKind.INVOICES.value, detail="it is not a readable zip archive") from error
    return builder.rows()


def _add(builder: RowBuilder, root: etree._Element, subjects: frozenset[str]) -> None:
    if root.tag != "EInvoice":
        raise MessageMalformed(kind=SourceKind.INVOICES.value, detail="a document is no EInvoice")
    values: dict[str, str | None] = {name: root.findtext(path) for name, path in _TEXTS.items()}
    red = root.findtext("Header/InherentLabel/InIssuType/LabelCode") == "N"
    values["status"] = "red" if red else "valid"
    data = root.find("EInvoiceData")
    seller = None if data is None else data.find("SellerInformation")
    buyer = None if data is None else data.find("BuyerInformation")
    seller_id = None if seller is None else seller.findtext("SellerIdNum")
    buyer_id = None if buyer is None else buyer.findtext("BuyerIdNum")
    seller_name = None if seller is None else seller.findtext("SellerName")
    buyer_name = None if buyer is None else buyer.findtext("BuyerName")
    sides = [
        {"subject": seller_id, "direction": "sale", "counterparty_id": buyer_id, "counterparty_name": buyer_name},
        {"subject": buyer_id, "direction": "purchase", "counterparty_id": seller_id, "counterparty_name": seller_name},
    ]
    concerned = [side for side in sides if side["subject"] in subjects]
    for side in concerned or sides[:1]:  # an invoice of nobody that was asked about is refused as such, not dropped
        builder.add(values | side)
