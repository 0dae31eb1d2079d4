"""What stands around a name decides what it is."""

from __future__ import annotations

import pytest

from tagger.article import EntityType
from tagger.entities.contexts import is_institution_acronym, portfolio_length, type_in_context, without_things
from tagger.entities.names import is_name, office_length, rank_length, trim_name
from tagger.entities.recogniser import Found


def in_context(marked: str, entity_type: EntityType) -> EntityType | None:
    """Judge the name that stands between brackets."""
    start, end = marked.index("["), marked.index("]") - 1
    return type_in_context(marked.replace("[", "").replace("]", ""), start, end, entity_type)


@pytest.mark.parametrize(
    ("marked", "given", "expected"),
    [
        ("le projet [Sankoré] équipe des classes", "LOC", None),
        ("invité de l'émission [Etech]", "ORG", None),
        ("le programme européen [Horizon] finance", "ORG", None),
        ("le programme de l'[Université virtuelle africaine]", "ORG", "ORG"),
        ("la plateforme du [Sénégal]", "COUNTRY", "COUNTRY"),
        ("le nom de domaine .[CI] rattache", "ORG", None),
        ("Landing Savané, ministre d'Etat chargé de l'[Industrie et de l'Artisanat]", "ORG", None),
        ("Omar Guèye, chargé de l'[Hydraulique]", "LOC", None),
        ("le ministre des TIC et des [Transports terrestres]", "ORG", None),
        ("le ministre de la [Poste et des Télécommunications]", "ORG", None),
        ("la ministre de l'[Education nationale]", "ORG", None),
        ("le ministre des Finances et le patron de la [Poste]", "ORG", "ORG"),
        ("le ministère de l'Economie et des [Finances]", "ORG", "ORG"),
        ("le ministre des Finances et le directeur de l'[Artp]", "ORG", "ORG"),
        ("le ministre des Finances, Moustapha Guirassy, et [Mamadou Diop]", "PER", "PER"),
        ("Le cabinet [Aziz Dièye] n'y trouve rien", "PER", "ORG"),
        ("la société sénégalaise [Volkeno]", "LOC", "ORG"),
        ("livreur chez [Paps]", "PER", "ORG"),
        ("cofondateur de [Backelite]", "LOC", "ORG"),
        ("sur la route de [Tally Diallo]", "PER", "LOC"),
        ("le maire de [Mbour]", "LOC", "LOC"),
    ],
)
def test_a_name_is_what_its_context_says(marked: str, given: EntityType, expected: EntityType | None) -> None:
    assert in_context(marked, given) == expected


@pytest.mark.parametrize(
    ("text", "acronym", "kept"),
    [
        ("L'appel à projets (AAP) est clos. Le AAP court.", "AAP", False),
        ("Le salon des professionnels de l'économie numérique, le SPEN, ouvre.", "SPEN", False),
        ("L'Agence de régulation des télécommunications (ART) et l'ART.", "ART", True),
        ("Selon la presse (APS), tout va.", "APS", True),
    ],
)
def test_acronyms_of_things_name_no_institution(text: str, acronym: str, kept: bool) -> None:
    start = text.index(acronym)
    found = [Found("text", start, start + len(acronym), acronym, "ORG")]
    again = text.rfind(acronym)
    if again != start:
        found.append(Found("text", again, again + len(acronym), acronym, "ORG"))
    assert without_things(text, found) == (found if kept else [])


@pytest.mark.parametrize(
    ("surface", "name"),
    [
        ("Colonel Assimi Goïta", "Assimi Goïta"),
        ("Mes El Hadji Diouf", "El Hadji Diouf"),
        ("Lieutenant-colonel Paul-Henri Damiba", "Paul-Henri Damiba"),
        ("Général de division Moussa Fall", "Moussa Fall"),
        ("Imam Mahmoud Dicko", "Mahmoud Dicko"),
        ("Attorney General Gavin Glover", "Gavin Glover"),
        ("Médoune Ndiaye", "Médoune Ndiaye"),
        ("Généralis", "Généralis"),
        ("SEM Alassane Ouattara", "Alassane Ouattara"),
        ("S.E.M. Patrice Talon", "Patrice Talon"),
        ("SE Mme Samia Suluhu", "Samia Suluhu"),
        ("Son Excellence Monsieur Macky Sall", "Macky Sall"),
        ("DG Samba Sène", "Samba Sène"),
        ("DG Connect", "DG Connect"),
    ],
)
def test_ranks_are_no_part_of_a_name(surface: str, name: str) -> None:
    assert surface[rank_length(surface) :] == name


@pytest.mark.parametrize(
    ("surface", "rest", "is_holders"),
    [
        ("Président de la République", "République", False),
        ("Vice-Premier Ministre", "", False),
        ("Président Directeur Général de Wari", "Wari", False),
        ("Honorable Député", "", False),
        ("Directeur Général de la SNDI", "SNDI", False),
        ("Directrice Générale", "", False),
        ("Ministre d'Etat", "", False),
        ("Ministre tchadien de la Justice", "Justice", False),
        ("Garde des Sceaux", "", False),
        ("Garde nationale", "Garde nationale", False),
        ("P-dg", "", False),
        ("Président Macron", "Macron", True),
        ("ministre d'Etat Aminata Touré", "Aminata Touré", True),
        ("Premier League", "Premier League", False),
        ("Présidence de la République", "Présidence de la République", False),
    ],
)
def test_offices_are_no_part_of_a_name(surface: str, rest: str, is_holders: bool) -> None:
    length, holder_follows = office_length(surface)
    assert (surface[length:], holder_follows) == (rest, is_holders)


@pytest.mark.parametrize("surface", ["Ve République", "PCA", "République", "Excellence", "PT-NTIC"])
def test_what_names_nobody(surface: str) -> None:
    assert not is_name(surface)


@pytest.mark.parametrize(
    ("marked", "name"),
    [
        ("ex-Orange Niger", "Orange Niger"),
        ("l'ex-Tigo", "Tigo"),
        ("Union pour l'indépendance totale de la", "Union pour l'indépendance totale"),
        ("Conseil de régulation de ", "Conseil de régulation"),
        ("Der/Fj", "Der/Fj"),
    ],
)
def test_borders_of_a_name(marked: str, name: str) -> None:
    start, end = trim_name(marked, 0, len(marked))
    assert marked[start:end] == name


@pytest.mark.parametrize(
    ("marked", "name"),
    [
        ("la ministre du [Digital Aminata Zerbo] signe", "Aminata Zerbo"),
        ("le ministre de l'[Économie Numérique Yaya Abdoul Kane] signe", "Yaya Abdoul Kane"),
        ("la revue du [Digital Aminata Zerbo] paraît", "Digital Aminata Zerbo"),
        ("le ministre de l'[Économie] signe", "Économie"),
    ],
)
def test_a_portfolio_is_no_part_of_the_ministers_name(marked: str, name: str) -> None:
    start, end = marked.index("["), marked.index("]") - 1
    text = marked.replace("[", "").replace("]", "")
    assert text[start + portfolio_length(text, start, end) : end] == name


@pytest.mark.parametrize(
    ("text", "acronym", "expected"),
    [
        ("Au Cameroun, le RDPC attend.", "RDPC", True),
        ("Chantier de l'ONECI.", "ONECI", True),
        ("La RFA attend.", "RFA", False),
        ("LILLE (AFP)", "LILLE", False),
    ],
)
def test_acronyms_of_institutions(text: str, acronym: str, expected: bool) -> None:
    start = text.index(acronym)
    assert is_institution_acronym(text, start, start + len(acronym)) == expected
