from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.text.typography import fold_accents, normalise

VARIANT_CHARACTERS = "aéeœŒæﬁ’'‘\u00a0\u202f\u00ad\u200b\u0301\u0300\r\n&;#x39t…\x92\x85«»“”-\u2011 Ab"


@pytest.mark.parametrize(
    "variant",
    [
        "L’État a dit : « cœur »",
        "L'État a dit : « cœur »",
        "L&rsquo;&Eacute;tat a dit&nbsp;: «&#160;c&oelig;ur&#xA0;»",
        unicodedata.normalize("NFD", "L’État a dit : « cœur »"),
        "L\x92État a dit\u202f: «\u00a0cœur\u00a0»",
        "L’É\u00adtat a dit : « c\u200bœur »",
    ],
)
def test_variants_have_one_form(variant: str) -> None:
    assert normalise(variant).text == "L'État a dit : « coeur »"


def test_what_is_no_entity_is_left_alone() -> None:
    assert normalise("AT&T; R&D & Cie &inconnu;").text == "AT&T; R&D & Cie &inconnu;"


def test_plain_text_keeps_its_offsets_at_no_cost() -> None:
    normalised = normalise("Rien à changer.")
    assert normalised.starts is None
    assert normalised.span(5, 6) == (5, 6)


def test_offsets_point_at_what_was_replaced() -> None:
    original = "Le C&oelig;ur de l’Afrique"
    normalised = normalise(original)
    start = normalised.text.index("Coeur")
    assert original[slice(*normalised.span(start, start + 5))] == "C&oelig;ur"
    start = normalised.text.index("Afrique")
    assert original[slice(*normalised.span(start, start + 7))] == "Afrique"


@given(st.text(alphabet=VARIANT_CHARACTERS, max_size=60) | st.text(max_size=60))
def test_every_offset_leads_back_in_order(original: str) -> None:
    normalised = normalise(original)
    spans = [normalised.span(i, i + 1) for i in range(len(normalised.text))]
    assert all(0 <= start < end <= len(original) for start, end in spans)
    assert all(first[0] <= second[0] and first[1] <= second[1] for first, second in pairwise(spans))
    for (start, end), character in zip(spans, normalised.text, strict=True):
        assert original[start:end] == character or character in normalise(original[start:end]).text


@given(st.text(alphabet=VARIANT_CHARACTERS.replace("&", ""), max_size=60))
def test_normalising_twice_changes_nothing_more(original: str) -> None:
    once = normalise(original).text
    assert normalise(once).text == once


@given(st.text())
def test_folding_accents_keeps_the_length(text: str) -> None:
    assert len(fold_accents(text)) == len(text)
    assert fold_accents("Été à Thiès, Ñ") == "Ete a Thies, N"
