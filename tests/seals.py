"""An authority that signs invoices in tests, as XML-DSig: a root certificate, a certificate of a signer, documents signed by it."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from lxml import etree

DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DS}enveloped-signature"
_USAGES = {
    "digital_signature": True,
    "content_commitment": False,
    "key_encipherment": False,
    "data_encipherment": False,
    "key_agreement": False,
    "key_cert_sign": False,
    "crl_sign": False,
    "encipher_only": False,
    "decipher_only": False,
}


def canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


class Authority:
    """A root and one signer; by default both are in force from 2020 to 2040."""

    def __init__(self, name: str = "测试税务根", *, until: int = 2040, signer_is_authority: bool = False) -> None:
        self._root_key = rsa.generate_private_key(65537, 2048)
        self._key = rsa.generate_private_key(65537, 2048)
        self.root = self._certificate(name, name, self._root_key, authority=True, until=until)
        self.signer = self._certificate("电子税务局", name, self._key, authority=signer_is_authority, until=until)

    @property
    def pem(self) -> str:
        return self.root.public_bytes(serialization.Encoding.PEM).decode()

    def _certificate(
        self, name: str, issuer: str, key: rsa.RSAPrivateKey, *, authority: bool, until: int
    ) -> x509.Certificate:
        start = datetime(2020, 1, 1, tzinfo=UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(datetime(until, 1, 1, tzinfo=UTC) + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**_USAGES | {"key_cert_sign": authority}), critical=True)
            .sign(self._root_key, hashes.SHA256())
        )

    def sign(
        self,
        document: bytes,
        *,
        uri: str = "",
        transforms: tuple[str, ...] = (ENVELOPED, EXCLUSIVE),
        method: str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        inside: str = "",
    ) -> bytes:
        """The document with a signature as its last element; `inside` is XML that is put into it, unsigned."""
        root = etree.fromstring(document)
        value = base64.b64encode(hashlib.sha256(canonical(root)).digest()).decode()
        steps = "".join(f'<ds:Transform Algorithm="{one}"/>' for one in transforms)
        info = (
            f'<ds:SignedInfo xmlns:ds="{DS}"><ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>'
            f'<ds:SignatureMethod Algorithm="{method}"/><ds:Reference URI="{uri}">'
            f'<ds:Transforms>{steps}</ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
            f"<ds:DigestValue>{value}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
        )
        signed = self._key.sign(canonical(etree.fromstring(info)), padding.PKCS1v15(), hashes.SHA256())
        certificate = base64.b64encode(self.signer.public_bytes(serialization.Encoding.DER)).decode()
        signature = (
            f'<ds:Signature xmlns:ds="{DS}">{info}<ds:SignatureValue>{base64.b64encode(signed).decode()}</ds:SignatureValue>'
            f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
            f"{inside}</ds:Signature>"
        )
        root.append(etree.fromstring(signature))
        return etree.tostring(root)
