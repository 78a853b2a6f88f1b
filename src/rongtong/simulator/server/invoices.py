"""数电票 documents from the region's invoices: EInvoice XML by template, thousands to a zip."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from rongtong.core.money import capital_amount
from rongtong.simulator.reference.industries import INDUSTRIES
from rongtong.simulator.reference.words import BANK_NAME
from rongtong.simulator.server.store import Columns, Region
from rongtong.simulator.server.text import GENERATED_NOTE, escape, iso
from rongtong.simulator.server.zipping import zip_stream

_TEMPLATE = (
    (
        '<?xml version="1.0" encoding="UTF-8"?>\n<EInvoice><Header><EIid>%s</EIid><EInvoiceTag>SWEI%s00</EInvoiceTag>'
        "<Version>0.2</Version><InherentLabel><InIssuType>%s</InIssuType><EInvoiceType><LabelCode>01</LabelCode>"
        "<LabelName>数电发票</LabelName></EInvoiceType><GeneralOrSpecialVAT>%s</GeneralOrSpecialVAT></InherentLabel></Header>"
        "<EInvoiceData>%s%s<BasicInformation><TotalAmWithoutTax>%s</TotalAmWithoutTax><TotalTaxAm>%s</TotalTaxAm>"
        "<TotalTax-includedAmount>%s</TotalTax-includedAmount><TotalTax-includedAmountInChinese>%s"
        "</TotalTax-includedAmountInChinese><Drawer>%s</Drawer><RequestTime>%s %s</RequestTime></BasicInformation>"
        "<IssuItemInformation>%s<Amount>%s</Amount><TaxRate>%s</TaxRate><ComTaxAm>%s</ComTaxAm><TotaltaxIncludedAmount>%s"
        "</TotaltaxIncludedAmount><TaxClassificationCode>%s</TaxClassificationCode></IssuItemInformation>%s"
        "<AdditionalInformation><Remark>%s</Remark></AdditionalInformation></EInvoiceData><TaxSupervisionInfo>"
        "<InvoiceNumber>%s</InvoiceNumber><IssueTime>%s</IssueTime>%s</TaxSupervisionInfo></EInvoice>"
    )
    .replace("%s", "%b")
    .encode()
)
_BLUE = "<LabelCode>Y</LabelCode><LabelName>蓝字发票</LabelName>".encode()
_RED = "<LabelCode>N</LabelCode><LabelName>红字发票</LabelName>".encode()
_SPECIAL = "<LabelCode>01</LabelCode><LabelName>增值税专用发票</LabelName>".encode()
_ORDINARY = "<LabelCode>02</LabelCode><LabelName>普通发票</LabelName>".encode()


_NOTE = GENERATED_NOTE.encode()
_RED_NOTE = f"{GENERATED_NOTE}。被红冲蓝字数电发票号码：%s".replace("%s", "%b").encode()
_REFERENCE = b"<SpecificInformation><RedEInvoice><OriginalInvoiceCode>%b</OriginalInvoiceCode></RedEInvoice></SpecificInformation>"


def invoice_zip(region: Region, firms: Sequence[int], since: date, until: date) -> Iterator[bytes]:
    """A zip of each invoice that one of the firms issued or received in the window, by day of issue."""
    rows = region.rows("invoices", firms, since=since, until=until, by=("seller", "buyer"))
    return zip_stream(documents(region, rows))


def documents(region: Region, rows: Columns) -> Iterator[tuple[bytes, bytes]]:
    """(entry name, XML) of each invoice of the rows."""
    parties = _PartyTexts(region)
    names = ("seller", "buyer", "day", "second", "net", "tax", "rate", "item", "special", "seq", "blue_seq", "blue_day")
    days: dict[int, bytes] = {}
    for values in zip(*(rows[name].tolist() for name in names), strict=True):
        seller, buyer, day, second, net, tax, rate, item, special, seq, blue_seq, blue_day = values
        issued = days.get(day) or days.setdefault(day, iso(day).encode())
        province, drawer, bureau, seller_block = parties.seller(seller)
        number = b"%b%b2%015d" % (issued[2:4], province, seq)
        red = blue_seq >= 0
        net_text, tax_text, gross_text = _yuan(net), _yuan(tax), _yuan(net + tax)
        industry = parties.industry[seller]
        line = _line(industry.items[item % len(industry.items)], net, seq, red)
        reference, remark = b"", _NOTE
        if red:
            blue = b"%b%b2%015d" % (iso(blue_day)[2:4].encode(), province, blue_seq)
            reference, remark = _REFERENCE % blue, _RED_NOTE % blue
        yield (
            number + b".xml",
            _TEMPLATE
            % (
                number,
                province,
                _RED if red else _BLUE,
                _SPECIAL if special else _ORDINARY,
                seller_block,
                parties.buyer(buyer),
                net_text,
                tax_text,
                gross_text,
                _capital(net + tax),
                drawer,
                issued,
                _clock(second),
                line,
                net_text,
                b"0.%02d" % (rate // 100),
                tax_text,
                gross_text,
                industry.tax_class.encode(),
                reference,
                remark,
                number,
                issued,
                bureau,
            ),
        )


def _line(item: tuple[str, str, str], net: int, seq: int, red: bool) -> bytes:
    """What was sold; a quantity and a price that multiply to the amount, none on red invoices."""
    class_name, item_name, unit = item
    name = f"<ItemName>*{class_name}*{item_name}</ItemName>"
    if red:
        return name.encode()
    quantity = 1 if unit in ("项", "次", "月") else 1 + seq * 7919 % 240
    return (
        f"{name}<SpecMod>型号{seq % 97:02d}</SpecMod><MeaUnits>{unit}</MeaUnits><Quantity>{quantity}</Quantity>"
        f"<UnPrice>{net / 100 / quantity:.8f}</UnPrice>"
    ).encode()


def _yuan(fen: int) -> bytes:
    if fen < 0:
        return b"-%d.%02d" % (-fen // 100, -fen % 100)
    return b"%d.%02d" % (fen // 100, fen % 100)


def _clock(second: int) -> bytes:
    return b"%02d:%02d:%02d" % (second // 3600, second // 60 % 60, second % 60)


def _capital(fen: int) -> bytes:
    """The amount in capitals as invoices write it, with 圆; red ones say so."""
    text = capital_amount(abs(fen)).replace("元", "圆")
    return (f"（负数）{text}" if fen < 0 else text).encode()


class _PartyTexts:
    """The parts of a document that depend on a party only, each rendered once."""

    def __init__(self, region: Region) -> None:
        self._parties = region.parties
        by_code = {one.code: one for one in INDUSTRIES}
        self.industry = [by_code[str(code)] for code in region.parties["industry_code"]]
        self._sellers: dict[int, tuple[bytes, bytes, bytes, bytes]] = {}
        self._buyers: dict[int, bytes] = {}

    def seller(self, index: int) -> tuple[bytes, bytes, bytes, bytes]:
        """Province digits, drawer, tax bureau in charge, and the seller's block."""
        found = self._sellers.get(index)
        if found is None:
            code, city = str(self._parties["region_code"][index]), self._parties["city"][index]
            bureau = f"<TaxBureauCode>1{code}00</TaxBureauCode><TaxBureauName>国家税务总局{city}税务局（模拟）</TaxBureauName>"
            drawer = str(self._parties["second_holder"][index])
            found = (code[:2].encode(), drawer.encode(), bureau.encode(), self._block(index, "Seller"))
            self._sellers[index] = found
        return found

    def buyer(self, index: int) -> bytes:
        """The buyer's block."""
        return self._buyers.get(index) or self._buyers.setdefault(index, self._block(index, "Buyer"))

    def _block(self, index: int, side: str) -> bytes:
        parties = self._parties
        values = (
            ("IdNum", parties["uscc"][index]),
            ("Name", parties["name"][index]),
            ("Addr", parties["address"][index]),
            ("TelNum", parties["phone"][index]),
            ("BankName", BANK_NAME),
            ("BankAccNum", parties["account"][index]),
        )
        inner = "".join(f"<{side}{tag}>{escape(str(value))}</{side}{tag}>" for tag, value in values)
        return f"<{side}Information>{inner}</{side}Information>".encode()
