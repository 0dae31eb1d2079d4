"""Leads made of the article's own sentences: what they are made of, how long they are, what comes with them."""

from __future__ import annotations

import re
from functools import cache
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger import Annotator, Article
from tagger.article import Extract, Lead
from tagger.leads.extractive import CUT_METHOD, METHOD, ExtractiveWriter
from tagger.leads.options import DEFAULT_CHARS, TITLE_CHARS, LeadOptions
from tagger.leads.ranker import LeadRanker, read_features
from tagger.leads.sentences import Sentence, points_back, read_sentences
from tagger.leads.shortening import variants
from tagger.leads.tokens import Tokens
from tagger.resources import models_dir, training_data_dir
from tagger.text.typography import normalise
from tagger.training.corpus import load_corpus

BRIEFS = 200  # of the corpus: all of them take a minute


@cache
def writer() -> ExtractiveWriter:
    return ExtractiveWriter.load(models_dir())


def write(text: str, title: str = "", options: LeadOptions | None = None) -> Lead | None:
    return writer().write(title, normalise(text), [], options)


def taken_from(text: str, extract: Extract) -> str:
    """Give the stretches that `source` names, without spaces and capitals."""
    stretches = "".join(text[span.start : span.end] for span in extract.source)
    return "".join(normalise(stretches).text.split()).lower()


def test_leads_of_the_briefs_are_their_own_words() -> None:
    opening = 0
    for brief in islice(load_corpus(training_data_dir() / "corpus/osiris-briefs.jsonl"), BRIEFS):
        lead = writer().write(normalise(brief.title).text, normalise(brief.text))
        assert lead is not None, brief.id
        assert len(lead.text) <= DEFAULT_CHARS
        assert taken_from(brief.text, lead) == "".join(normalise(lead.text).text.split()).lower(), brief.id
        assert all(first.end <= second.start for first, second in pairwise(lead.source))
        opening += points_back(normalise(lead.text).text)
    assert opening <= 3  # only where every sentence that fits points back


def test_neither_caption_nor_byline_nor_insert() -> None:
    text = (
        "Photo : le ministre devant le nouveau centre de données de Diamniadio, hier matin.\n"
        "Lire aussi : Le centre de données, un chantier de deux ans pour le ministre de l'Economie.\n"
        "Le centre de données de Diamniadio hébergera les sites de l'administration dès le mois de mars."
    )
    lead = write(text, "Un centre de données à Diamniadio")
    assert lead is not None
    assert lead.text.startswith("Le centre de données de Diamniadio hébergera")


@pytest.mark.parametrize(
    "dateline",
    ["Thiès, 9 avril (APS) – ", "(Agence des Lacs) - ", "ORAN - ", "Goma, 21 mai 2024 (ACP).- ", "[Le Fil] – "],
)
@pytest.mark.parametrize("above", ["", "Photo : le centre de Thiès\n\n"])
def test_begins_after_the_dateline(dateline: str, above: str) -> None:
    sentence = "L’Autorité de régulation ouvre une enquête sur les tarifs de gros, a dit son directeur général."
    text = f"{above}{dateline}{sentence} La décision a été notifiée."
    lead = write(text, "Une enquête sur les tarifs")
    assert lead is not None
    assert lead.text.startswith("L’Autorité de régulation")
    start = above + dateline
    assert (lead.source[0].start, text[: lead.source[0].start]) == (len(start), start)


def test_does_not_open_with_what_points_back() -> None:
    text = (
        "Toutefois, elle reste prudente sur le calendrier de la fibre et sur son prix. "
        "La Sonatel déploiera la fibre à Thiès avant la fin de l'année, a annoncé son directeur. "
    )
    lead = write(text, "La fibre arrive à Thiès")
    assert lead is not None
    assert lead.text.startswith("La Sonatel")


def test_does_not_open_with_what_is_named_by_its_kind_alone() -> None:
    text = (
        "Orange Money a parlé mardi à Dakar. L'opérateur a ramené ses tarifs de 5 % à 1 % pour tous les transferts "
        "d'argent entre particuliers.\nLes clients d'Orange Money paieront moins dès lundi dans tout le pays."
    )
    lead = write(text, "Orange Money baisse ses tarifs de transfert d'argent")
    assert lead
    assert not lead.text.startswith("L'opérateur")
    assert points_back("Selon un communiqué conjoint, les deux opérateurs partagent leurs pylônes.")
    assert points_back("Le chef de l'Etat y inaugurait un centre de données.")
    assert not points_back("Au Sénégal, il y a quatre opérateurs de télécommunications.")


