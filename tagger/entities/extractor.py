"""The entities of an article, ranked by how much it is about them."""

from __future__ import annotations

import math
from pathlib import Path

from tagger.article import Entity, Mention
from tagger.entities.groups import Group
from tagger.entities.known_names import KnownNames, load_known_names
from tagger.entities.merging import merge
from tagger.entities.pipeline import load_pipeline
from tagger.entities.recogniser import Recogniser
from tagger.text.typography import NormalisedText


class EntityExtractor:
    """Finds, merges and ranks the entities of articles."""

    def __init__(self, recogniser: Recogniser, known_names: KnownNames) -> None:
        self._recogniser = recogniser
        self._known_names = known_names
        self.version = recogniser.version

    @classmethod
    def load(cls, training_data: Path) -> EntityExtractor:
        """Load the pipeline and the known names.

        Raises:
            ModelError: the pipeline is not installed, or a file of known names is missing.
        """
        known_names = KnownNames(load_known_names(training_data))
        return cls(Recogniser(load_pipeline(), known_names), known_names)

    def extract(self, title: NormalisedText, text: NormalisedText, skipped: list[tuple[int, int]]) -> list[Entity]:
        """Give the entities of an article, the most salient first.

        `skipped` are stretches of the text that belong to the page and not to the article.
        """
        found = [
            mention
            for mention in self._recogniser.recognise(title.text, text.text)
            if mention.field == "title" or not any(start <= mention.start < end for start, end in skipped)
        ]
        groups = merge(found, title.text, text.text, self._known_names)
        entities = [_entity(group, title, text) for group in groups]
        entities.sort(key=lambda entity: (-entity.salience, entity.mentions[0].start, entity.name))
        return entities


def _entity(group: Group, title: NormalisedText, text: NormalisedText) -> Entity:
    mentions = []
    for found in group.mentions:
        source = title if found.field == "title" else text
        start, end = source.span(found.start, found.end)
        mentions.append(Mention(field=found.field, start=start, end=end, text=source.original[start:end]))
    return Entity(
        name=group.name,
        type=group.type,
        salience=_salience(group, len(text.text)),
        known=group.known is not None,
        id=group.known.id if group.known else None,
        country=group.known.country if group.known else None,
        mentions=mentions,
    )


def _salience(group: Group, length: int) -> float:
    """Rate from 0 to 1: named in the title, named often, named early."""
    in_title = any(mention.field == "title" for mention in group.mentions)
    first = min((mention.start for mention in group.mentions if mention.field == "text"), default=length)
    points = 2.0 * in_title + math.log2(1 + len(group.mentions)) + (1 - first / max(length, 1))
    return round(points / (points + 3), 4)
