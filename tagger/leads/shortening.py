"""What a sentence can do without in a lead: cuts by rule, each of which leaves a whole sentence.

A cut is a stretch of the sentence that can be taken out as it is: whatever is kept is printed unchanged, but for a
capital at its head. (Cutting by rules over the surface, in place of a parse, follows J. Conroy et al., « Back to
Basics: CLASSY 2006 », and D. Zajic et al., « Multi-candidate reduction », 2007.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations, islice, pairwise

from tagger.leads.sentences import is_balanced, points_back

Span = tuple[int, int]

_MIN_CHARS = 45
_LONGEST_END = 16  # characters of the last word, the space before it and the full stop, at most
_MAX_CUTS = 4  # at most so many are tried together: sixteen variants
_DETERMINER = (
    r"(?:les?|la|l'|une?|des|du|deux|trois|quatre|cinq|plusieurs|plus\s+de|près\s+de|\d[\d.,\s]*\w+|[A-ZÀ-Ý][\w'-]+)"
)
_AUXILIARY = (
    r"(?:(?:n'|s'|l'|y\s+|en\s+|ne\s+|se\s+|s'y\s+|s'en\s+|le\s+|la\s+|les\s+|leur\s+|lui\s+)*"
    r"(?:a|ont|est|sont|était|étaient|sera|seront|serait|seraient|avait|avaient|aura|auront|aurait|auraient|fut|furent|eut"
    r"|va|vont|doit|doivent|devait|devra|devrait|devraient|peut|peuvent|pourra|pourrait|pourraient|veut|veulent|fait|font"
    r"|permet|permettent|reste|restent|compte|vient|viennent|prend|met|tient|dit|affirme|estime|assure|annonce|explique"
    r"|reçoit|rend|perd|suit|connaît|connait|appelle|lance|dénonce|accuse|demande|propose|souhaite|prévoit|s'élève))\b"
)
_FINITE = re.compile(
    rf"(?<![\w'-])(?:{_AUXILIARY}|(?!caméra|opéra|portrait|retrait|extrait|trait|attrait|souhait|lait)"
    r"\w{2,}(?:era|eront|ira|iront|rait|raient|ait|aient|èrent|irent)\b)",
    re.IGNORECASE,
)
_NEXT_IS_VERB = re.compile(rf"\s*(?:{_AUXILIARY}|\w{{2,}}(?:era|eront|ira|iront|rait|raient|ait|aient|èrent)\b)")
_INDEPENDENT = re.compile(rf"{_DETERMINER}")
_CONNECTIVE = re.compile(
    r"(?:(?:toutefois|cependant|néanmoins|pourtant|en\s+effet|en\s+outre|de\s+plus|par\s+ailleurs|ainsi|aussi|alors|puis"
    r"|ensuite|enfin|d'ailleurs|d'autre\s+part|d'une\s+part|par\s+conséquent|en\s+revanche|au\s+contraire|du\s+coup"
    r"|au\s+final|finalement|résultat|de\s+fait|à\s+ce\s+titre|dans\s+ce\s+(?:cadre|contexte)|dans\s+le\s+détail"
    r"|de\s+son\s+côté|pour\s+(?:sa|leur)\s+part|pour\s+rappel|concrètement|surtout|or|mais|et)\s*,\s+"
    r"|(?:mais|et|or)\s+(?=(?:les?|la|l'|une?|des)\s?\w))",
    re.IGNORECASE,
)
_INSERTED = re.compile(
    r"\s*,\s+(?:en\s+effet|en\s+outre|par\s+ailleurs|toutefois|cependant|néanmoins|pourtant|d'ailleurs|en\s+revanche"
    r"|quant\s+à\s+(?:lui|elle|eux|elles)|de\s+(?:son|leur)\s+côté|pour\s+(?:sa|leur)\s+part|(?:lui|elle|eux)\s+aussi"
    r"|enfin|ensuite|par\s+exemple|rappelons-le|on\s+le\s+sait|semble-t-il|dit-on)\s*,(?=\s)",
    re.IGNORECASE,
)
_PARENTHESIS = re.compile(r"\s+\([^()«»\"]{1,160}\)")
_SAYING = (
    r"(?:annonc|déclar|indiqu|précis|ajout|affirm|expliqu|confi|assur|rapport|révél|estim|soulign|not|rappel|lanc|conclu"
    r"|détaill|dénonc|regrett|témoign|racont|insist|martel|jug|constat|avanc|plaid|promis|promet|dit|écri[tv]|fait\s+savoir"
    r"|appris|apprend)\w*"
)
_TRAILING_ATTRIBUTION = re.compile(
    rf"\s*,\s+(?:(?:a|ont|avait|avaient)(?:-t-(?:il|elle|on)|-(?:ils|elles))?\s+(?:également\s+|aussi\s+|ainsi\s+|ensuite\s+)?{_SAYING}\s*"
    rf"|{_SAYING}(?:-t-(?:il|elle|on)|-(?:il|elle|ils|elles))?\s+|(?:selon|d'après|de\s+source|de\s+sources)\s+)"
    r"[^«»\"();:]{0,150}(?=[.!]\s*$)",
)
_LEADING_ATTRIBUTION = re.compile(
    r"(?:selon|d'après|à\s+en\s+croire|interrogée?s?\s+par|invitée?s?\s+(?:de|sur|du)|dans\s+un\s+(?:communiqué|entretien|tweet"
    r"|message|rapport|texte)|dans\s+une\s+(?:interview|tribune|lettre|vidéo|déclaration|note|étude))\b",
    re.IGNORECASE,
)
_LEADING_CIRCUMSTANCE = re.compile(
    r"(?:alors\s+qu(?:e|')|tandis\s+qu(?:e|')|après|avant|depuis|lors\s+d|face\s+à|à\s+l'occasion|dans\s+le\s+cadre|au\s+cours"
    r"|en\s+marge|suite\s+à|à\s+la\s+suite|en\s+raison|quelques|si\s+l'on\s+en\s+croit|comme|"
    r"(?:ce\s+|le\s+)?(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)|hier|aujourd'hui|demain)\b",
    re.IGNORECASE,
)
_APPOSITION = re.compile(
    r"\s*,\s+(?:les?|la|l'|une?|anciens?|ancienne|ex-|ministre|président|directeur|directrice|chef|secrétaire|maire|patron"
    r"|patronne|député|sénateur|fondateur|cofondateur|porte-parole|responsable|professeur|avocat|avocate|âgée?s?|filiale"
    r"|numéro|leader|PDG|DG|né|née)\b[^,;:«»\"()]{2,110},(?=\s)"
)
_RELATIVE = re.compile(
    r"\s*,\s+(?:qui|dont|où|lequel|laquelle|lesquels|lesquelles|auxquel\w+|auquel|à\s+laquelle|duquel)\b[^,;:«»\"()]{3,140},(?=\s)"
)
_TRAILING = re.compile(
    r"\s*(?:,\s+(?:qui|dont|où|ce\s+qu(?:i|e|')|lequel|laquelle|alors\s+qu(?:e|')|tandis\s+qu(?:e|')|après|avant\s+d|afin\s+d"
    r"|ainsi\s+que|notamment|soit\s|grâce\s|suite\s+à|à\s+la\s+suite|en\s+raison|à\s+l'occasion|dans\s+le\s+cadre|car\s"
    r"|puisqu|comme\s|en\s+\w+ant\b|et\s+(?:ils?|elles?|on)\s"
    r"|(?!avant|pendant|durant|cependant|maintenant|autant)\w{3,}ant\s|faute\s|malgré|avec\s|lors\s|où\s|par\s|au\s|pour\s"
    r"|\w{3,}(?:ée?s?|ie?s?|ue?s?)\s+(?:de|d'|à|par|en|dans|pour|sur|depuis|lors)\b)|\s;\s)[^«»\"]{3,}(?=[.!]\s*$)",
)
_NEGATION = re.compile(r"(?<![\w])n(?:e\s|')(?=\w)", re.IGNORECASE)
_NEGATION_PARTNER = re.compile(
    r"(?<![\w])(?:pas|plus|jamais|rien|aucune?|personne|guère|nulle?|ni|que|qu')(?![\w])", re.IGNORECASE
)
_ENDS_OPEN = re.compile(
    r"(?:\s|')(?:de|d'|du|des|la|le|les|l'|un|une|à|au|aux|en|et|ou|pour|par|sur|que|qu'|qui|dont|dans|avec|selon|ne|se"
    r"|son|sa|ses|est|a|ont|sont)\s*[.!?]?$",
    re.IGNORECASE,
)
_PARTICIPLE_ALONE = re.compile(  # « Twitter a décidé », « Il a procédé, jeudi, à Abidjan »: the object was cut
    r"(?:(?<=\s)(?:a|ont|avait|avaient|aura|auront)|\bs'(?:est|était|sont|étaient))"
    r"(?:\s+(?:\w+ment|aussi|ainsi|déjà|enfin|en\s+outre))?\s+\w+(?:é|i|u|is|it|ert)s?\s*(?:,[^.;:]*)?[.!]?$"
)
_SUBORDINATE_ALONE = re.compile(  # « … en janvier après que la junte »: its verb was cut
    r"(?:\b(?:après|avant|alors|tandis|pour|parce|depuis|dès|bien|tant|afin)\s+qu(?:e\s|')|\b(?:lors|puis)qu(?:e\s|'))"
    r"(?P<clause>[^,]{0,60})$"
)
_BARE_AFTER_COLON = re.compile(r":\s[^:]{0,30}$")
_RESUMED = re.compile(  # « …, par une décision du 3 mars, de cesser ses envois »: the object is in the cut
    r"\s*,\s+(?!afin|avant|pour)[^,]+,\s+(?:de\s+|d'|à\s+)(?:ne\s+\w+\s+)?\w{2,}(?:er|ir|re)\b"
)
_CONDITION = re.compile(
    r"(?:alors\s+qu|tandis\s+qu|bien\s+qu|lorsqu|puisqu|quand\s|si\s|s'ils?\s|comme\s)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Variant:
    """What is kept of a sentence: stretches of it, in order; all of it is one stretch."""

    spans: tuple[Span, ...]
    text: str

    @property
    def cuts(self) -> int:
        """How many stretches were taken out (one at either end counts too)."""
        return len(self.spans) - 1


def variants(sentence: str) -> Iterator[Variant]:
    """Give a normalised sentence and its shortened forms, the whole one first."""
    yield Variant(((0, len(sentence)),), sentence)
    cuts = list(dict.fromkeys(_cuts(sentence)))[:_MAX_CUTS]
    for size in range(1, len(cuts) + 1):
        for chosen in combinations(cuts, size):
            variant = _take_out(sentence, chosen)
            if _is_whole(sentence, variant, chosen):
                yield variant


def begins_with_verb(text: str) -> bool:
    """Say whether a finite verb comes next."""
    return bool(_NEXT_IS_VERB.match(text))


def _cuts(sentence: str) -> Iterator[Span]:
    """Give the stretches that may be taken out, those that cost least first."""
    for start, end in _cuts_anywhere(sentence):
        if is_balanced(sentence[:start]) and is_balanced(sentence[start:end]):
            yield start, end


def _cuts_anywhere(sentence: str) -> Iterator[Span]:
    """Give the stretches, also those inside a quotation, which nobody may alter."""
    commas = _marks(sentence, ",")
    if match := _CONNECTIVE.match(sentence):
        yield match.span()
    yield from _from_marks(_INSERTED, sentence, commas)
    yield from _from_marks(_PARENTHESIS, sentence, _marks(sentence, "("))
    yield from _leading(sentence)
    for pattern in (_APPOSITION, _RELATIVE):
        for start, end in _from_marks(pattern, sentence, commas):
            if _stands_before_verb(sentence, start, end):
                yield start, end
    if "«" not in sentence and '"' not in sentence:
        yield from islice(_from_marks(_TRAILING_ATTRIBUTION, sentence, commas), 1)
    yield from _trailing(sentence, sorted([*commas, *_marks(sentence, ";")]))


def _leading(sentence: str) -> Iterator[Span]:
    """Find an opening circumstance or attribution that ends at a comma before a main clause."""
    if not (_LEADING_ATTRIBUTION.match(sentence) or _LEADING_CIRCUMSTANCE.match(sentence)):
        return
    for comma in re.finditer(r",\s+", sentence):
        rest = sentence[comma.end() :]
        clause = rest.split(",", 1)[0]
        if _INDEPENDENT.match(rest) and _FINITE.search(clause) and not points_back(rest):
            yield 0, comma.end()
            return


def _stands_before_verb(sentence: str, start: int, end: int) -> bool:
    """Say whether what stands between two commas parts a subject from its verb.

    The subject is the stretch from the comma or the head before it; one that opens with a preposition is none.
    """
    subject = sentence[max(sentence.rfind(",", 0, start), -1) + 1 : start].strip()
    opens = re.match(
        r"(?:à|a|en|au|aux|dans|depuis|pour|selon|après|avant|avec|sur|par|chez|lors|et|ou)\b", subject, re.IGNORECASE
    )
    return (
        not opens
        and len(subject) > 1
        and bool(_NEXT_IS_VERB.match(sentence, end))
        and not _TRAILING_ATTRIBUTION.match(sentence, end - 1)  # « …, a précisé son cabinet » has its own subject
    )


def _trailing(sentence: str, marks: Sequence[int]) -> Iterator[Span]:
    """Find closing clauses that can go, each together with all that follows it: the last one, and longer ones."""
    found = (_TRAILING.match(sentence, start) for start in marks)
    yield from reversed([match.span() for match in found if match and not _RESUMED.match(sentence, match.start())])


def _from_marks(pattern: re.Pattern[str], sentence: str, marks: Sequence[int]) -> Iterator[Span]:
    """Find what a pattern that begins with a mark matches, no two overlapping: much faster than a search."""
    place = 0
    for start in marks:
        if start >= place and (match := pattern.match(sentence, start)):
            place = match.end()
            yield match.span()


def _marks(sentence: str, mark: str) -> list[int]:
    """Give the places of a mark, with the space before it."""
    before = sentence.split(mark)[:-1]
    ends = accumulate(len(part) + 1 for part in before)
    return [end - 1 - (len(part) - len(part.rstrip())) for end, part in zip(ends, before, strict=True)]


def _take_out(sentence: str, cuts: Sequence[Span]) -> Variant:
    spans = []
    place = 0
    for start, end in sorted(cuts):
        if start > place:
            spans.append((place, start))
        place = max(place, end)
    if place < len(sentence):
        spans.append((place, len(sentence)))
    text = "".join(sentence[start:end] for start, end in spans)
    return Variant(tuple(spans), text[:1].upper() + text[1:])


def _is_whole(sentence: str, variant: Variant, cuts: Sequence[Span]) -> bool:
    """Say whether what is kept can stand alone: no overlap among cuts, a finite verb, nothing left open."""
    ordered = sorted(cuts)
    text = variant.text
    return (
        all(first[1] <= second[0] for first, second in pairwise(ordered))
        and len(text) >= _MIN_CHARS
        and is_balanced(text)
        and bool(_FINITE.search(text))
        and not _ENDS_OPEN.search(text, len(text) - _LONGEST_END)
        and (ordered[-1][1] < len(sentence) - 1 or _ends_whole(text))
        and (not _CONDITION.match(text) or "," in text)
        and (not points_back(text) or points_back(sentence))
        and _negations_stay_whole(sentence, variant.spans)
    )


def _ends_whole(text: str) -> bool:
    """Say whether a sentence whose end was cut still says what its last words began to say."""
    subordinate = _SUBORDINATE_ALONE.search(text)
    return (
        not _PARTICIPLE_ALONE.search(text)
        and not _BARE_AFTER_COLON.search(text)
        and (not subordinate or bool(_FINITE.search(subordinate["clause"])))
    )


def _negations_stay_whole(sentence: str, kept: Sequence[Span]) -> bool:
    """Say whether every kept « ne » keeps the « pas » that follows it in the sentence."""
    for match in _NEGATION.finditer(sentence):
        partner = _NEGATION_PARTNER.search(sentence, match.end())
        if partner and _is_in(match.start(), kept) and not _is_in(partner.start(), kept):
            return False
    return True


def _is_in(place: int, spans: Sequence[Span]) -> bool:
    return any(start <= place < end for start, end in spans)
