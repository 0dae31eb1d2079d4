"""The shipped lists of known names, held to what an archivist expects of them."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from tagger.entities.known_name_files import NameEntry, combined, entry_of, load_known_names, load_shipped
from tagger.entities.known_names import KnownNames, name_key
from tagger.errors import ModelError, NamesError
from tagger.resources import training_data_dir
from tagger.text.typography import fold_accents

# Names that the press prefers to CLDR's.
_UNLIKE_CLDR = {"CD", "CG", "CZ", "KG", "MM", "PS", "VA", "VN"}
_KINDS = {
    "ORG": {
        *"administration assemblée association autre banque entreprise fonds juridiction média ministère".split(),
        *"opérateur parti régulateur syndicat université école".split(),
        "organisation internationale",
        "organisation régionale",
    },
    "LOC": set("autre continent quartier région site sous-continent ville".split()),
}


@pytest.fixture(scope="module")
def entries() -> list[NameEntry]:
    return load_shipped(training_data_dir())


def test_ids_are_unique_within_a_type(entries: list[NameEntry]) -> None:
    assert len({entry.key for entry in entries}) == len(entries) >= 2400


def test_a_form_that_two_names_have_is_ambiguous_in_both(entries: list[NameEntry]) -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    clear: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        for form in entry.forms:
            owners[name_key(form)].add(entry.id)
        for key in entry.clear_forms:
            clear[key].add(entry.id)
    assert not {key: ids for key, ids in owners.items() if len(ids) > 1 and clear[key]}


def test_no_form_stands_twice_in_a_line(entries: list[NameEntry]) -> None:
    for entry in entries:
        forms = [entry.name, *filter(None, [entry.acronym]), *entry.aliases, *entry.former_names]
        searched = [fold_accents(form).lower() for form in forms]
        assert len(searched) == len(set(searched)), entry.id


def test_acronyms_are_shorter_than_names(entries: list[NameEntry]) -> None:
    assert not [entry.id for entry in entries if len(entry.acronym) >= len(entry.name)]


def test_every_name_has_what_its_type_asks_for(entries: list[NameEntry]) -> None:
    for entry in entries:
        assert entry.role or entry.type != "PER", entry.id
        assert entry.kind in _KINDS.get(entry.type, {""}), entry.id
        if entry.type == "COUNTRY":
            assert entry.demonyms, entry.id
            assert entry.capital or entry.id == "PS", entry.id  # where Palestine's is, is disputed


def test_countries_are_those_of_cldr(entries: list[NameEntry]) -> None:
    babel = pytest.importorskip("babel")
    territories = babel.Locale("fr").territories
    countries = {entry.id: entry.name for entry in entries if entry.type == "COUNTRY"}
    assert {entry.country for entry in entries if entry.country} <= set(territories)
    differing = {code for code, name in countries.items() if name_key(name) != name_key(territories[code])}
    assert differing == _UNLIKE_CLDR


@pytest.mark.parametrize(
    ("form", "id"),
    [
        ("Sentel", "yas-sn"),
        ("Tigo Sénégal", "yas-sn"),
        ("Free Sénégal", "yas-sn"),
        ("Agence de régulation des télécommunications du Sénégal", "artp-sn"),
        ("ADIE", "senum"),
        ("Agence de l'informatique de l’État", "senum"),
        ("UVS", "unchk"),
        ("Itissalat Al-Maghrib", "maroc-telecom"),
        ("Etisalat", "etisalat"),
        ("France Télécom", "orange"),
        ("Wana", "inwi"),
        ("Centre des œuvres universitaires de Dakar", "coud"),
    ],
)
def test_former_names_and_typographic_variants_lead_to_the_institution(form: str, id: str) -> None:
    known = KnownNames(load_known_names(training_data_dir())).link(form.replace("’", "'"), "ORG", None, set())
    assert known is not None
    assert known.id == id


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ("RDC", "CD"),
        ("Congo-Kinshasa", "CD"),
        ("Congo-Brazzaville", "CG"),
        ("Centrafrique", "CF"),
        ("Guinée-Equatoriale", "GQ"),
        ("Guinée équatoriale", "GQ"),
        ("Cap-Vert", "CV"),
        ("Le Cap Vert", "CV"),
        ("Burkina", "BF"),
        ("Etats-Unis", "US"),
        ("USA", "US"),
        ("Emirats", "AE"),
        ("Swaziland", "SZ"),
        ("Royaume-Uni", "GB"),
        ("Lybie", "LY"),
    ],
)
def test_the_presss_names_of_countries_are_found(form: str, code: str) -> None:
    (hit,) = KnownNames(load_known_names(training_data_dir())).find(f"Voici {form}, dit-on.")
    assert hit.known is not None
    assert hit.known.id == code


@pytest.mark.parametrize("form", "Orange Free Wave Yas IAM CDP CNDP Moov Expresso ARCEP ANRT ARPT ANSSI HAAC".split())
def test_what_also_means_something_else_is_not_linked_blindly(form: str) -> None:
    names = KnownNames(load_known_names(training_data_dir()))
    assert [hit.known for hit in names.find(f"Hier, {form} a parlé.")] == [None]


def test_an_operator_of_the_country_is_meant_before_its_group() -> None:
    names = KnownNames(load_known_names(training_data_dir()))
    local, group = (names.link("Moov", "ORG", country, {country}) for country in ("TG", "CM"))
    assert local is not None
    assert group is not None
    assert (local.id, group.id) == ("moov-tg", "moov-africa")


def test_congolese_may_be_of_either_congo() -> None:
    names = KnownNames(load_known_names(training_data_dir()))
    assert set(names.demonyms_in("un artiste congolais")) == {"CD", "CG"}
    assert set(names.demonyms_in("un artiste congolais", {"SN"}, {"CD"})) == {"CD"}
    assert set(names.demonyms_in("un artiste congolais, un sénégalais", {"CD", "CG"})) == {"CD", "CG", "SN"}


def test_what_was_formerly_named_is_found() -> None:
    (hit,) = KnownNames(load_known_names(training_data_dir())).find("La société (ex-Orange Niger) paie.")
    assert hit.type == "ORG"


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"type": "PER", "id": "a-fall", "name": "Awa Fall", "aliases": "Fall"}, "ambiguous_aliases"),
        ({"type": "ORG", "id": "Baobab", "name": "Baobab"}, "'Baobab' is not written like 'sonatel-mobiles'"),
        ({"type": "ORG", "id": "x", "name": "X"}, "« X » is too short"),
        ({"type": "ORG", "id": "bb", "name": "Baobab", "country": "Sénégal"}, "column country: 'Sénégal'"),
        ({"type": "ORG", "id": "bb", "name": "Baobab", "wikidata": "1041"}, "column wikidata"),
        ({"type": "ORG", "id": "bb", "name": "Baobab", "isni": "0000 0001 2345 6788"}, "is no ISNI"),
        ({"type": "Société", "id": "bb", "name": "Baobab"}, "write PER, ORG, COUNTRY or LOC"),
        ({"type": "ORG", "id": "bb", "name": " "}, "the column name is empty"),
    ],
)
def test_a_line_that_cannot_be_used_is_told_why(cells: dict[str, str], message: str) -> None:
    with pytest.raises(NamesError, match=message.replace("(", r"\(")):
        entry_of(cells)


def test_a_broken_list_is_named_with_the_line(tmp_path: Path) -> None:
    folder = tmp_path / "known_names"
    folder.mkdir()
    (folder / "people.csv").write_text("id,name,aliases,role,country\nawa-fall,Awa Fall,Fall,,SN\n", encoding="utf-8")
    with pytest.raises(ModelError, match=r"people\.csv, line 2: « Fall » alone"):
        load_known_names(tmp_path)
    (folder / "people.csv").unlink()
    with pytest.raises(ModelError, match=r"people\.csv is missing"):
        load_known_names(tmp_path)


def test_what_is_said_of_a_name_adds_to_what_is_known() -> None:
    known = entry_of({"type": "ORG", "id": "bb", "name": "Baobab", "aliases": "Le Baobab", "country": "SN"})
    said = entry_of({"type": "ORG", "id": "bb", "name": "Baobab Labs", "aliases": "BL+", "kind": "entreprise"})
    both = combined(known, said)
    assert (both.name, both.former_names, both.aliases) == ("Baobab Labs", ("Baobab",), ("Le Baobab", "BL+"))
    assert (both.country, both.kind) == ("SN", "entreprise")
    assert combined(both, said) == both
