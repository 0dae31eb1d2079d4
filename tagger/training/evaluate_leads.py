"""How good leads are: every writer on the same articles, beside simple ones and sumy's summarisers.

A lead is compared with the author's own by ROUGE; the guard says whether it is faithful to the article.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import BaseModel

from tagger.entities.known_names import KnownNames
from tagger.errors import MissingExtraError
from tagger.leads.guard import Source
from tagger.leads.options import DEFAULT_CHARS, LeadOptions
from tagger.leads.writing import LeadWriter
from tagger.text.sentences import sentence_spans
from tagger.text.typography import NormalisedText, normalise
from tagger.training.lead_corpus import LeadExample
from tagger.training.rouge import ROUGE_NAMES, bootstrap_interval, rouge, words

Progress = Callable[[str], None]
_SAMPLES = 1000
_SUMY = {"LexRank": "lex_rank", "TextRank": "text_rank", "LSA": "lsa"}


class RougeScore(BaseModel):
    """A mean F-measure in per cent, with its 95 % interval."""

    mean: float
    low: float
    high: float


class WriterScores(BaseModel):
    """How one writer did. `too_long` is the share of leads over 280 characters, `faithful` of those without a fault.

    `milliseconds` is the mean time of an article, sentence splitting included; `written` counts those with a lead.
    """

    writer: str
    written: int
    rouge_1: RougeScore
    rouge_2: RougeScore
    rouge_l: RougeScore
    words: float
    characters: float
    too_long: float
    faithful: float
    milliseconds: float


class LeadEvaluation(BaseModel):
    """All writers on the same articles."""

    articles: int
    writers: list[WriterScores]


@dataclass(frozen=True)
class _Article:
    title: NormalisedText
    text: NormalisedText
    reference: list[str]
    source: Source


Writer = Callable[[_Article], str | None]


def evaluate_leads(
    examples: Sequence[LeadExample],
    writers: dict[str, LeadWriter],
    known_names: KnownNames | None,
    with_peers: bool,
    seed: int,
    progress: Progress,
) -> LeadEvaluation:
    """Measure writers by name, the first sentence, the best single sentence, and sumy's summarisers `with_peers`.

    Raises:
        MissingExtraError: `with_peers` and sumy is not installed.
    """
    articles = [_read(example, known_names) for example in examples]
    compared: dict[str, Writer] = {name: _writing(writer) for name, writer in writers.items()}
    compared |= {"first sentence": _first_sentence, "best single sentence (oracle)": _oracle}
    if with_peers:
        compared |= dict(_peers())
    return LeadEvaluation(
        articles=len(articles),
        writers=[_measure(name, writer, articles, seed, progress) for name, writer in compared.items()],
    )


def _read(example: LeadExample, known_names: KnownNames | None) -> _Article:
    title, text = normalise(example.title), normalise(example.text)
    reference = words(normalise(example.lead).text)
    return _Article(title, text, reference, Source(title.text, text.text, known_names=known_names))


def _measure(name: str, writer: Writer, articles: Sequence[_Article], seed: int, progress: Progress) -> WriterScores:
    leads = []
    seconds = 0.0
    for number, article in enumerate(articles):
        if number % 50 == 0:
            progress(f"{name}: article {number} of {len(articles)}")
        start = time.perf_counter()
        lead = writer(article)
        seconds += time.perf_counter() - start
        leads.append(normalise(lead or "").text)
    scores = np.array([rouge(words(lead), article.reference) for lead, article in zip(leads, articles, strict=True)])
    low, high = bootstrap_interval(scores, _SAMPLES, seed)
    means = scores.mean(axis=0)
    found = {
        rouge_name: RougeScore(mean=_percent(means[k]), low=_percent(low[k]), high=_percent(high[k]))
        for k, rouge_name in enumerate(ROUGE_NAMES)
    }
    faults = [article.source.faults(lead) for lead, article in zip(leads, articles, strict=True)]
    return WriterScores(
        writer=name,
        written=sum(map(bool, leads)),
        words=round(float(np.mean([len(words(lead)) for lead in leads])), 1),
        characters=round(float(np.mean([len(lead) for lead in leads])), 1),
        too_long=round(float(np.mean([len(lead) > DEFAULT_CHARS for lead in leads])), 4),
        faithful=round(float(np.mean([not fault for fault in faults])), 4),
        milliseconds=round(1000 * seconds / len(articles), 2),
        **found,
    )


def _percent(value: float) -> float:
    return round(100 * float(value), 2)


def _writing(writer: LeadWriter) -> Writer:
    def write(article: _Article) -> str | None:
        lead = writer.write(article.title, article.text, (), LeadOptions()).lead
        return lead.text if lead else None

    return write


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def _first_sentence(article: _Article) -> str | None:
    return next(iter(_sentences(article.text.text)), None)


def _oracle(article: _Article) -> str | None:
    """Give the sentence that is most like the author's lead: no writer of single whole sentences can do better."""
    sentences = _sentences(article.text.text)
    return max(sentences, key=lambda sentence: sum(rouge(words(sentence), article.reference)), default=None)


class _Tokenizer:
    """Our sentences and words in the form that sumy asks for, so that all compared see the same ones."""

    def to_sentences(self, text: str) -> list[str]:
        return _sentences(text)

    def to_words(self, sentence: str) -> list[str]:
        return words(sentence)


def _peers() -> Iterator[tuple[str, Writer]]:
    """Give sumy's summarisers, each with one sentence and with as many as fit."""
    try:
        from sumy.utils import get_stop_words
    except ImportError:
        raise MissingExtraError(
            "Comparing with sumy needs it: pip install sumy, or leave it out with --no-peers."
        ) from None
    from importlib import import_module

    for name, module in _SUMY.items():
        summarizer = getattr(import_module(f"sumy.summarizers.{module}"), f"{name.replace('LSA', 'Lsa')}Summarizer")()
        summarizer.stop_words = get_stop_words("french")
        yield f"sumy {name}, one sentence", _peer(summarizer, 1)
        yield f"sumy {name}, {DEFAULT_CHARS} characters", _peer(summarizer, 2)


def _peer(summarizer: Any, sentences: int) -> Writer:  # noqa: ANN401 - sumy has no types
    """Wrap a summariser: the most sentences, up to two, that fit the limit; where not even one fits, it is cut."""
    from sumy.parsers.plaintext import PlaintextParser

    def write(article: _Article) -> str | None:
        document = PlaintextParser.from_string(article.text.text, _Tokenizer()).document
        for count in range(sentences, 0, -1):
            lead = " ".join(map(str, summarizer(document, count)))
            if sentences == 1 or len(lead) <= DEFAULT_CHARS:
                return lead or None
        return lead[:DEFAULT_CHARS].rpartition(" ")[0]

    return write
