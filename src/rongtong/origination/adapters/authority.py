"""The demonstration authority: its root, a certificate per organisation and year, and a timestamp authority.

It shows that signing and checking work; it vouches for nobody. A real installation puts certificates of a licensed
authority (电子签名法 art. 16: 电子认证服务许可) in its place. Keys lie in `secrets/authority`, mode 0600.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from uuid import UUID, uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.conf import settings

from rongtong.core.clock import china_date
from rongtong.origination.rules.form import clean_text

ROOT_NAME = "Rongtong Demonstration Authority"
TIMESTAMP_NAME = "Rongtong Demonstration Timestamp Authority"
_EPOCH, _YEARS_OF_ROOT, _YEARS_OF_LEAF = 2015, 50, 3
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a certificate is for."""

    id: UUID
    name: str
    identifier: str


@dataclass(frozen=True, slots=True)
class Credential:
    """A private key and its certificate."""

    key: Key
    certificate: x509.Certificate


def root() -> Credential:
    """The authority's own key and self-signed certificate, made on first use."""
    return _kept("root", lambda: _self_signed(ec.generate_private_key(ec.SECP256R1())))


def credential_of(holder: Holder, at: datetime) -> Credential:
    """An organisation's key and certificate for the year of `at`, made on demand."""
    year = china_date(at).year
    return _kept(f"{holder.id}-{year}", lambda: _issue(_organisation_name(holder), year, timestamping=False))


def timestamp_authority() -> Credential:
    """The key and certificate that timestamps are signed with (RSA, as RFC 3161 clients expect)."""
    return _kept("timestamp", lambda: _issue(_name(TIMESTAMP_NAME), _EPOCH, timestamping=True))


def _folder() -> Path:
    folder = Path(settings.HOME) / "secrets" / "authority"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _kept(name: str, make: Callable[[], Credential]) -> Credential:
    """Read a credential, or make it: of two that make it at once the first one stands."""
    path = _folder() / f"{name}.pem"
    if not path.exists():
        _write_once(path, make())
    return _read(path)


@lru_cache(maxsize=256)
def _read(path: Path) -> Credential:
    """A credential from its file, kept in the process: it never changes, and checking a key takes longer than signing."""
    pem = path.read_bytes()
    key = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey), "we wrote it"
    return Credential(key, x509.load_pem_x509_certificate(pem[pem.index(b"-----BEGIN CERTIFICATE") :]))


def _write_once(path: Path, credential: Credential) -> None:
    pem = credential.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + credential.certificate.public_bytes(serialization.Encoding.PEM)
    temporary = path.with_name(f".{path.name}.{uuid4().hex}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(pem)
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        temporary.unlink()


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Rongtong (demonstration only)"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _organisation_name(holder: Holder) -> x509.Name:
    name = clean_text(holder.name) or str(holder.id)
    common = name.encode()[:64].decode(errors="ignore")  # a common name has at most 64 bytes; the organisation is whole
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
            x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, clean_text(holder.identifier) or str(holder.id)),
            x509.NameAttribute(NameOID.USER_ID, str(holder.id)),
        ]
    )


def _self_signed(key: Key) -> Credential:
    name = _name(ROOT_NAME)
    builder = (
        _builder(name, name, key, _EPOCH, _YEARS_OF_ROOT)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return Credential(key, builder.sign(key, hashes.SHA256()))


def _issue(subject: x509.Name, year: int, *, timestamping: bool) -> Credential:
    issuer = root()
    key: Key = (
        rsa.generate_private_key(public_exponent=65537, key_size=2048)
        if timestamping
        else ec.generate_private_key(ec.SECP256R1())
    )
    years = _YEARS_OF_ROOT if timestamping else _YEARS_OF_LEAF
    builder = (
        _builder(subject, issuer.certificate.subject, key, year, years)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()),
            critical=False,
        )
    )
    if timestamping:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return Credential(key, builder.sign(issuer.key, hashes.SHA256()))


def _builder(subject: x509.Name, issuer: x509.Name, key: Key, year: int, years: int) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(year - 1, 12, 31, tzinfo=UTC))
        .not_valid_after(datetime(year + years, 1, 2, tzinfo=UTC))
    )


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=not certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )
