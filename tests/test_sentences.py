from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.text.sentences import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Un. Deux ! Trois ?", ["Un.", "Deux !", "Trois ?"]),
        ("M. Diop et Mme. Sall sont là. Me Ba aussi.", ["M. Diop et Mme. Sall sont là.", "Me Ba aussi."]),
        ("J. P. Koffi parle. Il sort.", ["J. P. Koffi parle.", "Il sort."]),
        ("Le 3.5 millions est faux. Bon.", ["Le 3.5 millions est faux.", "Bon."]),
        ("« Je pars. Je reviens. » Il sortit.", ["« Je pars. Je reviens. »", "Il sortit."]),
        ("Titre sans point\nUne phrase.", ["Titre sans point", "Une phrase."]),
        ("Il hésite... puis part. Fin.", ["Il hésite... puis part.", "Fin."]),
        ("", []),
    ],
)
def test_cuts_where_a_reader_would(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@given(st.text(alphabet="Ab.é!?«» \n\"'M1…)", max_size=80))
def test_nothing_but_spaces_is_lost(text: str) -> None:
    spans = sentence_spans(text)
    assert all(start < end for start, end in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())
