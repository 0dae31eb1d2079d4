"""The days, months and years that a French text names."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

from tagger.text.typography import fold_accents

_MONTHS = "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre".split()
_MONTH = "|".join(_MONTHS)
_WEEKDAYS = "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
_DAYS = re.compile(
    rf"(?<!\d)(?P<days>\d{{1,2}}(?:er)?(?:\s*(?:,|et|au|ou|-)\s*(?:le\s+)?(?:(?:{_WEEKDAYS})\s+)?\d{{1,2}}(?:er)?)*)\s+"
    rf"(?P<month>{_MONTH})\b(?:\s+(?P<year>(?:19|20)\d\d))?"
)
_MONTH_ALONE = re.compile(rf"(?<![\w'-])(?P<month>{_MONTH})\b(?:\s+(?P<year>(?:19|20)\d\d))?")
_NUMERIC = re.compile(r"(?<![\d/])(\d{1,2})\s?[/.]\s?(\d{1,2})\s?[/.]\s?((?:19|20)\d\d)(?!\d)")
_BARE_DAY = re.compile(rf"\ble\s+(?:(?:{_WEEKDAYS})\s+)?(\d{{1,2}})(?:er)?\b(?!\s+(?:{_MONTH}))")
_WEEKDAY = re.compile(rf"\b(?:{_WEEKDAYS})\b")
_YEAR = re.compile(r"(?<![\d.,])((?:19|20)\d\d)(?![\d.,]\d|\d)")


@dataclass(frozen=True)
class Dates:
    """What a text names: days of a month, months (with the year that follows, if one does), weekdays, years.

    `bare_days` are days without a month (« le 4 »).
    """

    days: set[tuple[int, str]] = field(default_factory=set)
    months: set[tuple[str, int | None]] = field(default_factory=set)
    weekdays: set[str] = field(default_factory=set)
    years: set[int] = field(default_factory=set)
    bare_days: set[int] = field(default_factory=set)

    def unfounded_in(self, source: Dates) -> list[str]:
        """Name what this text dates otherwise than `source`, or what `source` does not date."""
        named = {month for month, _ in source.months}
        wrong = [
            f"{day} {month}"
            for day, month in sorted(self.days)
            if (day, month) not in source.days and not (day in source.bare_days and month in named)
        ]
        for month, year in sorted(self.months, key=str):
            years = {other for name, other in source.months if name == month}
            if month not in named or (year and None not in years and year not in years):
                wrong.append(f"{month} {year or ''}".strip())
        wrong += sorted(self.weekdays - source.weekdays)
        wrong += map(str, sorted(self.years - source.years))
        return wrong


def dates_of(text: str, published: dt.date | None = None) -> Dates:
    """Find the dates of a normalised text; the day it was `published` counts as named."""
    dates = Dates()
    folded = fold_accents(text.lower())
    for match in _DAYS.finditer(folded):
        for day in re.findall(r"\d{1,2}", match["days"]):
            dates.days.add((int(day), match["month"]))
    for match in _MONTH_ALONE.finditer(folded):
        dates.months.add((match["month"], int(match["year"]) if match["year"] else None))
    for day, month, year in _NUMERIC.findall(folded):
        if 1 <= int(month) <= len(_MONTHS):
            _add_day(dates, int(day), _MONTHS[int(month) - 1], int(year))
    dates.weekdays.update(_WEEKDAY.findall(folded))
    dates.years.update(map(int, _YEAR.findall(folded)))
    dates.bare_days.update(map(int, _BARE_DAY.findall(folded)))
    if published:
        _add_day(dates, published.day, _MONTHS[published.month - 1], published.year)
        dates.weekdays.add(_WEEKDAYS.split("|")[published.weekday()])
    return dates


def _add_day(dates: Dates, day: int, month: str, year: int) -> None:
    dates.days.add((day, month))
    dates.months.add((month, year))
    dates.years.add(year)
