"""Where the trained models and the data files are: named by the user, in the wheel, or in a checkout."""

from __future__ import annotations

from pathlib import Path

from tagger.errors import ModelError

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "_data"  # where the wheel puts both folders
_CHECKOUT = _PACKAGE.parent


def models_dir(chosen: Path | None = None) -> Path:
    """Return the folder of trained models: `chosen` if given, else the one this program came with."""
    return _find("models", chosen, "TAGGER_MODELS_DIR")


def model_part(models: Path, part: str) -> Path:
    """Return the folder of one part of the trained models; a part that `models` lacks is the shipped one's.

    So whoever trains keywords alone need not copy the rest.
    """
    own = models / part
    return own if own.is_dir() else models_dir() / part


def training_data_dir(chosen: Path | None = None) -> Path:
    """Return the folder with the vocabulary, the corpus and the known names."""
    return _find("training_data", chosen, "TAGGER_TRAINING_DATA_DIR")


def is_shipped_inside_the_package(folder: Path) -> bool:
    """Whether a folder belongs to an installed package, whose files the next installation replaces."""
    return folder.resolve().is_relative_to(_INSTALLED)


def _find(name: str, chosen: Path | None, variable: str) -> Path:
    if chosen is not None:
        if not chosen.is_dir():
            raise ModelError(f"{chosen} is not a folder. Name an existing one, or unset {variable}.")
        return chosen
    for parent in (_INSTALLED, _CHECKOUT):
        if (parent / name).is_dir():
            return parent / name
    raise ModelError(
        f"The folder {name}/ was found neither in the installed package nor beside it. "
        f"Install tagger again, or set {variable}."
    )
