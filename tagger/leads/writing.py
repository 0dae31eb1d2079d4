"""One door to all writers of leads.

A language model, where there is one, is held against the article by the guard; else its own sentences answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tagger.article import Entity, Extract, Lead
from tagger.entities.known_names import KnownNames
from tagger.leads.abstractive import AbstractiveWriter
from tagger.leads.extractive import ExtractiveWriter
from tagger.leads.guard import Fault, Source, keep_faithful
from tagger.leads.options import LeadOptions
from tagger.text.typography import NormalisedText, normalise

ABSTRACTIVE = "abstractive"
Outcome = Literal["as-written", "repaired", "replaced", "late"]


@dataclass(frozen=True)
class Written:
    """A lead, a title if one was asked for, and what became of what the language model wrote, with its faults."""

    lead: Lead | None
    title: Extract | None
    outcome: Outcome = "as-written"
    faults: Sequence[Fault] = ()


class LeadWriter:
    """Writes leads with a language model if there is one, and by extraction if not or if that fails."""

    def __init__(
        self, extractive: ExtractiveWriter, abstractive: AbstractiveWriter | None, known_names: KnownNames | None
    ) -> None:
        """Take the writers; `known_names` help to check what a language model writes."""
        self._extractive = extractive
        self._abstractive = abstractive
        self._known_names = known_names
        self.version = abstractive.version if abstractive else extractive.version

    @classmethod
    def load(cls, models: Path, known_names: KnownNames, language_model: str | None, time_limit: float) -> LeadWriter:
        """Load the ranker and, if one is named, the language model, held against `known_names`.

        `time_limit` is in seconds.

        Raises:
            ModelError: a model is missing, altered or cannot be loaded.
            MissingExtraError: a language model is named and the extra `transformers` is not installed.
        """
        extractive = ExtractiveWriter.load(models)
        if language_model is None:
            return cls(extractive, None, None)
        return cls(extractive, AbstractiveWriter.load(language_model, time_limit), known_names)

    def write(
        self,
        title: NormalisedText,
        text: NormalisedText,
        skipped: Sequence[tuple[int, int]],
        options: LeadOptions,
        entities: Sequence[Entity] = (),
        published: dt.date | None = None,
    ) -> Written:
        """Write the lead of an article; `skipped` are stretches of the text that must not be used."""
        extracted = self._extractive.write(title.text, text, skipped, options)
        suggestion = self._extractive.suggest_title(title.text, text, skipped) if options.suggest_title else None
        if self._abstractive is None:
            return Written(extracted, suggestion)
        (own_words,) = self._abstractive.write(
            [(title.text, _without(text.text, skipped))], options.lead_chars, options.lead_sentences
        )
        if own_words is None:
            return Written(extracted, suggestion, "late")
        source = Source(title.text, text.text, entities, self._known_names, published)
        kept, faults = keep_faithful(normalise(own_words).text, source)
        if not kept:
            return Written(extracted, suggestion, "replaced", faults)
        others = extracted.alternatives if extracted else []
        lead = Lead(text=kept if faults else own_words, source=[], method=ABSTRACTIVE, alternatives=others)
        return Written(lead, suggestion, "repaired" if faults else "as-written", faults)


def _without(text: str, skipped: Sequence[tuple[int, int]]) -> str:
    """Leave out of a text the stretches that are no part of the article."""
    kept, place = [], 0
    for start, end in sorted(skipped):
        kept.append(text[place:start])
        place = max(place, end)
    return "".join([*kept, text[place:]]).strip()
