"""A signature counts where it covers the whole document and chains to an anchor; everything else is unsigned."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml import etree

from rongtong.sources.contracts import SourceKind
from rongtong.sources.formats.xml import parse_xml
from rongtong.sources.formats.xml_signature import signed_content
from tests.seals import DS, ENVELOPED, EXCLUSIVE, Authority

AT = datetime(2026, 11, 2, tzinfo=UTC)
DOCUMENT = b"<EInvoice><Header><EIid>26332000000000000001</EIid></Header> <Amount>113.00</Amount></EInvoice>"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def verified(document: bytes, authority: Authority, *, at: datetime = AT) -> str | None:
    found = signed_content(parse_xml(document, SourceKind.INVOICES), anchors=[authority.root], at=at)
    return None if found is None else etree.tostring(found).decode()


class TestASignature:
    def test_of_the_authority_counts_for_what_it_covers(self, authority: Authority) -> None:
        assert verified(authority.sign(DOCUMENT), authority) == DOCUMENT.decode()
        assert verified(authority.sign(DOCUMENT, transforms=(ENVELOPED,)), authority) == DOCUMENT.decode()

    def test_of_nobody_or_of_another_does_not(self, authority: Authority) -> None:
        assert verified(DOCUMENT, authority) is None
        assert verified(Authority().sign(DOCUMENT), authority) is None, "the same names, another key"

    @pytest.mark.parametrize("place", [b"113.00", b"0001<", b"<Amount>"])
    def test_of_what_was_changed_since_does_not(self, authority: Authority, place: bytes) -> None:
        other = {b"113.00": b"913.00", b"0001<": b"0002<", b"<Amount>": b"<Amount><!-- --><B/>"}[place]
        assert verified(authority.sign(DOCUMENT).replace(place, other), authority) is None

    @pytest.mark.parametrize(
        "how",
        [
            {"uri": "#part"},
            {"transforms": (ENVELOPED, "http://www.w3.org/TR/1999/REC-xslt-19991116")},
            {"transforms": (ENVELOPED, "http://www.w3.org/TR/1999/REC-xpath-19991116")},
            {"transforms": (EXCLUSIVE,)},
            {"transforms": (ENVELOPED, EXCLUSIVE, EXCLUSIVE)},
            {"method": f"{DS}rsa-sha1"},
            {"method": f"{DS}hmac-sha1"},
        ],
        ids=str,
    )
    def test_in_another_way_than_the_narrow_one_does_not(self, authority: Authority, how: dict[str, object]) -> None:
        assert verified(authority.sign(DOCUMENT, **how), authority) is None

    def test_lets_nothing_be_read_from_inside_of_it(self, authority: Authority) -> None:
        inside = "<ds:Object><Amount>999.00</Amount></ds:Object>"
        assert verified(authority.sign(DOCUMENT, inside=inside), authority) == DOCUMENT.decode()

    def test_is_the_only_one_and_not_wrapped_in_another_document(self, authority: Authority) -> None:
        signed = authority.sign(DOCUMENT)
        assert verified(authority.sign(signed), authority) is None
        assert verified(b"<EInvoice><Amount>999</Amount>" + signed + b"</EInvoice>", authority) is None

    def test_holds_while_its_certificates_do(self, authority: Authority) -> None:
        assert verified(authority.sign(DOCUMENT), authority, at=datetime(2041, 1, 1, tzinfo=UTC)) is None
        assert verified(authority.sign(DOCUMENT), authority, at=datetime(2019, 1, 1, tzinfo=UTC)) is None
