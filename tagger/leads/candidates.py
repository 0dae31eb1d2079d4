"""The leads that can be made of an article's best sentences: whole or shortened, one alone or two together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from tagger.leads.features import Piece
from tagger.leads.sentences import Sentence, points_back
from tagger.leads.shortening import begins_with_verb, variants
from tagger.leads.tokens import Floats

_SENTENCES = 8  # so many of the best sentences may stand in a lead
_VARIANTS = 6  # so many forms of one sentence are tried
_KIND = re.compile(  # « L'opérateur », « La convention »: the sentence before says which
    r"(?:Les?|La|L')\s*(?:accord|opérateur|opération|entreprise|organisation|institution|initiative|étude|enquête"
    r"|événement|annonce|application|appareil|agence|association|autorité|objectif|ouvrage|société|compagnie|groupe"
    r"|projet|programme|texte|régulateur|rencontre|cérémonie|convention|dispositif|plateforme|mesure|décision|document"
    r"|rapport|firme|start-?up|contrat|montant|filiale|marque|mission|formation|session|atelier|partenariat|premi(?:er|ère)"
    r"|seconde?|dernière?)\b"
)


@dataclass(frozen=True)
class Candidates:
    """Leads to choose from: a piece alone, or two in the order of the text, as indexes into `pieces`."""

    pieces: Sequence[Piece]
    alone: Sequence[int]
    pairs: Sequence[tuple[int, int]]

    def __len__(self) -> int:
        return len(self.alone) + len(self.pairs)

    def lead(self, number: int) -> tuple[Piece, ...]:
        """Give the pieces of one lead."""
        if number < len(self.alone):
            return (self.pieces[self.alone[number]],)
        left, right = self.pairs[number - len(self.alone)]
        return self.pieces[left], self.pieces[right]


def printed(lead: Sequence[Piece]) -> str:
    """Give a lead as one (normalised) text."""
    return " ".join(piece.text for piece in lead)


def make_candidates(sentences: Sequence[Sentence], values: Floats, max_chars: int, max_sentences: int) -> Candidates:
    """Make the leads of at most `max_chars` characters and `max_sentences` (1 or 2) out of the best sentences.

    `values` (s,) say what each sentence is worth. One that points back follows only the sentence before it, and
    opens a lead only where every sentence points back. What an article's later sentence names by its kind alone,
    « l'opérateur », opens none either.
    """
    pieces = [piece for sentence in _best(sentences, values) for piece in _pieces(sentence, max_chars)]
    backward = [points_back(piece.text) for piece in pieces]
    unnamed = [piece.sentence.index > 0 and _names_a_kind(piece.text) for piece in pieces]
    unclear = zip(backward, unnamed, strict=True)
    opening = [number for number, why in enumerate(unclear) if not any(why)] or list(range(len(pieces)))
    pairs = [
        (left, right)
        for left in opening
        for right in range(left + 1, len(pieces))
        if max_sentences > 1 and _go_together(pieces[left], pieces[right], backward[right], max_chars)
    ]
    return Candidates(pieces, opening, pairs)


def _names_a_kind(text: str) -> bool:
    """Say whether a sentence's subject is a bare « l'opérateur » or the like, and nothing tells which."""
    match = _KIND.match(text)
    return bool(match and begins_with_verb(text[match.end() :]))


def _best(sentences: Sequence[Sentence], values: Floats) -> list[Sentence]:
    """Give the best usable sentences in the order of the text."""
    usable = [sentence for sentence in sentences if sentence.is_usable]
    usable.sort(key=lambda sentence: -values[sentence.index])
    return sorted(usable[:_SENTENCES], key=lambda sentence: sentence.index)


def _pieces(sentence: Sentence, max_chars: int) -> list[Piece]:
    return [
        Piece(
            sentence,
            tuple((sentence.start + start, sentence.start + end) for start, end in variant.spans),
            variant.text,
        )
        for variant in islice(variants(sentence.text), _VARIANTS)
        if len(variant.text) <= max_chars
    ]


def _go_together(left: Piece, right: Piece, right_points_back: bool, max_chars: int) -> bool:
    """Say whether two pieces, in the order of the text, make a lead that can be read."""
    gap = right.sentence.index - left.sentence.index
    return (
        gap > 0
        and len(left.text) + 1 + len(right.text) <= max_chars
        and (gap == 1 or not right_points_back)
        and left.text != right.text
    )
