"""Certificates of one world: an authority that its programs trust, and what is issued to servers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

# In an authority's folder: what others trust, and what it signs with.
CERTIFICATE, KEY = "ca.pem", "ca.key"
LIFETIME = timedelta(days=365)


def found_authority(folder: Path) -> None:
    """Make an authority of the world's own, as companies have for their inner servers."""
    authority = trustme.CA(organization_name="Example Works")
    authority.cert_pem.write_to_path(folder / CERTIFICATE)
    _write_secret(folder / KEY, [authority.private_key_pem.bytes()])


def issue(folder: Path, host: str, path: Path, *, expired_for: timedelta | None = None) -> None:
    """Let the authority of *folder* issue a certificate; key and chain go to *path*."""
    authority = trustme.CA.from_pem((folder / CERTIFICATE).read_bytes(), (folder / KEY).read_bytes())
    ends = datetime.now(UTC) - expired_for if expired_for else datetime.now(UTC) + LIFETIME
    leaf = authority.issue_cert(host, not_before=ends - LIFETIME, not_after=ends)
    _write_leaf(leaf, path)


def issue_by_stranger(host: str, path: Path) -> None:
    """Write a certificate of an authority that nobody knows."""
    _write_leaf(trustme.CA(organization_name="Unknown Authority").issue_cert(host), path)


def sign_itself(host: str, path: Path) -> None:
    """Write a certificate that nobody but itself vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + LIFETIME)
    certificate = builder.sign(key, hashes.SHA256())
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write_secret(path, [secret, certificate.public_bytes(Encoding.PEM)])


def _write_leaf(leaf: trustme.LeafCert, path: Path) -> None:
    _write_secret(path, [leaf.private_key_pem.bytes(), *(blob.bytes() for blob in leaf.cert_chain_pems)])


def _write_secret(path: Path, parts: Iterable[bytes]) -> None:
    path.touch(mode=0o600)
    path.write_bytes(b"".join(parts))
