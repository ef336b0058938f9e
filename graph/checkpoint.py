"""Checkpoints: what memory held at one place of the log, as folders of plain files.

`checkpoint-<offset>/` has two files. `parts` holds arrays (`.npy`) and records (msgpack) one after the other: a file
each would be a hundred waits for the disk. `manifest.json` says which log, which place and its chain hash, who made it,
and place, size and hash of every part. It is written beside its place and renamed when all of it is on disk. Nothing
in it runs: no pickle. A checkpoint only saves time; whatever does not fit is refused with
the reason, and the log says the same again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from graph.errors import TarrafaError

FORMAT: Final = 1
KEPT: Final = 2
_MANIFEST: Final = "manifest.json"
_PARTS: Final = "parts"
_WRITING: Final = "writing"
_BLOCK: Final = 1 << 20


class CheckpointRefused(TarrafaError):
    """A checkpoint does not fit this log, program or settings, or its files are not what was written."""


@dataclass(frozen=True, slots=True)
class Column:
    """An array whose tail repeats its last value: `values`, then that value up to `length`."""

    values: NDArray[np.generic]
    length: int

    def full(self) -> NDArray[np.generic]:
        """The array as it was."""
        array = np.empty(self.length, dtype=self.values.dtype)
        array[: len(self.values)] = self.values
        array[len(self.values) :] = self.values[-1:]
        return array


def column(array: NDArray[np.generic]) -> Column:
    """Copy `array` (one dimension), leaving out the tail of equal values."""
    if len(array) == 0:
        return Column(array.copy(), 0)
    differs = (array != array[-1])[::-1]
    tail = int(differs.argmax()) if differs.any() else len(array)
    return Column(array[: len(array) - tail + 1].copy(), len(array))


@dataclass(frozen=True, slots=True)
class Record:
    """A record that is packed when it is written: a copy of what nobody changes in place.

    Copying a list or a dictionary takes a hundredth of packing it, and events wait only for the copy.
    """

    content: Any

    def packed(self) -> bytes:
        """The record as msgpack."""
        return msgspec.msgpack.encode(self.content)


#: Parts by name (letters, digits, dots, underscores): arrays, and records, as msgpack or to be packed.
Frozen: TypeAlias = Mapping[str, Column | bytes | Record]


class Place(msgspec.Struct, frozen=True):
    """A place in a log; `chain` is the hash (hex) of the entry at `offset`, so that no other log has this place."""

    log_id: str
    offset: int
    chain: str


class _Part(msgspec.Struct, frozen=True):
    start: int
    size: int
    blake2: str
    length: int | None = None  # of an array, with its tail


class Manifest(msgspec.Struct, frozen=True):
    """What a checkpoint says of itself: `made_by` are the versions and settings it holds for, `facts` for people."""

    format: int
    place: Place
    made_by: dict[str, str]
    facts: dict[str, int]
    parts: dict[str, _Part]


class _Sealed(msgspec.Struct):
    seal: str
    body: msgspec.Raw


class PlaceReader(Protocol):
    """Names places of a log."""

    @property
    def log_id(self) -> str: ...

    def chain_at(self, offset: int) -> str: ...


class Checkpoints:
    """The checkpoints of one home, below `root`, made and read by a program that calls itself `made_by`."""

    def __init__(self, root: Path, made_by: Mapping[str, str]) -> None:
        self._root, self._made_by = root, dict(made_by)

    def offsets(self) -> list[int]:
        """Offsets of what is there, newest first, fitting or not."""
        found = (path.name.removeprefix("checkpoint-") for path in self._root.glob("checkpoint-*"))
        return sorted((int(text) for text in found if text.isdecimal()), reverse=True)

    def write(
        self,
        place: Place,
        frozen: Frozen,
        *,
        facts: Mapping[str, int],
        on_part: Callable[[], None] = lambda: None,
    ) -> None:
        """Write a checkpoint and keep the newest `KEPT`; `on_part` is called after every part.

        Raises OSError (no room, no right); then nothing of it is left.
        """
        waiting, final = self._root / _WRITING, self._folder(place.offset)
        shutil.rmtree(waiting, ignore_errors=True)  # of a killed process
        try:
            waiting.mkdir(parents=True)
            parts = {}
            with (waiting / _PARTS).open("w+b") as stream:
                for name, part in frozen.items():
                    parts[name] = _written(stream, part)
                    on_part()
                _to_disk(stream)
            body = msgspec.json.encode(Manifest(FORMAT, place, self._made_by, dict(facts), parts))
            with (waiting / _MANIFEST).open("wb") as file:
                file.write(msgspec.json.encode(_Sealed(_hash(body), msgspec.Raw(body))))
                _to_disk(file)
            _folder_to_disk(waiting)
            shutil.rmtree(final, ignore_errors=True)
            waiting.rename(final)
            _folder_to_disk(self._root)
        except OSError:
            shutil.rmtree(waiting, ignore_errors=True)
            raise
        for offset in self.offsets()[KEPT:]:
            shutil.rmtree(self._folder(offset), ignore_errors=True)

    def manifest(self, offset: int) -> Manifest:
        """What the checkpoint at `offset` says of itself; raises CheckpointRefused."""
        try:
            sealed = msgspec.json.decode((self._folder(offset) / _MANIFEST).read_bytes(), type=_Sealed)
            if _hash(bytes(sealed.body)) != sealed.seal:
                raise CheckpointRefused("its manifest was changed")
            return msgspec.json.decode(sealed.body, type=Manifest)
        except OSError as error:
            raise CheckpointRefused(f"its manifest cannot be read: {error.strerror}") from error
        except msgspec.MsgspecError as error:
            raise CheckpointRefused(f"its manifest is not one: {error}") from error

    def read(self, offset: int, log: PlaceReader) -> Frozen:
        """The checkpoint at `offset` (one of `offsets`, not beyond the log); raises CheckpointRefused saying why."""
        manifest = self.manifest(offset)
        self._check_fits(manifest, offset, log)
        try:
            with (self._folder(offset) / _PARTS).open("rb") as stream:
                return {name: _read(stream, name, part) for name, part in manifest.parts.items()}
        except OSError as error:
            raise CheckpointRefused(f"its parts cannot be read: {error.strerror}") from error

    def clear(self) -> None:
        """Remove all of them."""
        shutil.rmtree(self._root, ignore_errors=True)

    def _check_fits(self, manifest: Manifest, offset: int, log: PlaceReader) -> None:
        if manifest.format != FORMAT:
            raise CheckpointRefused(f"it has format {manifest.format}, this program reads {FORMAT}")
        if manifest.place != Place(log.log_id, offset, log.chain_at(offset)):
            raise CheckpointRefused("it belongs to another log, or the log was replaced since")
        for name, now in self._made_by.items():
            then = manifest.made_by.get(name, "nothing")
            if then != now:
                raise CheckpointRefused(f"it was made with {name} {then}, now it is {now}")

    def _folder(self, offset: int) -> Path:
        return self._root / f"checkpoint-{offset}"


def prefixed(prefix: str, frozen: Frozen) -> Iterator[tuple[str, Column | bytes | Record]]:
    """The parts of `frozen` named `prefix.name`."""
    for name, part in frozen.items():
        yield f"{prefix}.{name}", part


def below(prefix: str, frozen: Frozen) -> Frozen:
    """The parts that `prefixed` named, under their own names."""
    return {name[len(prefix) + 1 :]: part for name, part in frozen.items() if name.startswith(f"{prefix}.")}


def array_of(frozen: Frozen, name: str) -> NDArray[np.generic]:
    """The array `name`; raises KeyError."""
    part = frozen[name]
    if not isinstance(part, Column):
        raise KeyError(name)
    return part.full()


def record_of(frozen: Frozen, name: str) -> bytes:
    """The record `name`; raises KeyError."""
    part = frozen[name]
    if isinstance(part, Column):
        raise KeyError(name)
    return part.packed() if isinstance(part, Record) else part


def _written(stream: BinaryIO, part: Column | bytes | Record) -> _Part:
    start = stream.tell()
    if not isinstance(part, Column):
        stream.write(part.packed() if isinstance(part, Record) else part)
    else:
        np.save(stream, part.values, allow_pickle=False)
    size = stream.tell() - start
    digest = _digest(stream, start, size)
    stream.seek(start + size)
    return _Part(start, size, digest, part.length if isinstance(part, Column) else None)


def _read(stream: BinaryIO, name: str, part: _Part) -> Column | bytes:
    if _digest(stream, part.start, part.size) != part.blake2:
        raise CheckpointRefused(f"its part {name} is not what was written")
    stream.seek(part.start)
    if part.length is None:
        return stream.read(part.size)
    return Column(np.load(stream, allow_pickle=False), part.length)


def _digest(stream: BinaryIO, start: int, size: int) -> str:
    stream.seek(start)
    found = hashlib.blake2b(digest_size=16)
    while size > 0 and (block := stream.read(min(size, _BLOCK))):
        found.update(block)
        size -= len(block)
    return found.hexdigest()


def _hash(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _folder_to_disk(path: Path) -> None:
    with suppress(OSError):  # some file systems cannot: then the rename is on disk a little later
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
