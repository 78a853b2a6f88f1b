"""PAdES signatures (ETSI EN 319 142, level B-T) on a PDF, appended without changing a byte of what is there."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from rongtong.core.clock import CHINA
from rongtong.origination.adapters.authority import Credential, Holder, credential_of, timestamp_authority
from rongtong.origination.contracts import Side

FIELDS = {Side.FIRM: "SignatureOfFirm", Side.LENDER: "SignatureOfLender"}
_REASONS = {Side.FIRM: "借款人签署借款合同", Side.LENDER: "贷款人签署借款合同"}
_RESERVED = 10240
"""Hex digits kept for a signature with its timestamp: about 6,000 are taken."""


class _SignerAt(PdfSigner):  # type: ignore[misc]  # pyHanko is not checked
    """A signer whose clock is the caller's."""

    def __init__(self, *, at: datetime, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._at = at

    def init_signing_session(self, *arguments: Any, **named: Any) -> Any:
        session = super().init_signing_session(*arguments, **named)
        session.system_time = self._at
        return session


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
    )
    signed = signer.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), bytes_reserved=_RESERVED)
    return bytes(signed.getvalue())


def _timestamper(moment: datetime) -> DummyTimeStamper:
    """Timestamps of our own: they prove the order of things to who trusts this installation, not an independent time."""
    certificate, key = _asn1(timestamp_authority())
    return DummyTimeStamper(tsa_cert=certificate, tsa_key=key, fixed_dt=moment)


def _asn1(credential: Credential) -> tuple[asn1_x509.Certificate, asn1_keys.PrivateKeyInfo]:
    key = credential.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    certificate = credential.certificate.public_bytes(serialization.Encoding.DER)
    return asn1_x509.Certificate.load(certificate), asn1_keys.PrivateKeyInfo.load(key)
