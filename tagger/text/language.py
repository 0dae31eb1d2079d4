"""Which language an article and its paragraphs are in, by langdetect, the same at every call.

langdetect draws random samples; a fixed seed makes it deterministic. It costs milliseconds a call, so it
is asked only where common French words do not already settle it, and reads one sample of what it is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
from langdetect.lang_detect_exception import LangDetectException

UNKNOWN = "und"  # ISO 639-2 for « undetermined »
_SAMPLE_CHARS = 600
_CERTAIN = 0.9
_MIN_LETTERS = 60
_MIN_FRENCH_SHARE = 0.12
# Frequent in French, and each rare or absent in the languages that stand beside it in African press pages.
_FRENCH_WORDS = frozenset(
    "le les des du et est une dans pour qui que sur par avec ce cette sont aux au pas plus ont été ces ses "
    "leur leurs nous vous il elle ils mais ou où comme entre selon depuis aussi être d'un d'une qu'il".split()
)
DETECTABLE = frozenset(profile.name for profile in Path(PROFILES_DIRECTORY).iterdir() if profile.suffix == "")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


@dataclass(frozen=True, slots=True)
class ForeignParagraph:
    """A paragraph whose language is not the article's."""

    start: int
    end: int
    language: str


def detect_language(text: str) -> str:
    """Give the ISO 639-1 code of the language of `text` (normalised), or ``"und"`` where none shows."""
    sample = text[:_SAMPLE_CHARS]
    if _is_plainly_french(sample):
        return "fr"
    if sum(map(str.isalpha, sample)) < _MIN_LETTERS:  # too little for the detector
        return UNKNOWN
    language, _ = _most_probable(sample)
    return language


def language_proportions(text: str, languages: Sequence[str]) -> list[tuple[str | None, float]]:
    """Give how much of `text` is in each of some `languages` out of `DETECTABLE`, the most first, adding up to 1.

    None stands for what is in none of them.
    """
    found = dict(_probabilities(text[:_SAMPLE_CHARS]))
    shares: dict[str | None, float] = {language: found.get(language, 0.0) for language in languages}
    shares[None] = max(0.0, 1.0 - sum(shares.values()))
    rounded = [(language, round(share, 4)) for language, share in shares.items()]
    return sorted(rounded, key=lambda item: -item[1])


def foreign_paragraphs(text: str, language: str) -> list[ForeignParagraph]:
    """Find the paragraphs of `text` that are surely in a language other than `language`."""
    found = []
    for match in re.finditer(r"[^\n]+", text):
        paragraph = match.group()
        if language == "fr" and _is_plainly_french(paragraph):
            continue
        if sum(map(str.isalpha, paragraph)) < _MIN_LETTERS:
            continue
        other, probability = _most_probable(paragraph[:_SAMPLE_CHARS])
        if other not in (language, UNKNOWN) and probability >= _CERTAIN:
            found.append(ForeignParagraph(match.start(), match.end(), other))
    return found


def _is_plainly_french(paragraph: str) -> bool:
    words = _WORD.findall(paragraph[:_SAMPLE_CHARS].lower())
    return sum(word in _FRENCH_WORDS for word in words) >= _MIN_FRENCH_SHARE * max(len(words), 1)


def _most_probable(text: str) -> tuple[str, float]:
    return next(iter(_probabilities(text)), (UNKNOWN, 0.0))


def _probabilities(text: str) -> list[tuple[str, float]]:
    """Give the languages that `text` may be in, the most probable first."""
    detector = _factory().create()
    try:
        # Capitals mislead the detector: its profiles hardly hold any.
        detector.append(text.lower() if text.isupper() else text)
        return [(language.lang, language.prob) for language in detector.get_probabilities()]
    except LangDetectException:  # no letters, or none that any profile knows
        return []


@lru_cache(maxsize=1)
def _factory() -> DetectorFactory:
    factory = DetectorFactory()
    factory.load_profile(PROFILES_DIRECTORY)
    factory.set_seed(0)
    return factory
