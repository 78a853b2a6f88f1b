"""PAdES signatures (ETSI EN 319 142, level B-T) on a PDF, appended without changing a byte of what is there."""

from __future__ import annotations

import hashlib
from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import cms, core
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, BoxConstraints, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import as_signing_certificate, get_pyca_cryptography_hash, simple_cms_attribute
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from rongtong.core.clock import CHINA
from rongtong.origination.adapters.authority import Credential, Holder, credential_of, timestamp_authority
from rongtong.origination.adapters.typesetting import typeset_seal
from rongtong.origination.contracts import Side
from rongtong.origination.rules.form import clean_text

FIELDS = {Side.FIRM: "SignatureOfFirm", Side.LENDER: "SignatureOfLender"}
_REASONS = {Side.FIRM: "借款人签署借款合同", Side.LENDER: "贷款人签署借款合同"}
_MM = 72 / 25.4
_BOXES = {Side.LENDER: (60, 26), Side.FIRM: (147, 26)}
"""Lower left corner of each mark on the last page, in mm: inside the boxes at the foot of the template."""
_MARK = 36
_RESERVED = 10240
"""Hex digits kept for a signature with its timestamp: about 6,000 are taken."""


class _Page(PdfContent):  # type: ignore[misc]  # pyHanko is not checked
    """The first page of a PDF in memory, as a signature's appearance."""

    def __init__(self, pdf: bytes) -> None:
        self._pdf = pdf
        super().__init__()

    def render(self) -> bytes:
        page = self.writer.import_page_as_xobject(PdfFileReader(BytesIO(self._pdf)))
        self.resources.xobject["/Mark"] = page
        left, bottom, right, top = page.get_object()["/BBox"]
        self.box = BoxConstraints(width=abs(right - left), height=abs(top - bottom))
        return b"/Mark Do"


class _SignerAt(PdfSigner):  # type: ignore[misc]  # pyHanko is not checked
    """A signer whose clock is the caller's."""

    def __init__(self, *, at: datetime, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._at = at

    def init_signing_session(self, *arguments: Any, **named: Any) -> Any:
        session = super().init_signing_session(*arguments, **named)
        session.system_time = self._at
        return session


class _TimeStamper(DummyTimeStamper):  # type: ignore[misc]  # pyHanko is not checked
    """Holds the key as it was read once: the library reads and checks it anew for each stamp, which takes longer than signing."""

    def __init__(self, *, private_key: RSAPrivateKey, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._private_key = private_key

    def _sign_tst_info(self, tst_info_data: bytes, md_algorithm: str, dt: datetime) -> tuple[bytes, Any]:
        summary = hashlib.new(md_algorithm, tst_info_data).digest()
        attributes = cms.CMSAttributes(
            [
                simple_cms_attribute("content_type", "tst_info"),
                simple_cms_attribute("signing_time", cms.Time({"utc_time": core.UTCTime(dt)})),
                simple_cms_attribute("signing_certificate", as_signing_certificate(self.tsa_cert)),
                simple_cms_attribute("message_digest", summary),
            ]
        )
        method = get_pyca_cryptography_hash(md_algorithm.upper())
        return self._private_key.sign(attributes.dump(), PKCS1v15(), method), attributes


def sign_pdf(*, pdf: bytes, side: Side, holder: Holder, at: datetime) -> bytes:
    """The PDF with one more signature by the holder's demonstration certificate, timestamped at `at`."""
    moment = at.astimezone(CHINA).replace(microsecond=0)
    certificate, key = _asn1(credential_of(holder, at))
    signer = _SignerAt(
        at=moment,
        signature_meta=PdfSignatureMetadata(
            field_name=FIELDS[side],
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            name=holder.name,
            reason=_REASONS[side],
        ),
        signer=SimpleSigner(
            signing_cert=certificate,
            signing_key=key,
            cert_registry=SimpleCertificateStore(),
            embed_roots=False,
        ),
        timestamper=_timestamper(moment),
        stamp_style=StaticStampStyle(
            background=_Page(typeset_seal(name=clean_text(holder.name), dated=moment.date())),
            background_layout=SimpleBoxLayoutRule(AxisAlignment.ALIGN_MID, AxisAlignment.ALIGN_MID, Margins()),
            border_width=0,
        ),
        new_field_spec=SigFieldSpec(FIELDS[side], on_page=-1, box=_box(side)),
    )
    signed = signer.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), bytes_reserved=_RESERVED)
    return bytes(signed.getvalue())


def _box(side: Side) -> tuple[int, int, int, int]:
    left, bottom = _BOXES[side]
    return (round(left * _MM), round(bottom * _MM), round((left + _MARK) * _MM), round((bottom + _MARK) * _MM))


def _timestamper(moment: datetime) -> DummyTimeStamper:
    """Timestamps of our own: they prove the order of things to who trusts this installation, not an independent time."""
    credential = timestamp_authority()
    assert isinstance(credential.key, RSAPrivateKey), "RFC 3161 clients expect RSA"
    certificate, key = _asn1(credential)
    return _TimeStamper(private_key=credential.key, tsa_cert=certificate, tsa_key=key, fixed_dt=moment)


def _asn1(credential: Credential) -> tuple[asn1_x509.Certificate, asn1_keys.PrivateKeyInfo]:
    key = credential.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    certificate = credential.certificate.public_bytes(serialization.Encoding.DER)
    return asn1_x509.Certificate.load(certificate), asn1_keys.PrivateKeyInfo.load(key)
