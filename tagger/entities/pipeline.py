"""Loads the spaCy pipelines that find entities: tokenizer and recogniser, in a fraction of the usual time.

`fr_core_news_md` brings a rule for words that must not be split (« grand-père ») as one regular expression
of 1.4 million characters, which Python takes over four seconds to compile. The same rule is written here
with Unicode's own letter class and compiles in milliseconds; a test holds both to the same tokens.

Only what reads articles imports this module: spaCy takes seconds and 200 MB to import.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, cast

import srsly
from spacy.lang.char_classes import ALPHA, ALPHA_LOWER
from spacy.language import BaseDefaults, Language
from spacy.pipeline import EntityRecognizer
from spacy.tokenizer import Tokenizer
from spacy.util import load_config, load_model_from_path, registry
from thinc.api import NumpyOps

from tagger.errors import ModelError
from tagger.model_files import Manifest, load_manifest

PIPELINE = "fr_core_news_md"
ENTITIES_FORMAT = 1
NETWORK_FOLDER = "network"
NETWORK_FILES = tuple(f"{NETWORK_FOLDER}/{name}" for name in ("cfg", "model", "moves"))
_LANGUAGE = "fr_light"


@registry.languages(_LANGUAGE)
class LightFrench(Language):  # type: ignore[no-untyped-call]
    """French without the costly defaults: all rules come from the saved pipeline."""

    lang = _LANGUAGE
    Defaults = BaseDefaults


def load_pipeline(name: str = PIPELINE, components: tuple[str, ...] = ("ner",)) -> Language:
    """Load the installed pipeline `name`, reduced to its tokenizer and some of its components.

    The recogniser `ner` of spaCy's French pipelines has token vectors of its own; it needs no `tok2vec` beside it.

    Raises:
        ModelError: the package is not installed.
    """
    try:
        package = import_module(name)
    except ModuleNotFoundError:
        raise ModelError(f"The spaCy pipeline {name} is not installed: pip install {name}.") from None
    folder = next(Path(package.__file__ or "").parent.glob(f"{name}-*"))
    saved = load_config(folder / "config.cfg")["nlp"]["pipeline"]
    nlp = load_model_from_path(
        folder,
        # Half a million strings that nothing here looks up: tokens are hashed anew, vectors go by hash.
        exclude=["tokenizer", "strings", *(component for component in saved if component not in components)],
        config={"nlp": {"lang": _LANGUAGE}},
    )
    nlp.tokenizer = _light_tokenizer(nlp, folder / "tokenizer")
    return nlp


def load_recogniser(folder: Path) -> tuple[Language, Manifest]:
    """Load the trained recogniser in `folder`, with the tokenizer and the word vectors of `fr_core_news_md`.

    Raises:
        ModelError: a file is missing or altered, of another format, or `fr_core_news_md` is not installed.
    """
    manifest = load_manifest(folder, Manifest, ENTITIES_FORMAT)
    nlp = untrained_recogniser(manifest.parameters["network"])
    recogniser = cast("EntityRecognizer", nlp.get_pipe("ner"))
    recogniser.from_disk(folder / NETWORK_FOLDER, exclude=["vocab"])
    multiply_by_numpy(recogniser)
    return nlp, manifest


def untrained_recogniser(network: dict[str, Any]) -> Language:
    """Give the tokenizer and the word vectors of `fr_core_news_md`, and an empty recogniser to load weights into."""
    nlp = load_pipeline(components=())
    nlp.add_pipe("ner", config={"model": network})
    return nlp


def multiply_by_numpy(recogniser: EntityRecognizer) -> None:
    """Let NumPy multiply the matrices: its OpenBLAS takes a third of the time of the BLIS that spaCy brings."""
    operations = NumpyOps(use_blis=False)
    for layer in recogniser.model.walk():
        layer.ops = operations


def _light_tokenizer(nlp: Language, path: Path) -> Tokenizer:
    """Read the saved tokenizer with a short form of its long rule."""
    saved = srsly.msgpack_loads(path.read_bytes())
    # None of the words that the rule keeps whole has a digit or an underscore, so with those two ruled out
    # first, \w stands for the same letters as the classes that spaCy spells out.
    rule = saved["token_match"].removeprefix("(?iu)")
    for letters in (ALPHA_LOWER, ALPHA):
        rule = rule.replace(letters, r"\w")
    saved["token_match"] = rf"(?iu)(?=[^\d_]*$)(?:{rule})"
    tokenizer = Tokenizer(nlp.vocab)
    return tokenizer.from_bytes(srsly.msgpack_dumps(saved))
