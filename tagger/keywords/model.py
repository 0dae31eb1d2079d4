"""A trained keyword model on disk: the weights, their calibration and the decision threshold."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save

from tagger.keywords.calibration import Calibration
from tagger.keywords.linear import LinearModel
from tagger.model_files import Manifest, file_entries, load_manifest, write_manifest

FORMAT = 1
_WEIGHTS = "weights.safetensors"
_TERMS = "terms.txt"


class KeywordManifest(Manifest):
    """A manifest with what decides over suggestions. `keyword_ids` are the rows of the weights."""

    keyword_ids: list[str]
    calibration: Calibration
    threshold: float


@dataclass(frozen=True)
class KeywordModel:
    """A model ready for use."""

    linear: LinearModel
    manifest: KeywordManifest

    @classmethod
    def load(cls, folder: Path) -> KeywordModel:
        """Load and check the model in `folder`.

        Raises:
            ModelError: a file is missing or altered, or of another format.
        """
        manifest = load_manifest(folder, KeywordManifest, FORMAT)
        arrays = load_file(folder / _WEIGHTS)
        terms = (folder / _TERMS).read_text(encoding="utf-8").splitlines()
        linear = LinearModel(
            columns={term: column for column, term in enumerate(terms)},
            idf=arrays["idf"],
            coef=arrays["coef"].astype(np.float32),
            intercept=arrays["intercept"],
            title_weight=manifest.parameters["title_weight"],
            words_read=manifest.parameters["words_read"],
        )
        return cls(linear, manifest)


def write_model_files(folder: Path, linear: LinearModel) -> None:
    """Write the arrays and the terms of a trained model; weights are rounded to 16 bits."""
    folder.mkdir(parents=True, exist_ok=True)
    terms = sorted(linear.columns, key=linear.columns.__getitem__)
    (folder / _TERMS).write_text("".join(f"{term}\n" for term in terms), encoding="utf-8")
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "coef": linear.coef.astype(np.float16),
        "intercept": linear.intercept,
        "idf": linear.idf,
    }
    (folder / _WEIGHTS).write_bytes(save(arrays))


def describe_files(folder: Path, manifest: KeywordManifest) -> KeywordManifest:
    """Complete the manifest of the model files in `folder` and write it; its version names their content."""
    files = file_entries(folder, (_WEIGHTS, _TERMS))
    decisive = [
        *(entry.sha256 for entry in files.values()),
        manifest.calibration.model_dump_json(),
        manifest.threshold,
    ]
    digest = hashlib.sha256(repr(decisive).encode()).hexdigest()[:8]
    complete = manifest.model_copy(update={"files": files, "version": f"{manifest.version}+{digest}"})
    write_manifest(folder, complete)
    return complete
