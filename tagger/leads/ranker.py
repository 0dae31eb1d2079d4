"""The trained ranker: rates every sentence of an article, then the leads that can be made of the best ones.

One small network rates sentences, one rates leads; both were taught by articles and the leads that their authors
wrote (`tagger.training.train_leads`). They foretell the ROUGE of a candidate and its author's own lead.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save

from tagger.leads.candidates import Candidates, make_candidates
from tagger.leads.features import Features
from tagger.leads.importance import ImportanceModel, WordStatistics
from tagger.leads.network import Network
from tagger.leads.sentences import Sentence
from tagger.leads.tokens import Floats, Tokens
from tagger.model_files import Manifest, file_entries, load_manifest, write_manifest
from tagger.resources import model_part

FORMAT = 2
LEAD = "lead"
_WEIGHTS = "weights.safetensors"
Arrays = dict[str, npt.NDArray[np.generic]]


@dataclass(frozen=True)
class LeadRanker:
    """The raters of words, sentences and leads. `version` names the files they came from.

    `words_penalty` is what each word takes off a lead's worth: without it leads grow longer than authors' own.
    """

    importance: ImportanceModel
    sentences: Network
    leads: Network
    words_penalty: float
    version: str

    @classmethod
    def load(cls, models: Path) -> LeadRanker:
        """Load and check the ranker out of the folder of all models.

        Raises:
            ModelError: a file is missing or altered, or of another format.
        """
        folder = model_part(models, LEAD)
        manifest = load_manifest(folder, Manifest, FORMAT)
        arrays = load_file(folder / _WEIGHTS)
        importance = ImportanceModel(
            WordStatistics(
                *(arrays[f"statistics.{field.name}"].astype(np.float32) for field in fields(WordStatistics))
            ),
            _network(arrays, "words"),
            _network(arrays, "pairs"),
        )
        return cls(
            importance,
            _network(arrays, "sentences"),
            _network(arrays, "leads"),
            manifest.parameters["words_penalty"],
            f"extractive {manifest.version}",
        )

    def rank(
        self, title: str, sentences: Sequence[Sentence], max_chars: int, max_sentences: int
    ) -> tuple[Candidates, Floats]:
        """Give the leads of at most `max_chars` characters and `max_sentences` (1 or 2), and their worth (m,)."""
        features = read_features(title, sentences, self.importance)
        if features is None:
            return Candidates([], [], []), np.zeros(0, dtype=np.float32)
        values = self.sentences.apply(features.describe_sentences())
        candidates = make_candidates(sentences, values, max_chars, max_sentences)
        if not len(candidates):
            return candidates, np.zeros(0, dtype=np.float32)
        described = features.describe_leads(candidates.pieces, candidates.alone, candidates.pairs, values)
        return candidates, self.leads.apply(described) - self.words_penalty * described[:, 0]


def read_features(title: str, sentences: Sequence[Sentence], importance: ImportanceModel) -> Features | None:
    """Rate the words of an article, ready to describe it; None where it has none."""
    tokens = Tokens.read(title, sentences)
    return Features(sentences, tokens, importance.apply(tokens)) if len(tokens.words) else None


def write_ranker(folder: Path, ranker: LeadRanker, manifest: Manifest) -> Manifest:
    """Write a ranker and its manifest into `folder`; the word statistics are rounded to 16 bits."""
    folder.mkdir(parents=True, exist_ok=True)
    statistics = ranker.importance.statistics
    arrays: Arrays = {
        f"statistics.{field.name}": getattr(statistics, field.name).astype(np.float16)
        for field in fields(WordStatistics)
    }
    networks = {
        "words": ranker.importance.words,
        "pairs": ranker.importance.pairs,
        "sentences": ranker.sentences,
        "leads": ranker.leads,
    }
    for name, network in networks.items():
        for number, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
            arrays[f"{name}.{number}.weight"], arrays[f"{name}.{number}.bias"] = weight, bias
    (folder / _WEIGHTS).write_bytes(save(arrays))
    entries = file_entries(folder, (_WEIGHTS,))
    digest = hashlib.sha256(repr((entries, ranker.words_penalty)).encode()).hexdigest()[:8]
    complete = manifest.model_copy(update={"files": entries, "version": f"{manifest.version}+{digest}"})
    write_manifest(folder, complete)
    return complete


def _network(arrays: Arrays, name: str) -> Network:
    layers = sorted({int(key.split(".")[1]) for key in arrays if key.startswith(f"{name}.")})
    return Network(
        [np.asarray(arrays[f"{name}.{layer}.weight"], dtype=np.float32) for layer in layers],
        [np.asarray(arrays[f"{name}.{layer}.bias"], dtype=np.float32) for layer in layers],
    )
