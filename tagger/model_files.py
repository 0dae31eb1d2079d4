"""The files of a trained model: a folder with a manifest that says what they are, checked when loaded.

No pickle anywhere: arrays are safetensors, the rest is JSON and text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from tagger.errors import ModelError

MANIFEST_FILE = "manifest.json"


class FileEntry(BaseModel):
    """A file of the model as it was written."""

    sha256: str
    bytes: int


class Manifest(BaseModel):
    """What a model is, what it was made from, and how good it is."""

    name: str
    version: str
    format: int
    data: dict[str, str]  # training file -> SHA-256
    parameters: dict[str, Any]
    libraries: dict[str, str]
    scores: dict[str, Any]
    files: dict[str, FileEntry]


ManifestT = TypeVar("ManifestT", bound=Manifest)


def file_hash(path: Path) -> str:
    """Give the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_entries(folder: Path, names: Iterable[str]) -> dict[str, FileEntry]:
    """Describe the files of a model for its manifest."""
    return {
        name: FileEntry(sha256=file_hash(folder / name), bytes=(folder / name).stat().st_size)
        for name in sorted(names)
    }


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest; the last file of a model to be written."""
    text = manifest.model_dump_json(indent=1)
    (folder / MANIFEST_FILE).write_text(text + "\n", encoding="utf-8")


def load_manifest(folder: Path, kind: type[ManifestT], format: int) -> ManifestT:
    """Load the manifest of the model in `folder` and check every file that it names.

    Raises:
        ModelError: a file is missing or altered, or the model is of another format than `format`.
    """
    advice = "Install tagger again, or train the model anew with `tagger train`."
    path = folder / MANIFEST_FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ModelError(f"There is no model in {folder}: {MANIFEST_FILE} is missing. {advice}") from None
    try:
        found = Manifest.model_validate_json(text)
        if found.format != format:
            raise ModelError(
                f"The model in {folder} is of format {found.format}; this program reads format {format}. {advice}"
            )
        manifest = kind.model_validate_json(text)
    except ValidationError as error:
        raise ModelError(f"{path} is not a manifest: {error}. {advice}") from None
    for name, entry in manifest.files.items():
        if not (folder / name).is_file():
            raise ModelError(f"{folder / name} is missing. {advice}")
        if file_hash(folder / name) != entry.sha256:
            raise ModelError(f"{folder / name} was altered: it is not the file that was trained. {advice}")
    return manifest
