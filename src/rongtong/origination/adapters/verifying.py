"""Whether a PDF is a loan agreement that both sides signed and nobody changed since."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import find_unique_cms_attribute
from pyhanko.sign.validation import EmbeddedPdfSignature, validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from rongtong.core.canonical import digest
from rongtong.core.confined import Limits, read_confined
from rongtong.origination.adapters import authority
from rongtong.origination.adapters.signing import FIELDS
from rongtong.origination.contracts import AgreementCheck, Side, SignatureCheck

logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # what damage makes it say is said in `problems`
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
MAX_BYTES = 20 * 1024 * 1024
_LIMITS = Limits(cpu_seconds=4, wall_seconds=20.0, patience=0.5)
_FILE, _REVISION = SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION


def check_foreign_pdf(pdf: bytes) -> AgreementCheck:
    """Check a document that anybody may have made, in a child process of few means: reading a PDF can take for ever.

    Raises DocumentTooCostly, ReadersBusy.
    """
    answer = json.loads(read_confined(read_agreement, pdf, limits=_LIMITS, root=_root_certificate().hex()))
    signatures = []
    for one in answer["signatures"]:
        moments: dict[str, Any] = {name: _moment(one[name]) for name in ("signed_at", "timestamp_at")}
        signatures.append(SignatureCheck(**one | moments))
    problems = tuple(answer["problems"])
    return AgreementCheck(
        ok=not problems, digest=digest(pdf), agreement_id=None, signatures=tuple(signatures), problems=problems
    )


def read_agreement(pdf: bytes, arguments: dict[str, Any]) -> bytes:
    """What a child does: `check_pdf` with the root that its parent names, as JSON."""
    check = check_pdf(pdf, root=bytes.fromhex(arguments["root"]))
    return json.dumps(
        {"signatures": [asdict(one) for one in check.signatures], "problems": check.problems},
        default=datetime.isoformat,
    ).encode()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def check_pdf(pdf: bytes, *, root: bytes | None = None) -> AgreementCheck:
    """Check every signature of a document against the demonstration authority; never raises on what is in the bytes.

    For documents of our own; what anybody else made goes through `check_foreign_pdf`.

    Each byte is covered: all but the last signature by a digest, the last signature by its one lawful encoding.
    """
    checks: list[SignatureCheck] = []
    problems: list[str] = []
    if len(pdf) > MAX_BYTES or not pdf.startswith(b"%PDF-"):
        problems.append("not_a_pdf")
    else:
        try:
            signatures = list(PdfFileReader(BytesIO(pdf), strict=True).embedded_signatures)
            trusted = asn1_x509.Certificate.load(root or _root_certificate())
            checks = [_check(pdf, signature, trusted, last=signature is signatures[-1]) for signature in signatures]
            problems = _problems(checks)
        except Exception:  # a damaged file fails in as many ways as it has bytes
            problems.append("bytes_changed" if b"/ByteRange" in pdf else "not_a_pdf")
    return AgreementCheck(
        ok=not problems, digest=digest(pdf), agreement_id=None, signatures=tuple(checks), problems=tuple(problems)
    )


def _problems(checks: list[SignatureCheck]) -> list[str]:
    problems = [check.problem for check in checks if check.problem]
    for side in Side:
        if side not in {check.side for check in checks}:
            problems.append(f"signature_missing_{side}")
    if len(checks) != len({check.side for check in checks}):
        problems.append("signature_unexpected")
    return list(dict.fromkeys(problems))


def _check(pdf: bytes, signature: EmbeddedPdfSignature, root: asn1_x509.Certificate, *, last: bool) -> SignatureCheck:
    side = next((side for side, name in FIELDS.items() if name == signature.field_name), signature.field_name)
    timestamp = _timestamp(signature)
    context = ValidationContext(trust_roots=[root], allow_fetching=False, moment=timestamp, revocation_mode="soft-fail")
    status = validate_pdf_signature(signature, context, context)
    stamped = status.timestamp_validity
    intact = bool(status.intact and status.valid and _encoded_lawfully(pdf, signature))
    trusted = bool(status.trusted and stamped is not None and stamped.trusted)
    problem = ""
    if not intact or stamped is None or not (stamped.intact and stamped.valid):
        problem = "bytes_changed"
    elif not trusted:
        problem = "authority_unknown"
    elif status.coverage < (_FILE if last else _REVISION) or not status.docmdp_ok:
        problem = "bytes_appended"
    return SignatureCheck(
        side=str(side),
        signer=str(status.signing_cert.subject.native.get("organization_name", "")),
        signed_at=signature.self_reported_timestamp,
        timestamp_at=timestamp,
        intact=intact,
        trusted=trusted,
        problem=problem,
    )


def _timestamp(signature: EmbeddedPdfSignature) -> datetime:
    token: Any = find_unique_cms_attribute(signature.signer_info["unsigned_attrs"], "signature_time_stamp_token")
    moment = token["content"]["encap_content_info"]["content"].parsed["gen_time"].native
    assert isinstance(moment, datetime)
    return moment


def _encoded_lawfully(pdf: bytes, signature: EmbeddedPdfSignature) -> bool:
    """That the signature's own bytes, which no digest covers, are exactly its DER in upper-case hex, padded with zeros."""
    ranges = [int(number) for number in signature.byte_range]
    start, end = ranges[0] + ranges[1], ranges[2]
    contents = pdf[start:end]
    der: bytes = cms.ContentInfo.load(bytes(signature.pkcs7_content)).dump()
    return contents == b"<" + der.hex().upper().encode().ljust(end - start - 2, b"0") + b">"


def _root_certificate() -> bytes:
    return authority.root().certificate.public_bytes(serialization.Encoding.DER)