@pytest.mark.parametrize(
    "speech",
    [
        '"La situation est grave. Nous fermerons douze agences de Dakar et de Thiès. Rien ne changera avant mars"',
        "‘’La situation est grave. Nous fermerons douze agences de Dakar et de Thiès. Rien ne changera avant mars’’",
        "« La situation est grave.\nNous fermerons douze agences de Dakar et Thiès.\nRien ne changera avant mars »",
    ],
)
def test_what_is_said_in_a_long_quotation_stays_with_who_says_it(speech: str) -> None:
    text = f"Le directeur de la Sonatel a réagi mardi à Dakar devant la presse. {speech}, a dit Brelotte Ba."
    usable = [sentence.text for sentence in read_sentences(normalise(text).text, ()) if sentence.is_usable]
    assert usable == ["Le directeur de la Sonatel a réagi mardi à Dakar devant la presse."]


def test_overlong_sentence_is_cut_and_says_so() -> None:
    text = "Le ministre a promis " + ", ".join(f"un chantier numéro {n} pour la région" for n in range(30)) + "."
    lead = write(text)
    assert lead is not None
    assert lead.method == CUT_METHOD
    assert len(lead.text) <= DEFAULT_CHARS
    assert lead.text.endswith(" …")


def test_typography_is_printed_as_given() -> None:
    text = "L’Agence dépensera «\u00a0deux milliards\u00a0» pour relier le cœur du pays, a dit son directeur."
    lead = write(text)
    assert lead is not None
    assert lead.text == text


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="abcé ,.«»!?\n\"('ABC…", max_size=900))
def test_never_over_the_limit(text: str) -> None:
    lead = write(text)
    assert lead is None or 0 < len(lead.text) <= DEFAULT_CHARS


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "Jean Ndiaye, directeur général de la Sonatel, a présenté mardi les offres de la fibre à Dakar.",
            "Jean Ndiaye a présenté mardi les offres de la fibre à Dakar.",
        ),
        (
            "L'Autorité de régulation des télécommunications (ARTP) a lancé un appel à candidatures.",
            "L'Autorité de régulation des télécommunications a lancé un appel à candidatures.",
        ),
        (
            "Toutefois, la Sonatel a promis de rembourser tous les clients du réseau.",
            "La Sonatel a promis de rembourser tous les clients du réseau.",
        ),
        (
            "Le réseau sera fermé dimanche pour des travaux de maintenance, a annoncé le directeur de la Sonatel.",
            "Le réseau sera fermé dimanche pour des travaux de maintenance.",
        ),
        (
            "Selon le ministère, le réseau sera fermé dimanche pour des travaux de maintenance.",
            "Le réseau sera fermé dimanche pour des travaux de maintenance.",
        ),
        (
            "Le réseau sera fermé dimanche pour des travaux de maintenance, alors que les clients se plaignent.",
            "Le réseau sera fermé dimanche pour des travaux de maintenance.",
        ),
    ],
)
def test_shortens_to_whole_sentences(sentence: str, expected: str) -> None:
    assert expected in [variant.text for variant in variants(sentence)]


@pytest.mark.parametrize(
    "sentence",
    [
        "« Le réseau (fixe) sera rétabli », a promis le directeur de la Sonatel devant la presse.",
        "« Nous paierons », a déclaré le directeur de la Sonatel devant la presse réunie à Dakar.",
        "Selon Awa Diop, directrice de la Sonatel, le réseau sera rétabli.",
        "La Sonatel ne paiera, malgré la décision du tribunal de Dakar, pas les indemnités réclamées.",
    ],
)
def test_breaks_no_quotation_no_name_and_no_negation(sentence: str) -> None:
    for variant in islice(variants(sentence), 1, None):
        assert "« Le réseau sera" not in variant.text
        assert variant.text.count("«") == sentence.count("«")
        assert not variant.text.startswith(("Directrice", "A promis"))
        assert (" ne paiera" in variant.text) == (" pas les" in variant.text)


@pytest.mark.parametrize(
    ("sentence", "broken"),
    [
        (
            "Ooredoo Tunisie et Orange Tunisie ont obtenu, comme Tunisie Telecom, la licence 5G en 2024.",
            "ont obtenu.",
        ),
        (
            "L'ARTP vient d'enjoindre à la société industrielle agroalimentaire, par courrier, de cesser ses envois.",
            "agroalimentaire.",
        ),
        (
            "Les sanctions ont été imposées en janvier après que la junte, venue au pouvoir, a gardé le silence.",
            "la junte.",
        ),
        ("Le conseil d'administration de Twitter a décidé, après des heures, d'accepter l'offre.", "a décidé."),
        (
            "Le ministre Amadou Coulibaly a procédé, jeudi 15 février, à Abidjan-Plateau, au lancement du Programme.",
            "Abidjan-Plateau.",
        ),
        (
            "Alors que le Maroc pourrait devenir le premier pays, avec ses voisins, à accueillir la fête, on doute.",
            "le premier pays.",
        ),
    ],
)
def test_cuts_nothing_without_which_the_rest_says_nothing(sentence: str, broken: str) -> None:
    assert not [variant.text for variant in variants(sentence) if variant.text.endswith(broken)]


