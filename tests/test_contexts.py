"""What stands around a name decides what it is."""

from __future__ import annotations

import pytest

from tagger.article import EntityType
from tagger.entities.contexts import type_in_context, without_things
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
