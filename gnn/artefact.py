"""Saved models: a folder each, with plain files whose hashes stand in a manifest. Never pickle, never torch.load.

`manifest.json` says what the model is, which features it needs, what it was trained on and how good it was;
`trees-*.txt` are LightGBM's own texts, `arrays.safetensors` everything numeric, `card.md` and `calibration.svg` are for
people. A folder is written beside its place, brought to disk and renamed, so a model is whole or not there. Its version
is a hash of what it computes: the same model trained again has the same version.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from gnn.dataset import WINDOW_COLUMNS
from gnn.pieces import ModelRefused, Node, Packed
from graph.errors import ConfigurationError, StorageFull
from graph.window.features import FEATURES_VERSION

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
ARRAYS: Final = "arrays.safetensors"
SIGNATURE: Final = "signature"
FILE_BYTES: Final = 1 << 30  # no file of a model is larger


class HeadSaid(msgspec.Struct, frozen=True):
    """A head of a model: its name, its node in the recipe, and the prefix of its lines among the arrays."""

    name: str
    node: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is said of a model besides its numbers. `heads` are the whole model and the plain one, which
    answers where the whole one cannot."""

    format: int
    version: str
    features_version: str
    columns_sha256: str
    nodes: dict[str, Node]
    heads: tuple[HeadSaid, HeadSaid]
    most_outside: int
    window: dict[str, int]
    made_by: dict[str, str]
    trained: dict[str, Any]
    metrics: dict[str, Any]
    canary: dict[str, Any]
    files: dict[str, str] = {}


class Artefact(msgspec.Struct, frozen=True):
    """A model as it was read: its manifest, the SHA-256 of that, its texts and arrays."""

    manifest: Manifest
    digest: str
    boosters: dict[str, str]
    arrays: dict[str, NDArray[Any]]

    @property
    def packed(self) -> Packed:
        """The pieces of the whole model."""
        return Packed(self.manifest.nodes, tuple(head.node for head in self.manifest.heads), self.boosters, self.arrays)


def columns_sha256() -> str:
    """Hash of the names and order of the columns that this program computes."""
    return hashlib.sha256("\n".join(WINDOW_COLUMNS).encode()).hexdigest()


def version_of(nodes: Mapping[str, Node], boosters: Mapping[str, str], arrays: Mapping[str, NDArray[Any]]) -> str:
    """Name of a model, equal for models that compute the same."""
    found = hashlib.sha256(msgspec.json.encode(dict(nodes), order="sorted"))
    for name, text in sorted(boosters.items()):
        found.update(name.encode() + text.encode())
    for name, array in sorted(arrays.items()):
        found.update(name.encode() + str((array.dtype, array.shape)).encode() + np.ascontiguousarray(array).tobytes())
    return f"m-{found.hexdigest()[:12]}"


