"""XML signatures (XML-DSig) on documents of strangers: narrow on purpose, and whatever is outside of it is unsigned.

One enveloped signature over the whole document, by a certificate that chains to an anchor which the operator configured.
No other transforms than enveloped and canonicalisation, no references elsewhere, no SHA-1, no keys without a certificate.
"""

from __future__ import annotations

import base64
import binascii
import copy
import hashlib
from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

_DS = "http://www.w3.org/2000/09/xmldsig#"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_ENVELOPED = f"{_DS}enveloped-signature"
_MORE, _ENC = "http://www.w3.org/2001/04/xmldsig-more#", "http://www.w3.org/2001/04/xmlenc#"
_DIGESTS = {f"{_ENC}sha256": "sha256", f"{_MORE}sha384": "sha384", f"{_ENC}sha512": "sha512"}
_METHODS: dict[str, tuple[str, hashes.HashAlgorithm]] = {
    f"{_MORE}rsa-sha256": ("rsa", hashes.SHA256()),
    f"{_MORE}rsa-sha384": ("rsa", hashes.SHA384()),
    f"{_MORE}rsa-sha512": ("rsa", hashes.SHA512()),
    f"{_MORE}ecdsa-sha256": ("ec", hashes.SHA256()),
    f"{_MORE}ecdsa-sha384": ("ec", hashes.SHA384()),
}
_MOST_CERTIFICATES, _SMALLEST_RSA = 4, 2048


class _Unsigned(Exception):
    """The document bears no signature that is worth anything here."""


def signed_content(root: etree._Element, *, anchors: Sequence[x509.Certificate], at: datetime) -> etree._Element | None:
    """What a document's signature covers: a copy of it without the signature; None where no valid one vouches for it at a moment."""
    try:
        return _signed_content(root, anchors, at)
    except (_Unsigned, InvalidSignature, ValueError, TypeError, binascii.Error, x509.ExtensionNotFound):
        return None


def _signed_content(root: etree._Element, anchors: Sequence[x509.Certificate], at: datetime) -> etree._Element:
    if len(list(root.iter(f"{{{_DS}}}Signature"))) != 1:
        raise _Unsigned()
    signature = _only(root, "Signature")
    info = _only(signature, "SignedInfo")
    if _algorithm(info, "CanonicalizationMethod") != _EXCLUSIVE or len(_only(info, "CanonicalizationMethod")):
        raise _Unsigned()
    covered = _covered(root, _only(info, "Reference"))
    chain = [
        x509.load_der_x509_certificate(_decoded(one))
        for one in _only(_only(signature, "KeyInfo"), "X509Data").findall(f"{{{_DS}}}X509Certificate")
    ]
    _require_chain(chain, anchors, at)
    _require_signature(
        chain[0], _algorithm(info, "SignatureMethod"), _decoded(_only(signature, "SignatureValue")), info
    )
    return covered


def _covered(root: etree._Element, reference: etree._Element) -> etree._Element:
    """The document without its signature, where its digest is the one that the reference states."""
    transforms = [one.get("Algorithm") for one in _only(reference, "Transforms")]
    if reference.get("URI") != "" or transforms[:1] != [_ENVELOPED] or len(transforms) > 2:
        raise _Unsigned()
    how = transforms[1] if len(transforms) == 2 else _INCLUSIVE
    if how not in {_EXCLUSIVE, _INCLUSIVE} or any(len(one) for one in _only(reference, "Transforms")):
        raise _Unsigned()
    whole = copy.deepcopy(root)
    _remove(_only(whole, "Signature"))
    name = _DIGESTS.get(_algorithm(reference, "DigestMethod"), "")
    if not name or hashlib.new(name, _canonical(whole, how)).digest() != _decoded(_only(reference, "DigestValue")):
        raise _Unsigned()
    return whole


def _require_chain(chain: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate], at: datetime) -> None:
    """The first certificate signs, each next one issued the one before, and an anchor is or issued the last."""
    if not 1 <= len(chain) <= _MOST_CERTIFICATES:
        raise _Unsigned()
    usage = chain[0].extensions.get_extension_for_class(x509.KeyUsage).value
    if not (usage.digital_signature or usage.content_commitment):
        raise _Unsigned()
    anchor = next((one for one in anchors if _issued(one, chain[-1])), None)
    if anchor is None:
        if chain[-1] not in anchors:
            raise _Unsigned()
        anchor = chain[-1]
    path = [*chain, anchor]
    for issued, issuer in zip(chain, path[1:], strict=True):
        if issued == issuer:
            continue
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        keys = issuer.extensions.get_extension_for_class(x509.KeyUsage).value
        if not (constraints.ca and keys.key_cert_sign and _issued(issuer, issued)):
            raise _Unsigned()
    if any(not one.not_valid_before_utc <= at <= one.not_valid_after_utc for one in path):
        raise _Unsigned()


def _issued(issuer: x509.Certificate, issued: x509.Certificate) -> bool:
    try:
        issued.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _require_signature(signer: x509.Certificate, method: str, value: bytes, info: etree._Element) -> None:
    if method not in _METHODS:
        raise _Unsigned()
    kind, algorithm = _METHODS[method]
    key, message = signer.public_key(), _canonical(info, _EXCLUSIVE)
    if kind == "rsa" and isinstance(key, rsa.RSAPublicKey) and key.key_size >= _SMALLEST_RSA:
        key.verify(value, message, padding.PKCS1v15(), algorithm)
    elif kind == "ec" and isinstance(key, ec.EllipticCurvePublicKey):
        half = len(value) // 2
        numbers = int.from_bytes(value[:half]), int.from_bytes(value[half:])
        key.verify(encode_dss_signature(*numbers), message, ec.ECDSA(algorithm))
    else:
        raise _Unsigned()


def _canonical(element: etree._Element, how: str) -> bytes:
    alone = copy.deepcopy(element)
    alone.tail = None
    return etree.tostring(alone, method="c14n", exclusive=how == _EXCLUSIVE, with_comments=False)


def _remove(element: etree._Element) -> None:
    """Take an element out of its document, and leave the text behind it where it was."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        raise _Unsigned()
    if before is not None:
        before.tail = (before.tail or "") + (element.tail or "")
    else:
        parent.text = (parent.text or "") + (element.tail or "")
    parent.remove(element)


def _only(element: etree._Element, name: str) -> etree._Element:
    found = element.findall(f"{{{_DS}}}{name}")
    if len(found) != 1:
        raise _Unsigned()
    return found[0]


def _algorithm(element: etree._Element, name: str) -> str:
    return _only(element, name).get("Algorithm") or ""


def _decoded(element: etree._Element) -> bytes:
    return base64.b64decode("".join((element.text or "").split()), validate=True)
