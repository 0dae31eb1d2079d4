"""The vocabulary as SKOS and as Annif's TSV: nothing is lost on the way, and files of others are understood."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from rdflib import SKOS, Graph

from tagger.errors import VocabularyError
from tagger.keywords import editing
from tagger.keywords.exchange import ExchangeFormat, format_of_file, read_vocabulary, write_vocabulary
from tagger.keywords.incoming import BASE_URI, Incorporation, incorporate
from tagger.keywords.vocabulary import Keyword, Vocabulary, load_vocabulary, slug
from tagger.resources import training_data_dir
from tests.vocabularies import vocabularies

EMPTY = Vocabulary(())
PREFIXES = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix ex: <http://example.org/t/> .
"""


def taken(
    vocabulary: Vocabulary, text: str, format: ExchangeFormat = ExchangeFormat.SKOS, *, update: bool = False
) -> Incorporation:
    return incorporate(vocabulary, read_vocabulary(text, format), retire_others=not update)


def turtle(text: str) -> str:
    return PREFIXES + text


@pytest.fixture(scope="module")
def lived() -> Vocabulary:
    """The shipped vocabulary after some years."""
    vocabulary = editing.retire(load_vocabulary(training_data_dir()), "SMSI")
    vocabulary = editing.merge(vocabulary, "Piratage", "Propriété intellectuelle")
    vocabulary = editing.add(vocabulary, "Drones", definition="Drones civils.", synonyms=["UAV", "drone"])
    return editing.rename(vocabulary, "Genre", "Femmes et numérique")


@pytest.fixture
def telecoms() -> Vocabulary:
    return Vocabulary(
        (
            Keyword(
                id="yas", name="Yas", group="Opérateurs", definition="Un opérateur.", synonyms=("Axian", "Togocom")
            ),
            Keyword(id="fibre", name="Fibre", group="Réseaux", definition="La fibre.", archive_count=7),
        )
    )


def test_a_vocabulary_with_a_past_comes_back_from_skos(lived: Vocabulary) -> None:
    text = write_vocabulary(lived, ExchangeFormat.SKOS)
    assert taken(EMPTY, text).vocabulary == lived
    assert taken(lived, text).vocabulary == lived


@settings(max_examples=80, deadline=None)
@given(vocabularies(min_size=1))
def test_any_vocabulary_comes_back_from_skos(vocabulary: Vocabulary) -> None:
    text = write_vocabulary(vocabulary, ExchangeFormat.SKOS)
    assert taken(EMPTY, text).vocabulary == vocabulary
    assert taken(vocabulary, text, update=True).vocabulary == vocabulary


@settings(max_examples=80, deadline=None)
@given(vocabularies())
def test_annif_tsv_leaves_its_own_vocabulary_as_it_is(vocabulary: Vocabulary) -> None:
    text = write_vocabulary(vocabulary, ExchangeFormat.ANNIF_TSV)
    back = taken(vocabulary, text, ExchangeFormat.ANNIF_TSV)
    assert back.vocabulary == vocabulary
    assert not back.lacking
    assert not back.left_out
    alone = taken(EMPTY, text, ExchangeFormat.ANNIF_TSV).vocabulary
    assert [(keyword.id, keyword.name) for keyword in alone] == [
        (keyword.id, keyword.name) for keyword in vocabulary.active
    ]


def test_no_label_is_of_two_kinds() -> None:
    graph = Graph().parse(data=write_vocabulary(load_vocabulary(training_data_dir()), ExchangeFormat.SKOS))
    for concept in graph.subjects(SKOS.notation):
        kinds = [set(graph.objects(concept, kind)) for kind in (SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel)]
        assert len(kinds[0]) == 1
        assert sum(map(len, kinds)) == len(set.union(*kinds))


def test_a_file_edited_by_hand_says_all(telecoms: Vocabulary) -> None:
    text = write_vocabulary(telecoms, ExchangeFormat.SKOS)
    text = text.replace('"Axian"@fr,\n', '"Mixx"@fr,\n').replace('"Yas"@fr', '"Yas Sénégal"@fr')
    text = text.replace('skos:definition "La fibre."@fr ;', "")
    yas, fibre = taken(telecoms, text).vocabulary
    assert (yas.name, yas.former_names, yas.synonyms) == ("Yas Sénégal", ("Yas",), ("Togocom", "Mixx"))
    assert (fibre.definition, fibre.archive_count) == ("", 7)


def test_an_older_export_restores_what_was_retired(telecoms: Vocabulary) -> None:
    text = write_vocabulary(telecoms, ExchangeFormat.SKOS)
    assert taken(editing.merge(telecoms, "Fibre", "Yas"), text).vocabulary == telecoms


