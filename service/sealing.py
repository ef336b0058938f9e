"""Signed checkpoints of the event log: what proves later, and elsewhere, that nothing before them was touched.

A checkpoint names the log, how many entries it held and the hash that covers all of them, signed with the Ed25519 key
of the installation. Kept outside the reach of whoever could rewrite the log, it shows a cut-off end and a rewritten
chain, which the log alone cannot (ADR 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from graph.errors import ConfigurationError
from graph.log.sqlite import SqliteEventLog
from service.home import key_file

KIND: Final = "tarrafa-log-checkpoint"
VERSION: Final = 1
_ENCODER = msgspec.json.Encoder(order="sorted")


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was sealed: the log's id, how many entries it held at `made_at` (UTC epoch ms) and the chain up to there.

    `public_key` and `signature` are hex; the signature is over the canonical JSON of all the other fields.
    """

    kind: str
    version: int
    log_id: str
    entries: int
    chain: str
    made_at: int
    public_key: str
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check looked at."""

    about: str
    ok: bool
    detail: str


def signing_key(path: Path) -> Ed25519PrivateKey:
    """Return the installation's key, making its file on first use."""
    return Ed25519PrivateKey.from_private_bytes(_bytes(key_file(path.expanduser()).decode(), 32, str(path)))


def public_key_of(key: Ed25519PrivateKey) -> str:
    """Return the public key as hex: give it to those who shall check checkpoints."""
    return key.public_key().public_bytes_raw().hex()


def seal(log: SqliteEventLog, key: Ed25519PrivateKey, *, now_ms: int) -> Checkpoint:
    """Return a signed checkpoint of the log as it stands, after walking all of it.

    Raises `ConfigurationError` when the log is not sound: what is broken is not sealed.
    """
    found = log.verify()
    if not found.ok:
        raise ConfigurationError(
            f"the log is not sound at entry {found.first_bad}: {found.problem}",
            cure="restore it from its last good copy",
        )
    open_ended = Checkpoint(
        kind=KIND,
        version=VERSION,
        log_id=log.log_id,
        entries=found.entries,
        chain=found.chain,
        made_at=now_ms,
        public_key=public_key_of(key),
    )
    return msgspec.structs.replace(open_ended, signature=key.sign(_signed(open_ended)).hex())


def write_checkpoint(checkpoint: Checkpoint, path: Path) -> None:
    """Write a checkpoint as JSON."""
    path.write_bytes(msgspec.json.format(_ENCODER.encode(checkpoint), indent=2) + b"\n")


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint; raise `ConfigurationError` for a file that is none."""
    try:
        checkpoint = msgspec.json.decode(path.read_bytes(), type=Checkpoint)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise ConfigurationError(f"{path} is no checkpoint: {error}", cure="give one of `tarrafa log seal`") from error
    if checkpoint.kind != KIND or checkpoint.version != VERSION:
        raise ConfigurationError(
            f"{path} is a {checkpoint.kind} of version {checkpoint.version}", cure="use the release that wrote it"
        )
    return checkpoint


def check_signature(checkpoint: Checkpoint, *, public_key: str | None) -> list[Finding]:
    """Check the signature with the key the checkpoint names, and that this is the key expected; needs no log."""
    findings = []
    if public_key is not None:
        same = checkpoint.public_key == public_key.strip().lower()
        findings.append(Finding("key", same, "is the one expected" if same else f"is {checkpoint.public_key}"))
    key = Ed25519PublicKey.from_public_bytes(_bytes(checkpoint.public_key, 32, "public_key"))
    try:
        key.verify(_bytes(checkpoint.signature, 64, "signature"), _signed(checkpoint))
    except InvalidSignature:
        findings.append(Finding("signature", False, "does not fit what the checkpoint says"))
    else:
        findings.append(Finding("signature", True, f"of key {checkpoint.public_key[:16]}"))
    return findings


def check_log(checkpoint: Checkpoint, log: SqliteEventLog) -> list[Finding]:
    """Check that the log is sound and still begins with exactly what was sealed."""
    found = log.verify()
    sound = f"{found.entries:,} entries" if found.ok else f"entry {found.first_bad}: {found.problem}"
    findings = [Finding("log", found.ok, sound)]
    if log.log_id != checkpoint.log_id:
        findings.append(Finding("origin", False, f"this log is {log.log_id}, the checkpoint is of {checkpoint.log_id}"))
    elif found.entries < checkpoint.entries:
        lost = checkpoint.entries - found.entries
        findings.append(Finding("end", False, f"{lost:,} of {checkpoint.entries:,} sealed entries are gone or unsound"))
    elif log.chain_at(checkpoint.entries) != checkpoint.chain:
        findings.append(
            Finding("chain", False, f"the first {checkpoint.entries:,} entries are not those that were sealed")
        )
    else:
        findings.append(Finding("chain", True, f"the first {checkpoint.entries:,} entries are those that were sealed"))
    return findings


def _signed(checkpoint: Checkpoint) -> bytes:
    return _ENCODER.encode(msgspec.structs.replace(checkpoint, signature=""))


def _bytes(text: str, size: int, name: str) -> bytes:
    try:
        found = bytes.fromhex(text.strip())
    except ValueError as error:
        raise ConfigurationError(f"{name} is not hexadecimal", cure=f"give {size} bytes in hex") from error
    if len(found) != size:
        raise ConfigurationError(f"{name} has {len(found)} bytes", cure=f"give {size} bytes in hex")
    return found
