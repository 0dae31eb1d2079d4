from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.article import Lead
from tagger.leads.extractive import MAX_CHARS, ExtractiveWriter
from tagger.resources import training_data_dir
from tagger.text.sentences import sentence_spans
from tagger.text.typography import normalise
from tagger.training.corpus import load_corpus


def write(text: str, title: str = "") -> Lead | None:
    return ExtractiveWriter().write(title, normalise(text), [])


def test_leads_of_the_briefs_are_whole_sentences() -> None:
    for brief in load_corpus(training_data_dir() / "corpus"):
        lead = ExtractiveWriter().write(normalise(brief.title).text, normalise(brief.text), [])
        assert lead is not None, brief.id
        assert len(lead.text) <= MAX_CHARS
        assert " ".join(brief.text[span.start : span.end] for span in lead.source) == lead.text
        sentences = {brief.text[start:end] for start, end in sentence_spans(brief.text)}
        assert all(brief.text[span.start : span.end] in sentences for span in lead.source)


def test_neither_caption_nor_byline_nor_insert() -> None:
    text = (
        "Photo : le ministre devant le nouveau centre de données de Diamniadio, hier matin.\n"
        "Lire aussi : Le centre de données, un chantier de deux ans pour le ministre de l'Economie.\n"
        "Le centre de données de Diamniadio hébergera les sites de l'administration dès le mois de mars."
    )
    lead = write(text, "Un centre de données à Diamniadio")
    assert lead is not None
    assert lead.text.startswith("Le centre de données de Diamniadio hébergera")


def test_does_not_open_with_what_points_back() -> None:
    text = (
        "Toutefois, elle reste prudente sur le calendrier de la fibre et sur son prix. "
        "La Sonatel déploiera la fibre à Thiès avant la fin de l'année, a annoncé son directeur. "
    )
    lead = write(text, "La fibre arrive à Thiès")
    assert lead is not None
    assert lead.text.startswith("La Sonatel")


def test_overlong_sentence_is_cut_and_says_so() -> None:
    text = "Le ministre a promis " + ", ".join(f"un chantier numéro {n} pour la région" for n in range(30)) + "."
    lead = write(text)
    assert lead is not None
    assert lead.method == "extractive-cut"
    assert len(lead.text) <= MAX_CHARS
    assert lead.text.endswith(" …")


def test_typography_is_printed_as_given() -> None:
    text = "L’Agence dépensera «\u00a0deux milliards\u00a0» pour relier le cœur du pays, a dit son directeur."
    lead = write(text)
    assert lead is not None
    assert lead.text == text


@settings(max_examples=60)
@given(st.text(alphabet="abcé ,.«»!?\n\"('ABC…", max_size=900))
def test_never_over_the_limit(text: str) -> None:
    lead = write(text)
    assert lead is None or 0 < len(lead.text) <= MAX_CHARS
