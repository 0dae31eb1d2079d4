"""A trained keyword model on disk and in use, in two profiles.

`fast` adds up two parts: weights of terms learnt from articles, and the article's likeness to the keyword's name,
definition and synonyms in the vocabulary. `best` adds a third, what the encoder's vectors say; it builds on the
files of `fast` and names the version it was trained with.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, Field
from safetensors.numpy import load_file, save

from tagger.errors import ModelError
from tagger.keywords.decision import Decision, Probabilities
from tagger.keywords.encoder import ENCODER, Encoding, SentenceEncoder
from tagger.keywords.linear import Columns, LinearModel, Scores
from tagger.keywords.semantic import SemanticModel, unit
from tagger.keywords.terms import Word
from tagger.keywords.vocabulary import Keyword, Vocabulary
from tagger.model_files import Manifest, file_entries, load_manifest, write_manifest
from tagger.text.typography import NormalisedText, normalise

FORMAT = 3
KEYWORDS = "keywords"
TERMS_PART, DEFINITION_PART, SEMANTIC_PART = "terms", "definition", "semantic"
_WEIGHTS = "weights.safetensors"
_TERMS = "terms.txt"

Profile = Literal["fast", "best"]


class ZeroShot(BaseModel):
    """How a keyword without examples is scored: by the article's likeness to what the vocabulary says of it.

    The combined score is the weighted sum of the likenesses (cosines) by terms and by vectors, and `intercept`.
    """

    parts: dict[str, float]
    intercept: float


class KeywordManifest(Manifest):
    """A manifest with what decides over suggestions.

    `keyword_ids` are the rows of the weights; `builds_on` the versions of the models without which this one
    cannot be used; `feedback` the ids of the articles from the editors' desk that it learnt from.
    """

    keyword_ids: list[str]
    decision: Decision
    zero_shot: ZeroShot
    builds_on: dict[str, str] = Field(default_factory=dict)
    feedback: list[str] = Field(default_factory=list)


@dataclass(frozen=True)
class ReadArticle:
    """An article as the model sees it: its words, its known terms with their values, its token vectors."""

    title_words: list[Word]
    text_words: list[Word]
    columns: Columns
    values: Scores
    encoding: Encoding | None


@dataclass(frozen=True)
class KeywordModel:
    """A model ready for use; `semantic` and `encoder` are None in the profile `fast`."""

    manifest: KeywordManifest
    linear: LinearModel
    semantic: SemanticModel | None = None
    encoder: SentenceEncoder | None = None

    @classmethod
    def load(cls, models: Path, profile: Profile) -> KeywordModel:
        """Load and check the model of a profile out of the folder of all models.

        Raises:
            ModelError: a file is missing or altered, of another format, or made for another version of a file.
            EncoderUnavailableError: `best` cannot run here.
        """
        fast = _load_fast(models / KEYWORDS / "fast")
        if profile == "fast":
            return fast
        encoder = SentenceEncoder.load(models / ENCODER)
        folder = models / KEYWORDS / "best"
        manifest = load_manifest(folder, KeywordManifest, FORMAT)
        found = versions(fast.manifest, encoder)
        if manifest.builds_on != found:
            raise ModelError(
                f"The model in {folder} was trained with {manifest.builds_on}, but {found} is there. "
                "Install tagger again, or train both profiles anew with `tagger train`."
            )
        return cls(manifest, fast.linear, SemanticModel(**load_file(folder / _WEIGHTS)), encoder)

    def read(self, title: NormalisedText, text: NormalisedText) -> ReadArticle:
        """Look at an article once, for all keywords."""
        title_words, text_words = self.linear.words(title.text, text.text)
        columns, values = self.linear.weigh(title_words, text_words)
        encoding = self.encoder.encode(title.text, text.text) if self.encoder else None
        return ReadArticle(title_words, text_words, columns, values, encoding)

    def combine(self, article: ReadArticle) -> Probabilities:
        """Give the weighted sum of the parts' scores for every keyword (K,)."""
        combined = self.linear.score(article.columns, article.values).astype(np.float64)
        if self.semantic and article.encoding:
            weight = self.manifest.decision.parts[SEMANTIC_PART]
            combined += weight * self.semantic.score(article.encoding.mean[None])[0]
        return combined

    def for_vocabulary(self, vocabulary: Vocabulary) -> KeywordModel:
        """Join the model with a vocabulary, ready to score articles.

        What the vocabulary says of a keyword counts as it stands there now. Its active keywords that the model
        was not trained on are added: they are scored by their likeness alone.
        """
        trained = self.manifest.keyword_ids
        new = [keyword for keyword in vocabulary.active if keyword.id not in set(trained)]
        known = [vocabulary.by_id.get(keyword_id) for keyword_id in trained]
        texts = [own_text(keyword) if keyword else ("", "") for keyword in (*known, *new)]
        manifest = self.manifest.model_copy(
            update={
                "keyword_ids": [*trained, *(keyword.id for keyword in new)],
                "decision": self.manifest.decision.with_new(len(new)),
            }
        )
        return KeywordModel(manifest, self._join(texts), self._extend(texts[len(trained) :]), self.encoder)

    def _join(self, texts: list[tuple[str, str]]) -> LinearModel:
        """Add up the weights of terms and of definitions, so that a score stays one sum over terms."""
        parts, zero_shot = self.manifest.decision.parts, self.manifest.zero_shot
        likeness = self.linear.likeness_to(texts)
        trained, terms = self.linear.coef.shape
        coef = np.empty_like(likeness.coef, order="F")
        coef[:trained] = parts[DEFINITION_PART] * likeness.coef[:trained]
        coef[:trained, :terms] += parts[TERMS_PART] * self.linear.coef
        coef[trained:] = zero_shot.parts[DEFINITION_PART] * likeness.coef[trained:]
        intercept = np.full(len(texts), zero_shot.intercept, dtype=np.float32)
        intercept[:trained] = parts[TERMS_PART] * self.linear.intercept
        return replace(likeness, coef=coef, intercept=intercept)

    def _extend(self, texts: list[tuple[str, str]]) -> SemanticModel | None:
        """Add keywords to the semantic part that are scored by their likeness to these texts."""
        if not (self.semantic and self.encoder and texts):
            return self.semantic
        vectors = unit(self.encoder.means(texts) - self.semantic.centre)
        weight = self.manifest.zero_shot.parts[SEMANTIC_PART] / self.manifest.decision.parts[SEMANTIC_PART]
        return SemanticModel(
            self.semantic.centre,
            np.vstack([self.semantic.coef, vectors * np.float32(weight)]),
            np.append(self.semantic.intercept, np.zeros(len(texts), dtype=np.float32)),
        )


