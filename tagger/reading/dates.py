"""Dates as French pages print them: « mercredi 2 juillet 2025 », « 01 - 07 - 2025 », « 2025-07-02 »."""

from __future__ import annotations

import datetime as dt
import re

from tagger.text.typography import fold_accents, normalise

_MONTHS = ("jan", "fev", "mars", "avr", "mai", "juin", "juil", "aout", "sep", "oct", "nov", "dec")
_WORDS = re.compile(
    r"\b(?P<day>\d{1,2})(?:er)?\s+(?P<month>jan|fev|mars|avr|mai|juin|juil|aout|sep|oct|nov|dec)[a-z]*\.?"
    r",?\s+(?P<year>(?:19|20)\d\d)\b"
)
_ISO = re.compile(r"\b(?P<year>(?:19|20)\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)")
_DIGITS = re.compile(r"\b(?P<day>\d{1,2})\s?[-/.]\s?(?P<month>\d{1,2})\s?[-/.]\s?(?P<year>(?:19|20)\d\d)\b")


def find_date(text: str) -> dt.date | None:
    """Give the first calendar date written in `text`, or None."""
    folded = fold_accents(normalise(text).text).lower()
    matches = [match for pattern in (_ISO, _WORDS, _DIGITS) if (match := pattern.search(folded))]
    for match in sorted(matches, key=lambda match: match.start()):
        month = match["month"]
        number = int(month) if month.isdigit() else _MONTHS.index(month) + 1
        try:
            return dt.date(int(match["year"]), number, int(match["day"]))
        except ValueError:  # the 31st of a month of 30 days
            continue
    return None
