"""The briefs that models learn from: articles with their keywords, leads and entities."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, ValidationError

from tagger.article import Article
from tagger.errors import InvalidRecordError
from tagger.keywords.classifier import Labels
from tagger.keywords.vocabulary import Vocabulary

CORPUS_FOLDER = "corpus"
_NEAR_DUPLICATE_COSINE = 0.25


class Brief(BaseModel):
    """A press brief as the corpus files hold it.

    `primary` is the keyword under which OSIRIS's editors filed the page, `secondary` are further keywords.
    A brief of origin ``composed`` stems from no page: it may teach, and is never tested on.
    """

    model_config = ConfigDict(extra="ignore")

    id: str
    origin: str
    date: str | None = None
    primary: str
    secondary: list[str] = []
    title: str
    text: str
    lead: str | None = None
    entities: list[dict[str, Any]] = []

    @property
    def article(self) -> Article:
        """The brief as an article to annotate."""
        return Article(title=self.title, text=self.text)

    @property
    def is_tested(self) -> bool:
        """Whether the brief may stand in a test fold."""
        return self.origin != "composed"


@dataclass(frozen=True)
class Corpus:
    """Briefs with their keywords as arrays; `files` are those they were read from."""

    briefs: list[Brief]
    files: tuple[Path, ...]

    def labels(self, vocabulary: Vocabulary) -> Labels:
        """Give the keywords of the briefs, primary and secondary, an indicator array (n, K)."""
        rows = {keyword.id: row for row, keyword in enumerate(vocabulary)}
        labels = np.zeros((len(self.briefs), len(vocabulary)), dtype=np.int8)
        for index, brief in enumerate(self.briefs):
            for name in (brief.primary, *brief.secondary):
                labels[index, rows[_keyword_id(vocabulary, name, brief)]] = 1
        return labels

    def primaries(self, vocabulary: Vocabulary) -> npt.NDArray[np.intp]:
        """Give the row of each brief's primary keyword in the vocabulary (n,)."""
        rows = {keyword.id: row for row, keyword in enumerate(vocabulary)}
        return np.array([rows[_keyword_id(vocabulary, brief.primary, brief)] for brief in self.briefs], dtype=np.intp)

    def groups(self) -> npt.NDArray[np.intp]:
        """Give each brief the number of its group of near-duplicates, linked by a TF-IDF cosine over 0.25 (n,)."""
        from scipy.sparse.csgraph import connected_components
        from sklearn.feature_extraction.text import TfidfVectorizer

        texts = [f"{brief.title} {brief.text}" for brief in self.briefs]
        vectors = TfidfVectorizer(sublinear_tf=True, strip_accents="unicode").fit_transform(texts)
        similar = (vectors @ vectors.T) > _NEAR_DUPLICATE_COSINE
        return np.asarray(connected_components(similar, directed=False)[1], dtype=np.intp)

    def subset(self, indices: npt.NDArray[np.intp]) -> list[Article]:
        """Give the articles at `indices`."""
        return [self.briefs[index].article for index in indices]


def load_corpus(path: Path) -> Corpus:
    """Load briefs from a JSON Lines file, or from all of a folder in the order of their names.

    Raises:
        InvalidRecordError: a line is no brief.
    """
    files = tuple(sorted(path.glob("*.jsonl"))) if path.is_dir() else (path,)
    if not files or not files[0].is_file():
        raise InvalidRecordError(f"There is no corpus at {path}: no .jsonl file was found.")
    briefs = []
    for file in files:
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    briefs.append(Brief.model_validate_json(line))
                except ValidationError as error:
                    raise InvalidRecordError(f"Line {number} of {file} is no brief: {error}") from None
    return Corpus(briefs, files)


def _keyword_id(vocabulary: Vocabulary, name: str, brief: Brief) -> str:
    keyword = vocabulary.named(name)
    if keyword is None:
        raise InvalidRecordError(f"Brief {brief.id} has the keyword {name!r}, which the vocabulary lacks.")
    return keyword.id