def own_text(keyword: Keyword) -> tuple[str, str]:
    """Give what the vocabulary says of a keyword as a normalised title and text."""
    return normalise(keyword.name).text, normalise(f"{keyword.definition} {', '.join(keyword.synonyms)}").text


def versions(fast: KeywordManifest, encoder: SentenceEncoder) -> dict[str, str]:
    """Name what a model of the profile `best` builds on."""
    return {"fast": fast.version, ENCODER: encoder.version}


def _load_fast(folder: Path) -> KeywordModel:
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
    return KeywordModel(manifest, linear)


def write_fast(folder: Path, linear: LinearModel, manifest: KeywordManifest) -> KeywordManifest:
    """Write a model of the profile `fast` and its manifest; weights are rounded to 16 bits."""
    folder.mkdir(parents=True, exist_ok=True)
    terms = sorted(linear.columns, key=linear.columns.__getitem__)
    (folder / _TERMS).write_text("".join(f"{term}\n" for term in terms), encoding="utf-8")
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "coef": linear.coef.astype(np.float16),
        "intercept": linear.intercept,
        "idf": linear.idf,
    }
    (folder / _WEIGHTS).write_bytes(save(arrays))
    return _complete(folder, manifest, (_WEIGHTS, _TERMS))


def write_best(folder: Path, semantic: SemanticModel, manifest: KeywordManifest) -> KeywordManifest:
    """Write what the profile `best` adds, and its manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _WEIGHTS).write_bytes(save(vars(semantic)))
    return _complete(folder, manifest, (_WEIGHTS,))


def _complete(folder: Path, manifest: KeywordManifest, names: tuple[str, ...]) -> KeywordManifest:
    """Write the manifest with the hashes of the files; its version names all that decides over suggestions."""
    files = file_entries(folder, names)
    decisive = [
        *(entry.sha256 for entry in files.values()),
        manifest.decision.model_dump_json(),
        manifest.zero_shot.model_dump_json(),
        manifest.builds_on,
    ]
    digest = hashlib.sha256(repr(decisive).encode()).hexdigest()[:8]
    complete = manifest.model_copy(update={"files": files, "version": f"{manifest.version}+{digest}"})
    write_manifest(folder, complete)
    return complete
