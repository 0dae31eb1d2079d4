"""What an article's annotation changes in SPIP's database: a plan, made from what stands there and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tagger.batch.spip.changes import Change, KeywordCreated, LinkAdded, LinkRemoved, TextWritten
from tagger.batch.spip.database import Row
from tagger.batch.spip.keywords import SpipGroup, SpipKeyword, SpipKeywords
from tagger.keywords.vocabulary import Vocabulary
from tagger.reading.spip import as_spip

LeadColumn = Literal["descriptif", "chapo"]


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


class AnnotatedKeyword(_Read):
    """A keyword of an annotation."""

    keyword: str
    probability: float = 0.0
    suggested: bool = False


class AnnotatedLead(_Read):
    """The lead of an annotation."""

    text: str


class Annotated(_Read):
    """What matters here of an annotation, as `tagger retag` and `tagger annotate` write it."""

    id: str | None = None
    keywords: list[AnnotatedKeyword] = []
    lead: AnnotatedLead | None = None
    error: object = None


@dataclass(frozen=True)
class WriteOptions:
    """What may be written.

    `replace` lets an editor's own keywords be taken away, `create_in` names the group in which keywords that the
    site lacks are created, `lead` the column that a lead may be written into where it is empty. Of the suggested
    keywords, those under `min_probability` are passed over, and all after the first `top`.
    """

    replace: bool = False
    create_in: str | None = None
    lead: LeadColumn | None = None
    min_probability: float = 0.0
    top: int | None = None


@dataclass
class Standing:
    """What stands in the database for an article: its links by keyword, and the text where a lead would go."""

    links: dict[int, list[Row]]
    lead: str | None = None


@dataclass
class Tally:
    """What was planned, counted, and what could not be, by name."""

    counts: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    ambiguous: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


class Planner:
    """Plans the changes of one article after another.

    `create` makes the row of a new keyword out of its name and group; `encode` gives text as the article's column
    holds it.
    """

    def __init__(
        self,
        keywords: SpipKeywords,
        vocabulary: Vocabulary,
        options: WriteOptions,
        create_in: SpipGroup | None,
        create: Callable[[str, SpipGroup], KeywordCreated],
    ) -> None:
        self._keywords = keywords
        self._vocabulary = vocabulary
        self._options = options
        self._create_in = create_in
        self._create = create
        self._ours = keywords.of_vocabulary(vocabulary)
        self.tally = Tally()

    def plan(
        self, article: int, annotated: Annotated, standing: Standing, encode: Callable[[str], str]
    ) -> list[Change]:
        """Give the changes of an article, removals first; `standing` is brought to what it will be."""
        wanted, created = self._wanted(annotated)
        removed = self._removed(article, wanted, standing) if self._options.replace else []
        for change in removed:
            del standing.links[change.keyword]
        added = list(self._added(article, wanted, standing))
        lead = self._lead(article, annotated, standing, encode)
        changes: list[Change] = [*created, *removed, *added, *lead]
        self.tally.counts.update(change.kind for change in changes)
        self.tally.counts["articles-changed"] += bool(changes)
        return changes

    def _wanted(self, annotated: Annotated) -> tuple[list[SpipKeyword], list[KeywordCreated]]:
        """Find the suggested keywords on the site, in their order, and create those that it lacks if told to."""
        found: dict[int, SpipKeyword] = {}
        created = []
        for name in _suggested(annotated, self._options):
            keyword, creation = self._find(name)
            if creation:
                created.append(creation)
            if keyword:
                found[keyword.id] = keyword
        return list(found.values()), created

    def _find(self, name: str) -> tuple[SpipKeyword | None, KeywordCreated | None]:
        candidates = self._keywords.candidates(self._vocabulary.resolve(name), name)
        if len(candidates) == 1:
            return candidates[0], None
        if candidates:
            self.tally.ambiguous[name] += 1
        elif self._create_in is None:
            self.tally.missing[name] += 1
        else:
            creation = self._create(name, self._create_in)
            keyword = SpipKeyword(creation.keyword, name, None, self._create_in.id)
            self._keywords = self._keywords.with_keyword(keyword)
            self._ours.add(keyword.id)
            return keyword, creation
        return None, None

    def _removed(self, article: int, wanted: Sequence[SpipKeyword], standing: Standing) -> list[LinkRemoved]:
        """Give the links that make way: keywords of the vocabulary that are not suggested, if any is."""
        kept = set()
        filled: set[int] = set()
        for keyword in wanted:
            group = self._keywords.group_of(keyword)
            if not (group.single and group.id in filled):
                kept.add(keyword.id)
                filled.add(group.id)
        leaving = [id for id in standing.links if id in self._ours and id not in kept] if wanted else []
        return [
            LinkRemoved(article=article, keyword=id, name=self._keywords.keywords[id].title, rows=standing.links[id])
            for id in leaving
        ]

    def _added(self, article: int, wanted: Sequence[SpipKeyword], standing: Standing) -> Sequence[LinkAdded]:
        added = []
        for keyword in wanted:
            if keyword.id in standing.links:
                self.tally.counts["already-linked"] += 1
            elif self._is_taken(keyword, standing):
                self.tally.counts["single-keyword-group-taken"] += 1
            else:
                standing.links[keyword.id] = []
                added.append(LinkAdded(article=article, keyword=keyword.id, name=keyword.title))
        return added

    def _is_taken(self, keyword: SpipKeyword, standing: Standing) -> bool:
        """Say whether the keyword's group allows one keyword an article, and the article has one of it."""
        group = self._keywords.group_of(keyword)
        linked = (self._keywords.keywords.get(id) for id in standing.links)
        return group.single and any(other and other.group == group.id for other in linked)

    def _lead(
        self, article: int, annotated: Annotated, standing: Standing, encode: Callable[[str], str]
    ) -> list[TextWritten]:
        column = self._options.lead
        if column is None or annotated.lead is None or not annotated.lead.text.strip():
            return []
        if (standing.lead or "").strip():
            self.tally.counts["lead-already-there"] += 1
            return []
        before, standing.lead = standing.lead, encode(as_spip(annotated.lead.text))
        return [TextWritten(article=article, column=column, before=before, after=standing.lead)]


def _suggested(annotated: Annotated, options: WriteOptions) -> list[str]:
    names = [
        keyword.keyword
        for keyword in annotated.keywords
        if keyword.suggested and keyword.probability >= options.min_probability
    ]
    return names[: options.top]
