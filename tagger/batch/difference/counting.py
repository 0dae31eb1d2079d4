"""Pairs of records in, one at a time; what changes out."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from types import TracebackType
from typing import Self

from tagger.article import Annotation, ModelVersions
from tagger.batch.difference.foremost import Foremost
from tagger.batch.difference.matching import Half
from tagger.batch.difference.names import NameCounter
from tagger.batch.difference.result import (
    Agreement,
    Agreements,
    Change,
    Difference,
    KeywordDifference,
    Leads,
    Look,
    Looks,
    ModelUse,
    NotCompared,
    SideName,
    Twin,
    Uncompared,
    YearDifference,
)
from tagger.batch.difference.scratch import open_scratch
from tagger.batch.difference.sides import Failed, Findings, Side, Sides
from tagger.batch.difference.twins import TwinFinder
from tagger.errors import Failure
from tagger.keywords.vocabulary import Vocabulary

DEFAULT_SURE = 0.8
DEFAULT_TOP = 100
_AMONG_FIRST = 3
_EXAMPLES = 20
_Versions = tuple[str | None, str | None, str | None]  # of the keywords, the entities and the lead


class DifferenceCounter:
    """Counts what changes, article by article; memory does not grow with the archive.

    >>> with DifferenceCounter(vocabulary) as counter:
    ...     for annotation in annotations:
    ...         counter.add_answer(annotation)
    ...     difference = counter.result()
    """

    def __init__(self, vocabulary: Vocabulary, *, sure: float = DEFAULT_SURE, top: int = DEFAULT_TOP) -> None:
        """`sure` is the probability from which the model is sure, `top` how many articles to name for each reason."""
        self._scratch = open_scratch()
        self._sure = sure
        self._sides = Sides(vocabulary, sketched=True)
        self._articles = self._changed = 0
        self._is_annotated_before = False
        self._change = Change()
        self._agreement = Agreements()
        self._leads = Leads()
        self._models: dict[SideName, Counter[_Versions]] = {
            "old": Counter(),
            "new": Counter(),
        }
        self._keywords: dict[str, KeywordDifference] = {}
        self._years: dict[int | None, YearDifference] = {}
        self._unknown: Counter[str] = Counter()
        self._names = NameCounter(self._scratch)
        self._twins = TwinFinder(self._scratch, top)
        self._filed_otherwise: Foremost[Look] = Foremost(top)
        self._agreement_lost: Foremost[Look] = Foremost(top)
        self._uncompared = Uncompared()
        self._reasons: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._scratch.close()

    def add_answer(self, answer: Annotation | Failure) -> None:
        """Count what an annotation changes of the editors' own filing, which it carries in `article.keywords`."""
        new = self._sides.of(answer)
        self.add(new.model_copy(update={"found": None}) if isinstance(new, Side) else None, new)

    def add(self, old: Half | None, new: Half | None) -> None:
        """Count a pair: the record before and after; None stands for one that a file lacks."""
        if isinstance(old, Side) and isinstance(new, Side) and new.found is not None:
            self._compare(old, new, new.found)
        else:
            self._leave_out(old, new)

    def result(self) -> Difference:
        """Sum up."""
        most_changed = sorted(
            self._keywords.values(), key=lambda each: (-each.change.gained - each.change.lost, each.keyword)
        )
        years = sorted(self._years.values(), key=lambda each: (each.year is None, each.year or 0))
        for each in years:
            each.entities = self._names.of_year(each.year, "entity")
            each.countries = self._names.of_year(each.year, "country")
        return Difference(
            compares_with_editors=not self._is_annotated_before,
            articles=self._articles,
            changed=self._changed,
            sure=self._sure,
            change=self._change,
            agreement=self._agreement,
            leads=self._leads,
            old_models=_uses(self._models["old"]),
            new_models=_uses(self._models["new"]),
            keywords=most_changed,
            years=years,
            entities=self._names.in_all("entity"),
            countries=self._names.in_all("country"),
            filed_otherwise=Looks(count=self._filed_otherwise.count, foremost=self._filed_otherwise.items),
            agreement_lost=Looks(count=self._agreement_lost.count, foremost=self._agreement_lost.items),
            twins=self._twins.found(),
            unknown_keywords=dict(self._unknown.most_common()),
            uncompared=self._uncompared.model_copy(update={"reasons": dict(self._reasons.most_common())}),
        )

    def _compare(self, old: Side, new: Side, after: Findings) -> None:
        """Count one article that both files have."""
        before = old.found
        filing = new if new.filed or new.unknown else old
        year = self._year(new.date or old.date)
        self._articles += 1
        year.articles += 1
        self._models["new"][_versions(after)] += 1
        if before is not None:
            self._is_annotated_before = True
            self._models["old"][_versions(before)] += 1
        self._unknown.update(filing.unknown)
        self._count_keywords(year, set(filing.filed) if before is None else before.suggested, after.suggested)
        self._count_lead(before, after)
        self._names.add(year.year, before.names if before else (), after.names)
        if filing.filed:
            self._judge(year, filing, new, before, after)
            self._twins.add(Twin(id=new.id, title=new.title, date=new.date, filed=filing.filed), new.sketch)

    def _count_keywords(self, year: YearDifference, before: set[str], after: set[str]) -> None:
        is_changed = before != after
        self._changed += is_changed
        year.changed += is_changed
        for keyword in before | after:
            its = self._keyword(keyword)
            of_year = its.years.setdefault(year.label, Change())
            for change in (self._change, year.change, its.change, of_year):
                change.before += keyword in before
                change.after += keyword in after
                change.gained += keyword not in before
                change.lost += keyword not in after

    def _count_lead(self, before: Findings | None, after: Findings) -> None:
        old = before.lead if before else None
        self._leads.before += old is not None
        self._leads.after += after.lead is not None
        self._leads.changed += old != after.lead

    def _judge(self, year: YearDifference, filing: Side, new: Side, before: Findings | None, after: Findings) -> None:
        """Hold the findings of an article against the editors' keywords."""
        own = filing.filed[0]
        for agreements in (self._agreement, year.agreement, self._keyword(own).agreement):
            _rate(agreements.new, own, after)
            if before is not None:
                agreements.old = agreements.old or Agreement()
                _rate(agreements.old, own, before)
        if not after.keywords:
            return
        best = after.keywords[0]
        look = Look(
            id=new.id,
            title=new.title,
            date=new.date,
            filed=filing.filed,
            keyword=best.keyword,
            probability=best.probability,
            filed_probability=after.probability_of(own),
            filed_probability_before=before.probability_of(own) if before else None,
        )
        if best.suggested and best.probability >= self._sure and best.keyword not in filing.filed:
            chosen = max(after.probability_of(keyword) or 0.0 for keyword in filing.filed)
            self._filed_otherwise.add(best.probability - chosen, look)
        if before is not None and own in before.suggested - after.suggested:
            self._agreement_lost.add((look.filed_probability_before or 0) - (look.filed_probability or 0), look)

    def _leave_out(self, old: Half | None, new: Half | None) -> None:
        """Count a pair that cannot be compared, and tell of the first few."""
        failed = self._uncompared
        told: list[NotCompared] = []
        failed.failed_old += isinstance(old, Failed)
        failed.failed_new += isinstance(new, Failed)
        failed.only_old += isinstance(old, Side) and new is None
        failed.only_new += isinstance(new, Side) and old is None
        sides: tuple[tuple[SideName, Half | None, Half | None], ...] = (("old", old, new), ("new", new, old))
        for name, half, other in sides:
            if isinstance(half, Failed):
                self._reasons[half.code] += 1
                told.append(NotCompared(side=name, id=half.id, code=half.code, detail=half.detail))
            elif half is not None and other is None:
                told.append(NotCompared(side=name, id=half.id))
        failed.examples = [*failed.examples, *told][:_EXAMPLES]

    def _keyword(self, name: str) -> KeywordDifference:
        return self._keywords.setdefault(name, KeywordDifference(keyword=name))

    def _year(self, date: dt.date | None) -> YearDifference:
        year = date.year if date else None
        return self._years.setdefault(year, YearDifference(year=year))


def _rate(agreement: Agreement, own: str, found: Findings) -> None:
    """Count where the editors' `own` keyword stands in what was found."""
    rank = next((place for place, item in enumerate(found.keywords) if item.keyword == own), None)
    is_among_first = rank is not None and rank < _AMONG_FIRST
    is_suggested = own in found.suggested
    agreement.articles += 1
    agreement.first += rank == 0
    agreement.first_three += is_among_first
    agreement.suggested += is_suggested
    agreement.absent += not (is_among_first or is_suggested)


def _versions(found: Findings) -> _Versions:
    """Give what can be counted."""
    return found.model.keywords, found.model.entities, found.model.lead


def _uses(counted: Counter[_Versions]) -> list[ModelUse]:
    return [
        ModelUse(model=ModelVersions(keywords=keywords, entities=entities, lead=lead), articles=count)
        for (keywords, entities, lead), count in counted.most_common()
    ]
