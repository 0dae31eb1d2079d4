"""The entities of an article, ranked by how much it is about them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from tagger.article import CountryShare, Entity, Mention
from tagger.entities.about import countries_of, ranked
from tagger.entities.groups import Group
from tagger.entities.known_name_files import load_known_names
from tagger.entities.known_names import KnownNames
from tagger.entities.merging import merge
from tagger.entities.recogniser import ENTITIES, Recogniser
from tagger.resources import model_part
from tagger.text.typography import NormalisedText


class EntityExtractor:
    """Finds, merges and ranks the entities of articles."""

    def __init__(self, recogniser: Recogniser, known_names: KnownNames) -> None:
        self._recogniser = recogniser
        self.known_names = known_names
        self.version = recogniser.version

    @classmethod
    def load(cls, models: Path, training_data: Path, own_names: Path | None = None) -> EntityExtractor:
        """Load the recogniser and the known names, the newsroom's `own_names` among them.

        Raises:
            ModelError: the recogniser is missing or was altered, or a file of known names cannot be used.
        """
        known_names = KnownNames(load_known_names(training_data, own_names))
        return cls(Recogniser.load(model_part(models, ENTITIES), known_names), known_names)

    def memory_zone(self) -> AbstractContextManager[object]:
        """Give a context at whose end the words that were met in it are forgotten; for one thread at a time."""
        return self._recogniser.memory_zone()

    def extract(
        self, title: NormalisedText, text: NormalisedText, skipped: list[tuple[int, int]]
    ) -> tuple[list[Entity], list[CountryShare]]:
        """Give the entities of an article, the most salient first, and the countries that it is about.

        `skipped` are stretches of the normalised text that belong to the page and not to the article.
        """
        found = [
            mention
            for mention in self._recogniser.recognise(title.text, text.text)
            if mention.field == "title" or not any(start <= mention.start < end for start, end in skipped)
        ]
        groups = merge(found, title.text, text.text, self.known_names)
        entities = ranked(_entity(group, title, text) for group in groups)
        demonyms = self.known_names.demonyms_in(
            f"{title.text}\n{text.text}",
            {entity.country for entity in entities if entity.country and entity.type in ("COUNTRY", "LOC")},
            {entity.country for entity in entities if entity.country},
        )
        return entities, countries_of(entities, demonyms, self.known_names.countries)


def _entity(group: Group, title: NormalisedText, text: NormalisedText) -> Entity:
    mentions = []
    for found in group.mentions:
        source = title if found.field == "title" else text
        start, end = source.span(found.start, found.end)
        mentions.append(Mention(field=found.field, start=start, end=end, text=source.original[start:end]))
    return Entity(
        name=group.name,
        type=group.type,
        salience=0,
        known=group.known is not None,
        id=group.known.id if group.known else None,
        country=group.known.country if group.known else None,
        mentions=mentions,
    )
