"""The numbers of a French text, in whatever way they are written: « 2 000 », « 2.000 », « deux mille »."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SCALES = {"mille": 10**3, "million": 10**6, "millions": 10**6, "milliard": 10**9, "milliards": 10**9}
_UNITS = {
    word: value
    for value, words in enumerate(
        "zéro un,une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize".split()
    )
    for word in words.split(",")
}
_TENS = {
    "vingt": 20,
    "vingts": 20,
    "trente": 30,
    "quarante": 40,
    "cinquante": 50,
    "soixante": 60,
    "septante": 70,
    "huitante": 80,
    "nonante": 90,
}
_HUNDREDS = {"cent": 100, "cents": 100}
_WORD = "|".join(sorted([*_UNITS, *_TENS, *_HUNDREDS, "mille", "millions?", "milliards?"], key=len, reverse=True))
_DIGITS = re.compile(
    r"(?<![\w.,])(?<![A-Za-z]-)(?P<digits>\d{1,3}(?:[ .]\d{3})+(?![\d])(?:,\d+)?|\d+(?:[.,]\d+)?)(?!\w)"
    r"(?P<scale>\s+(?:mille|millions?|milliards?)\b)?"
)
_WORDS = re.compile(
    rf"(?<![\w-])(?<!pour\s)(?:{_WORD})(?:(?:-et-|\s+et\s+|-|\s+)(?:{_WORD}))*(?![\w])", re.IGNORECASE
)
_CODE = re.compile(r"(?<![\w-])(?:[A-Za-zÀ-ÿ]+-?\d[\w]*|\d+(?!(?:er|re|e|ème|èmes|es|h)\b)[A-Za-zÀ-ÿ]\w*)(?![\w])")
_HOUR = re.compile(r"(?<=\d)\s?h(?:\s?(?=\d\d\b)|\b)")
_APPROXIMATE = re.compile(
    r"(?:près\s+de|environ|quelque|plus\s+de|moins\s+de|presque|autour\s+de|quasi(?:ment)?|un\s+peu\s+plus\s+de)\s+$"
)
_UNIT = re.compile(
    r"\s*(?:(?:de|d')\s*)?(?:(?P<percent>%|pour\s?cent|p\.\s?100)|(?P<euro>€|euros?|eur\b)|(?P<dollar>\$|dollars?|usd\b)"
    r"|(?P<franc>f\s?cfa|francs?|xof|xaf)|(?P<naira>nairas?)|(?P<dirham>dirhams?)|(?P<day>jours?)|(?P<week>semaines?)"
    r"|(?P<month>mois)|(?P<year>ans?\b|années?)|(?P<hour>heures?)|(?P<minute>minutes?)|(?P<kilometre>km|kilomètres?)"
    r"|(?P<metre>mètres?|m\b)|(?P<gigabyte>go\b|gigaoctets?)|(?P<megabyte>mo\b|mégaoctets?))(?!\w)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text: the values that it can have (« 2.000 » may be 2000 or 2), its unit if it is a known one.

    `precision` is the worth of the last digit that is given; `is_round` tells that it stands for others near it
    (« près de 18 millions »).
    """

    surface: str
    values: frozenset[float]
    precision: float
    unit: str | None
    is_round: bool

    def may_be(self, other: Number) -> bool:
        """Say whether this number is `other`, from the source, or that one rounded; units are not compared."""
        if self.values & other.values:
            return True
        return self.is_round and any(self._rounds(own, its) for own in self.values for its in other.values)

    def _rounds(self, own: float, its: float) -> bool:
        """Say whether `own` is `its` rounded, or, with two digits or more, cut short."""
        gap = its - own
        return abs(gap) <= self.precision / 2 or (0 < gap < self.precision <= own / 10)


def numbers_of(text: str) -> list[Number]:
    """Give the numbers of a normalised text. « un » and « une » alone are articles, not numbers."""
    text = _HOUR.sub(" heures ", text)
    return [*_in_digits(text), *_in_words(text)]


def codes_of(text: str) -> list[str]:
    """Give what is made of letters and digits together (« 4G », « Covid-19 »)."""
    return [match.group() for match in _CODE.finditer(_HOUR.sub(" heures ", text))]


def _in_digits(text: str) -> Iterator[Number]:
    for match in _DIGITS.finditer(text):
        digits = match["digits"]
        scale = _SCALES[match["scale"].strip()] if match["scale"] else 1
        grouped = re.fullmatch(r"\d{1,3}(?:[ .]\d{3})+(?:,\d+)?", digits)
        values = {float(re.sub(r"[ .]", "", digits).replace(",", ".")) * scale} if grouped else set()
        if " " not in digits and digits.count(".") <= 1:
            values.add(float(digits.replace(",", ".")) * scale)
        yield _number(text, match.start(), match.end(), values, _precision(digits, scale), scale > 1)


def _precision(digits: str, scale: int) -> float:
    """Give the worth of the last digit that says something: 1000 in « 44 000 », 0.01 in « 5,72 »."""
    if "," in digits:
        return float(10.0 ** -len(digits.rpartition(",")[2]) * scale)
    return float(_zeros_worth(re.sub(r"\D", "", digits)) * scale)


def _zeros_worth(digits: str) -> int:
    """Give the worth of the zeros at the end, two at least: a number that ends in one is not round yet."""
    zeros = len(digits) - len(digits.rstrip("0"))
    return 10**zeros if zeros > 1 else 1


def _in_words(text: str) -> Iterator[Number]:
    for match in _WORDS.finditer(text):
        words = [word for word in re.split(r"[\s-]+", match.group().lower()) if word != "et"]
        follows_digits = re.search(r"\d\s+$", text[: match.start()])
        if follows_digits or all(word in ("un", "une") for word in words):
            continue
        value = float(_value(words))
        precision = float(_zeros_worth(str(int(value))))
        yield _number(text, match.start(), match.end(), {value}, precision, words[-1] in _SCALES)


def _value(words: list[str]) -> int:
    """Add up number words: « quatre-vingt-dix-sept mille deux cents » is (4 × 20 + 17) × 1000 + 2 × 100."""
    total = part = 0
    for word in words:
        if word in _SCALES:
            total += max(part, 1) * _SCALES[word]
            part = 0
        elif word in _HUNDREDS:
            part = max(part, 1) * 100 if part < 100 else part + 100  # noqa: PLR2004
        elif word in ("vingt", "vingts") and part % 100 == 4:  # noqa: PLR2004 - quatre-vingts
            part += 76
        else:
            part += _TENS.get(word, _UNITS.get(word, 0))
    return total + part


def _number(text: str, start: int, end: int, values: set[float], precision: float, has_scale: bool) -> Number:
    unit = _UNIT.match(text, end)
    name = unit.lastgroup if unit else None
    is_round = (
        has_scale
        or name == "percent"
        or bool(_APPROXIMATE.search(text[:start]))
        or (precision > 1 and max(values) >= 10 * precision)
    )
    return Number(text[start:end].strip(), frozenset(values), precision, name, is_round)