def write_artefact(
    root: Path,
    manifest: Manifest,
    boosters: Mapping[str, str],
    arrays: Mapping[str, NDArray[Any]],
    papers: Mapping[str, bytes],
    *,
    key: bytes | None = None,
) -> str:
    """Write a model below `root`; return the SHA-256 of its manifest. One that is there already stays as it is.

    Raises StorageFull or ConfigurationError when it cannot be written; then nothing of it is left.
    """
    final = root / manifest.version
    if final.exists():
        return read_artefact(root, manifest.version, key=key).digest
    waiting = root / f".writing-{os.getpid()}"
    shutil.rmtree(waiting, ignore_errors=True)
    files = {f"{name}.txt": text.encode() for name, text in boosters.items()} | dict(papers)
    files[ARRAYS] = save_arrays({name: np.ascontiguousarray(array) for name, array in arrays.items()})
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    said = msgspec.json.format(msgspec.json.encode(msgspec.structs.replace(manifest, files=hashes), order="sorted"))
    files[MANIFEST] = said
    if key is not None:
        files[SIGNATURE] = hmac.new(key, said, hashlib.sha256).hexdigest().encode()
    try:
        waiting.mkdir(parents=True)
        for name, content in files.items():
            _to_disk(waiting / name, content)
        waiting.rename(final)
        _folder_to_disk(root)
    except OSError as error:
        shutil.rmtree(waiting, ignore_errors=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(
                "no room left to save the model", cure="free space on that disk and train again"
            ) from error
        raise ConfigurationError(f"the model cannot be saved in {root}: {error.strerror}", cure="mend that") from error
    return hashlib.sha256(said).hexdigest()


def read_manifest(root: Path, version: str) -> tuple[Manifest, bytes]:
    """What a model says of itself, and the bytes it says it in. Raises ModelRefused."""
    path = root / version / MANIFEST
    try:
        said = path.read_bytes()
        return msgspec.json.decode(said, type=Manifest), said
    except FileNotFoundError as error:
        raise ModelRefused(f"there is no model {version}", cure="list them with tarrafa models list") from error
    except OSError as error:
        raise ModelRefused(f"the manifest of {version} cannot be read: {error.strerror}") from error
    except msgspec.MsgspecError as error:
        raise ModelRefused(f"the manifest of {version} is not one: {error}") from error


def read_artefact(root: Path, version: str, *, digest: str | None = None, key: bytes | None = None) -> Artefact:
    """Read a model and check everything about it.

    Raises ModelRefused in words: files missing, cut off or changed (against the manifest, and the manifest against
    `digest` where one is known), no valid signature where there is a `key`, another format, other features.
    """
    manifest, said = read_manifest(root, version)
    found = hashlib.sha256(said).hexdigest()
    if digest is not None and found != digest:
        raise ModelRefused(f"the manifest of {version} is not the one that was promoted", cure="restore it")
    if key is not None:
        _check_signature(root / version / SIGNATURE, said, key, version)
    if manifest.format != FORMAT:
        raise ModelRefused(
            f"{version} has format {manifest.format}, this program reads {FORMAT}", cure="train it again"
        )
    if manifest.version != version:
        raise ModelRefused(f"the folder {version} holds {manifest.version}", cure="give it its own name back")
    if manifest.features_version != FEATURES_VERSION or manifest.columns_sha256 != columns_sha256():
        raise ModelRefused(
            f"{version} was trained on features {manifest.features_version}, this program computes {FEATURES_VERSION}"
            + ("" if manifest.features_version != FEATURES_VERSION else " with other columns"),
            cure="train it again",
        )
    if any(Path(name).name != name for name in manifest.files):
        raise ModelRefused(f"the manifest of {version} names files elsewhere", cure="restore it from its backup")
    contents = {name: _content(root / version / name, sha256, version) for name, sha256 in manifest.files.items()}
    try:
        arrays = load_arrays(contents[ARRAYS])
    except (KeyError, SafetensorError, ValueError) as error:
        raise ModelRefused(f"the arrays of {version} cannot be read: {error}") from error
    boosters = {
        name.removesuffix(".txt"): content.decode() for name, content in contents.items() if name.endswith(".txt")
    }
    if version_of(manifest.nodes, boosters, arrays) != version:
        raise ModelRefused(f"{version} is not what its name says", cure="restore it from its backup")
    return Artefact(manifest, found, boosters, arrays)


def versions_below(root: Path) -> list[str]:
    """Versions of the models below `root`, readable or not, sorted."""
    return sorted(path.parent.name for path in root.glob(f"m-*/{MANIFEST}"))


def _content(path: Path, sha256: str, version: str) -> bytes:
    try:
        if path.is_symlink() or path.stat().st_size > FILE_BYTES:
            raise ModelRefused(f"{path.name} of {version} is no file of a model")
        content = path.read_bytes()
    except OSError as error:
        raise ModelRefused(f"{path.name} of {version} cannot be read: {error.strerror}", cure="restore it") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ModelRefused(f"{path.name} of {version} is not what was saved", cure="restore it from its backup")
    return content


def _check_signature(path: Path, said: bytes, key: bytes, version: str) -> None:
    try:
        given = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        given = ""
    if not hmac.compare_digest(given, hmac.new(key, said, hashlib.sha256).hexdigest()):
        raise ModelRefused(f"{version} carries no signature of this installation", cure="train it again here")


def _to_disk(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _folder_to_disk(path: Path) -> None:
    with suppress(OSError):  # some file systems cannot: then the rename is on disk a little later
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
