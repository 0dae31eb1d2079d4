"""What a French sentence denies, by the words of the verb: « n'a pas signé » denies « signé »."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tagger.keywords.terms import FUNCTION_WORDS, words_of

_PARTNERS = r"(?:pas|plus|jamais|rien|aucune?|guère|personne|nullement)"
_NOT_A_DETERMINER = r"(?!(?:les?|la|l|une?|des?|du|d|son|sa|ses|leurs?|ce|cet|cette|ces|au|aux)\b)"
_DENIAL = re.compile(
    rf"(?<!\w)n(?:e\s+|')(?P<verb>(?:[\w-]+['\s]+){{1,6}}?){_PARTNERS}(?!\w)"
    rf"(?P<after>(?:\s+{_NOT_A_DETERMINER}[\w-]+){{0,4}})",
    re.IGNORECASE,
)
_WITHOUT = re.compile(r"(?<!\w)(?:sans|faute\s+d(?:e\s|'))\s*(?:avoir|être)\s+(?P<verb>[\w-]+)", re.IGNORECASE)
_NEITHER = re.compile(r"(?<!\w)ni\s[^.;!?]{3,80}?\sn(?:e\s+|')(?P<verb>[\w-]+)", re.IGNORECASE)
# Verbs that say nothing by themselves: what they deny is the verb that follows.
_HELPERS = re.compile(
    r"(?:(?:ser|aur|pourr|devr|voudr|fer|ir)(?:a|ai|ons|ez|ont|ait|aient)"
    r"|(?:etai|avai|pouvai|devai|voulai|faisai|allai)(?:t|ent)|peuvent|doivent|veulent)$"
)
_INFINITIVE = re.compile(r"(?:er|ir|re|é|ée|és|ées)$")
_STEM_CHARS = 6
_MIN_CHARS = 4


@dataclass(frozen=True, slots=True)
class Denials:
    """The stems of the verbs that a text denies, and of all words that it uses without a denial."""

    denied: frozenset[str]
    plain: frozenset[str]

    def reversed_from(self, source: Denials) -> list[str]:
        """Name the stems that this text denies and `source` affirms, or the other way round."""
        appeared = (self.denied & source.plain) - source.denied
        vanished = (self.plain & source.denied) - source.plain - self.denied
        return sorted(appeared | vanished)


def denials_of(text: str) -> Denials:
    """Find the denials of a normalised text."""
    denied: set[str] = set()
    rest = []
    place = 0
    for match in sorted(
        [match for pattern in (_DENIAL, _NEITHER, _WITHOUT) for match in pattern.finditer(text)],
        key=lambda match: match.start("verb"),
    ):
        verb, end = _stems(match["verb"]), match.end("verb")
        if not verb and "after" in match.groupdict():
            verb, end = _stems(_first_and_infinitives(match["after"])), match.end("after")
        denied |= verb
        rest.append(text[place : match.start("verb")])
        place = max(place, end)
    rest.append(text[place:])
    return Denials(frozenset(denied), frozenset(_stems(" ".join(rest))))


def _first_and_infinitives(text: str) -> str:
    """Give the first word of `text` and those after it that can be a verb (« cherché à adoucir »)."""
    words = text.split()
    return " ".join([*words[:1], *(word for word in words[1:] if _INFINITIVE.search(word))])


def _stems(text: str) -> set[str]:
    """Give the beginnings of the words that carry meaning."""
    return {
        word.text[:_STEM_CHARS]
        for word in words_of(text)
        if len(word.text) >= _MIN_CHARS and word.text not in FUNCTION_WORDS and not _HELPERS.match(word.text)
    }
