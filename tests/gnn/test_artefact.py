"""Saved models: whole or not there, refused in words when anything about them is not as it was saved."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import lightgbm
import msgspec
import numpy as np
import pytest

from gnn import artefact
from gnn.artefact import HeadSaid, Manifest, columns_sha256, read_artefact, version_of, versions_below, write_artefact
from gnn.pieces import ModelRefused
from graph.errors import ConfigurationError, StorageFull
from graph.window.features import FEATURES_VERSION

KEY = b"a key for tests only"


def booster() -> str:
    rng = np.random.default_rng(0)
    table = rng.normal(size=(200, 3))
    parameters = {"objective": "binary", "verbose": -1, "num_threads": 1}
    return lightgbm.train(parameters, lightgbm.Dataset(table, table[:, 0] > 0), 5).model_to_string()


def manifest_of(boosters: dict[str, str], arrays: dict[str, np.ndarray], **other: object) -> Manifest:
    nodes = {"model0": {"kind": "trees", "booster": "trees1", "columns": ["amount", "device_known", "ip_known"]}}
    said: dict[str, object] = {
        "format": artefact.FORMAT,
        "version": version_of(nodes, boosters, arrays),
        "features_version": FEATURES_VERSION,
        "columns_sha256": columns_sha256(),
        "nodes": nodes,
        "heads": (HeadSaid("whole", "model0"), HeadSaid("plain", "model0")),
        "most_outside": 2,
        "window": {},
        "made_by": {},
        "trained": {},
        "metrics": {},
        "canary": {},
    }
    return Manifest(**(said | other))  # type: ignore[arg-type]


def saved(root: Path, *, key: bytes | None = None, other: dict[str, object] | None = None) -> str:
    boosters, arrays = {"trees1": booster()}, {"line.at": np.arange(3.0)}
    manifest = manifest_of(boosters, arrays, **(other or {}))
    write_artefact(root, manifest, boosters, arrays, {"card.md": b"# card"}, key=key)
    return manifest.version


def test_a_model_reads_back_as_it_was_saved(tmp_path: Path) -> None:
    version = saved(tmp_path)
    found = read_artefact(tmp_path, version)
    assert found.boosters == {"trees1": booster()}
    assert found.arrays["line.at"].tolist() == [0.0, 1.0, 2.0]
    assert versions_below(tmp_path) == [version]
    assert sorted(path.name for path in tmp_path.iterdir()) == [version]  # nothing half-done beside it


def test_the_same_model_has_the_same_version_and_another_one_another(tmp_path: Path) -> None:
    assert saved(tmp_path / "one") == saved(tmp_path / "two")
    arrays = {"line.at": np.arange(4.0)}
    assert manifest_of({"trees1": booster()}, arrays).version != saved(tmp_path / "three")


@pytest.mark.parametrize("name", ["trees1.txt", artefact.ARRAYS, "card.md"])
@pytest.mark.parametrize("how", ["cut off", "edited", "gone"])
def test_a_file_that_is_not_as_saved_is_named(tmp_path: Path, name: str, how: str) -> None:
    version = saved(tmp_path)
    path = tmp_path / version / name
    content = path.read_bytes()
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(content[:-1] if how == "cut off" else content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ModelRefused, match=f"{name} of {version} (is not what was saved|cannot be read)"):
        read_artefact(tmp_path, version)


def test_an_edited_manifest_is_not_the_one_that_was_promoted(tmp_path: Path) -> None:
    version = saved(tmp_path)
    digest = read_artefact(tmp_path, version).digest
    path = tmp_path / version / artefact.MANIFEST
    path.write_bytes(path.read_bytes().replace(b'"most_outside": 2', b'"most_outside": 9'))
    assert read_artefact(tmp_path, version).manifest.most_outside == 9
    with pytest.raises(ModelRefused, match="not the one that was promoted"):
        read_artefact(tmp_path, version, digest=digest)
    path.write_bytes(b"{")
    with pytest.raises(ModelRefused, match="is not one"):
        read_artefact(tmp_path, version)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"format": 99}, "has format 99, this program reads 1"),
        ({"features_version": "1"}, f"trained on features 1, this program computes {FEATURES_VERSION}; train it again"),
        ({"columns_sha256": "0"}, "with other columns"),
    ],
)
def test_a_model_of_another_version_is_refused_with_both_versions(
    tmp_path: Path, other: dict[str, object], words: str
) -> None:
    version = saved(tmp_path, other=other)
    with pytest.raises(ModelRefused, match=words):
        read_artefact(tmp_path, version)


def test_with_a_key_only_models_signed_with_it_are_read(tmp_path: Path) -> None:
    version = saved(tmp_path / "signed", key=KEY)
    assert read_artefact(tmp_path / "signed", version, key=KEY).manifest.version == version
    for root, key in ((tmp_path / "signed", b"another key"), (tmp_path / "bare", KEY)):
        version = saved(tmp_path / "bare") if root.name == "bare" else version
        with pytest.raises(ModelRefused, match="no signature of this installation"):
            read_artefact(root, version, key=key)


def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    version = saved(tmp_path)
    (tmp_path / "secret").write_bytes(b"x")
    path = tmp_path / version / artefact.MANIFEST
    said = msgspec.json.decode(path.read_bytes())
    said["files"]["../secret"] = "0"
    path.write_bytes(msgspec.json.encode(said))
    with pytest.raises(ModelRefused, match="names files elsewhere"):
        read_artefact(tmp_path, version)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match="there is no model m-1; list them"):
        read_artefact(tmp_path, "m-1")


@pytest.mark.parametrize(
    ("number", "error", "words"),
    [
        (errno.ENOSPC, StorageFull, "no room left to save the model"),
        (errno.EACCES, ConfigurationError, "cannot be saved"),
    ],
)
def test_a_full_disk_leaves_nothing_and_touches_no_other_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type[Exception], words: str
) -> None:
    other = saved(tmp_path)
    before = {path: path.read_bytes() for path in (tmp_path / other).iterdir()}

    def full(_handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", full)
    arrays = {"line.at": np.arange(5.0)}
    boosters = {"trees1": booster()}
    with pytest.raises(error, match=words):
        write_artefact(tmp_path, manifest_of(boosters, arrays), boosters, arrays, {})
    assert {path: path.read_bytes() for path in (tmp_path / other).iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == [other]