def test_variants_are_stretches_of_the_sentence() -> None:
    for brief in islice(load_corpus(training_data_dir() / "corpus/osiris-briefs.jsonl"), BRIEFS):
        for sentence in read_sentences(normalise(brief.text).text, []):
            for variant in variants(sentence.text):
                kept = "".join(sentence.text[start:end] for start, end in variant.spans)
                assert kept[1:] == variant.text[1:]
                assert variant.text.endswith(sentence.text[-1])


TEXT = (
    "La Sonatel ouvrira ses fourreaux aux autres opérateurs avant la fin de l'année. "
    "L'accord, signé jeudi à Dakar avec l'Autorité de régulation, fixe le tarif de location. "
    "Expresso et Yas réclamaient cette ouverture depuis l'arrêt de leurs chantiers à Thiès et à Mbour. "
    "Les deux opérateurs comptent relier 40 000 foyers de plus au Sénégal en deux ans. "
    "Les associations de consommateurs demandent une baisse des prix de l'Internet fixe."
)


def test_length_sentences_alternatives_and_title(annotator: Annotator) -> None:
    article = Article(title="La Sonatel partage ses fourreaux", text=TEXT)
    annotation = annotator.annotate(
        article, profile="fast", lead_chars=100, lead_sentences=1, alternatives=True, suggest_title=True
    )
    lead, title = annotation.lead, annotation.title_suggestion
    assert lead is not None
    assert lead.method == METHOD
    assert len(lead.text) <= 100
    assert len(read_sentences(lead.text, [])) == 1
    assert len(lead.alternatives) == 2
    assert len({lead.text, *(other.text for other in lead.alternatives)}) == 3
    for extract in (lead, *lead.alternatives):
        assert taken_from(TEXT, extract) == "".join(extract.text.split()).lower()
    assert title is not None
    assert len(title.text) <= TITLE_CHARS
    assert not title.text.endswith(".")
    assert taken_from(TEXT, title) == "".join(title.text.split()).lower()


def test_nothing_extra_unless_asked(annotator: Annotator) -> None:
    annotation = annotator.annotate(Article(text=TEXT), profile="fast")
    assert annotation.title_suggestion is None
    assert annotation.lead is not None
    assert annotation.lead.alternatives == []


@given(st.lists(st.text(st.characters(max_codepoint=0xFFFE), min_size=1), min_size=1, max_size=4), st.text())
def test_words_are_those_that_a_regular_expression_finds(texts: list[str], title: str) -> None:
    sentences = []
    start = 7
    for number, text in enumerate(texts):
        sentences.append(Sentence(number, start, start + len(text), text, True, False))
        start += len(text) + 3
    tokens = Tokens.read(title, sentences)
    expected = [
        (sentence.index, sentence.start + found.start(), found.group())
        for sentence in sentences
        for found in re.finditer(r"\w+", sentence.text)
    ]
    assert [(place, at) for place, at, _ in expected] == list(zip(tokens.sentences, tokens.starts, strict=True))
    for (_, _, word), number in zip(expected, tokens.words, strict=True):
        assert len(tokens.vocabulary[number]) == len(word)
        if len(word.lower()) == len(word) and "Σ" not in word:  # which small sigma it is depends on what follows
            assert tokens.vocabulary[number] == word.lower()


@pytest.mark.parametrize(
    ("sentence", "first_person", "announces"),
    [
        ("J'ai vu les fourreaux de la Sonatel à Dakar.", True, False),
        ("Nous attendons la décision du régulateur sénégalais.", True, False),
        ("Le ministre a annoncé un nouveau câble sous-marin.", False, True),
        ("Deux câbles sous-marins ont été dévoilés à Dakar.", False, True),
        ("Le ministre a vu les câbles annoncés à Dakar.", False, False),
        ("Le jeton a été vendu par la société sénégalaise.", False, False),
    ],
)
def test_who_speaks_and_what_is_announced(sentence: str, first_person: bool, announces: bool) -> None:
    ranker = LeadRanker.load(models_dir())
    features = read_features("", read_sentences(sentence, []), ranker.importance)
    assert features is not None
    assert features.surface[0, 9:11].tolist() == [first_person, announces]
