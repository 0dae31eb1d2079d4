"""What the vocabulary says of each keyword, as a text to learn from and to compare articles with.

Whoever wrote the definitions and synonyms had read the corpus. So when a fold is tested, a word of a keyword's text
is left out if, among the articles filed under that keyword, it occurs in that fold alone: it may be known only from
the very articles that are tested. Without this, the figures would flatter the model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tagger.article import Article
from tagger.keywords.classifier import Labels, Rows
from tagger.keywords.model import own_text
from tagger.keywords.terms import words_of
from tagger.keywords.vocabulary import Vocabulary
from tagger.text.typography import normalise
from tagger.training.corpus import Corpus

Text = tuple[str, str]


@dataclass(frozen=True)
class OwnTexts:
    """The texts of K keywords, a title and a text each, normalised.

    `found` tells for tested articles which words of the texts of their keywords they have: article ->
    (keyword, words).
    """

    texts: list[Text]
    found: dict[int, list[tuple[int, frozenset[str]]]]

    @classmethod
    def make(cls, vocabulary: Vocabulary, corpus: Corpus, labels: Labels) -> OwnTexts:
        """Look up the vocabulary's words in the articles of a corpus that may be tested."""
        texts = [own_text(keyword) for keyword in vocabulary]
        own = [frozenset(word.text for word in words_of(text)) for _, text in texts]
        found = {}
        for row, article in zip(corpus.tested, corpus.articles(corpus.tested), strict=True):
            words = _words(article)
            found[int(row)] = [(int(keyword), own[keyword] & words) for keyword in labels[row].nonzero()[0]]
        return cls(texts, found)

    def without(self, fold: Rows) -> list[Text]:
        """Give the texts without the words that only the articles of a fold may have given."""
        here = self._count(fold.tolist())
        everywhere = self._count(self.found)
        return [
            (name, _blank(text, {word for word, count in counts.items() if count == everywhere[keyword][word]}))
            for keyword, ((name, text), counts) in enumerate(zip(self.texts, here, strict=True))
        ]

    def _count(self, articles: Iterable[int]) -> list[Counter[str]]:
        counts: list[Counter[str]] = [Counter() for _ in self.texts]
        for article in articles:
            for keyword, words in self.found[article]:
                counts[keyword].update(words)
        return counts


def _words(article: Article) -> set[str]:
    return {word.text for part in (article.title, article.text) for word in words_of(normalise(part).text)}


def _blank(text: str, words: set[str]) -> str:
    """Put spaces in the place of words."""
    characters = list(text)
    for word in words_of(text):
        if word.text in words:
            characters[word.start : word.end] = " " * (word.end - word.start)
    return "".join(characters)