def test_a_foreign_thesaurus_is_understood() -> None:
    text = turtle("""
        ex:c1 a skos:Concept ; skos:prefLabel "réseau informatique"@fr, "computer network"@en ;
            skos:altLabel "réseau local"@fr, "LAN"@en ; skos:broader ex:c2 ;
            skos:scopeNote "Ordinateurs\\nreliés."@fr .
        ex:c2 a skos:Concept ; skos:prefLabel "informatique"@fr-CA, "computing"@en ; skos:notation "004.1 A" .
        ex:c3 a skos:Concept ; skos:altLabel "fibre optique"@fr, "fibre noire"@fr .
        ex:c4 a skos:Concept ; skos:prefLabel "télex" ; owl:deprecated true ; dcterms:isReplacedBy ex:c3 .
        ex:c5 a skos:Concept ; skos:prefLabel "only English"@en .
        ex:c6 a skos:Concept ; skos:prefLabel "Réseau-informatique"@fr .
    """)
    found = taken(EMPTY, text)
    assert [keyword.model_dump(exclude_defaults=True) for keyword in found.vocabulary] == [
        {"id": "fibre-noire", "name": "fibre noire", "group": "", "definition": "", "synonyms": ("fibre optique",)},
        {"id": "004-1-a", "name": "informatique", "group": "", "definition": ""},
        {
            "id": "reseau-informatique",
            "name": "réseau informatique",
            "group": "informatique",
            "definition": "Ordinateurs reliés.",
            "synonyms": ("réseau local",),
        },
        {"id": "reseau-informatique-2", "name": "Réseau-informatique", "group": "", "definition": ""},
        {
            "id": "telex",
            "name": "télex",
            "group": "",
            "definition": "",
            "status": "retired",
            "replaced_by": "fibre-noire",
        },
    ]
    assert found.left_out == ("http://example.org/t/c5",)


def test_a_foreign_thesaurus_leaves_what_it_does_not_speak_of(telecoms: Vocabulary) -> None:
    text = turtle("""
        ex:1 a skos:Concept ; skos:prefLabel "YAS"@fr ; skos:altLabel "Axian Telecom"@fr .
        ex:2 a skos:Concept ; skos:prefLabel "Drones"@fr .
        [] a skos:Collection ; skos:prefLabel "Engins"@fr ; skos:member ex:2 .
    """)
    updated = taken(telecoms, text, update=True)
    yas, fibre, drones = updated.vocabulary
    assert (yas.id, yas.name, yas.definition, yas.synonyms) == ("yas", "YAS", "Un opérateur.", ("Axian Telecom",))
    assert fibre is telecoms.keywords[1]
    assert (drones.id, drones.group) == ("drones", "Engins")
    replaced = taken(telecoms, text)
    assert replaced.lacking == ("Fibre",)
    assert replaced.vocabulary.by_id["fibre"].status == "retired"


def test_annif_tsv_renames_and_adds_and_retires(telecoms: Vocabulary) -> None:
    text = (
        f"\ufeff<{BASE_URI}fibre>\tFibre optique\r\n"
        "http://example.org/42\tTéléphonie\t42.1\r\n"
        f"\n<{BASE_URI}yas>\n<http://example.org/43>\n"
    ).removeprefix("\ufeff")
    found = taken(telecoms, text, ExchangeFormat.ANNIF_TSV, update=True)
    yas, fibre, telephony = found.vocabulary
    assert (yas.status, yas.definition) == ("retired", "Un opérateur.")
    assert (fibre.name, fibre.former_names, fibre.definition) == ("Fibre optique", ("Fibre",), "La fibre.")
    assert (telephony.id, telephony.name) == ("42-1", "Téléphonie")
    assert found.left_out == ("http://example.org/43",)


@pytest.mark.parametrize(
    ("text", "format", "message"),
    [
        ("a b c", ExchangeFormat.SKOS, "not Turtle: at line 1"),
        ('<a> <b> "x', ExchangeFormat.SKOS, "not Turtle: Quote expected"),
        ("", ExchangeFormat.SKOS, "no skos:Concept"),
        (turtle('ex:1 a skos:Concept ; skos:prefLabel "…"@fr .'), ExchangeFormat.SKOS, "neither a letter"),
        (
            turtle(
                'ex:1 a skos:Concept ; skos:prefLabel "Fibre"@fr . ex:2 a skos:Concept ; skos:prefLabel "fibre"@fr .'
            ),
            ExchangeFormat.SKOS,
            "already the name",
        ),
        ("uri\tlabel\n", ExchangeFormat.ANNIF_TSV, "Line 1 does not begin with a URI"),
        ("<http://example.org/1> Fibre\n", ExchangeFormat.ANNIF_TSV, "Line 1 does not begin with a URI"),
        ("<http://example.org/1>\ta\u2028b\n", ExchangeFormat.ANNIF_TSV, "a line break"),
    ],
)
def test_files_that_cannot_be_taken_say_why(text: str, format: ExchangeFormat, message: str) -> None:
    with pytest.raises(VocabularyError, match=message):
        taken(EMPTY, text, format)


def test_formats_are_told_by_their_endings() -> None:
    assert format_of_file("a/b.TTL") is ExchangeFormat.SKOS
    assert format_of_file("b.tsv") is ExchangeFormat.ANNIF_TSV
    assert format_of_file("-") is None


def test_ids_of_new_keywords_do_not_collide() -> None:
    lines = "".join(
        f"<http://example.org/{number}>\t{name}\n" for number, name in enumerate(("C", "C+", "C#", "été", "ياس"))
    )
    names = taken(EMPTY, lines, ExchangeFormat.ANNIF_TSV).vocabulary
    assert [keyword.id for keyword in names] == ["c", "c-2", "c-3", "ete", "http-example-org-4"]
    assert slug("été") == "ete"
