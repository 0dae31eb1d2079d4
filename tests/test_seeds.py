"""The two real pages, as editors would check them. They may not be copied into the repository."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tagger import Annotation, Annotator, Format, read_bytes

OSIRIS, AGGREGATOR = "000_5607fb3521498c8f.txt", "002_c88c54025deec5c7.txt"


def annotate(annotator: Annotator, folder: Path, name: str) -> Annotation:
    return annotator.annotate(read_bytes((folder / "seeds" / name).read_bytes(), Format.TEXT))


@pytest.mark.parametrize("name", [OSIRIS, AGGREGATOR])
def test_what_both_must_show(annotator: Annotator, shared_data: Path, name: str) -> None:
    annotation = annotate(annotator, shared_data, name)
    first = annotation.keywords[0]
    assert (first.keyword, first.suggested) == ("Intelligence artificielle", True)
    people = [entity.name for entity in annotation.entities if entity.type == "PER"]
    assert sorted(people) == ["Amal El Fallah Seghrouchni", "Aziz Akhannouch", "Hicham El Habti"]
    by_name = {entity.name: entity for entity in annotation.entities}
    assert by_name["Maroc"].country == "MA"
    assert by_name["Maroc"].type == "COUNTRY"
    assert "UM6P" in {mention.text for mention in by_name["Université Mohammed VI Polytechnique"].mentions}
    assert len(by_name) == len(annotation.entities)
    outside = {"Burkina Faso", "ARTP", "Cliquez", "Lire", "Royaume", "Oracle", "Bourita", "TikTok", "Chine"}
    assert not outside & set(by_name)
    assert annotation.lead is not None
    assert len(annotation.lead.text) <= 280
    assert annotation.language == "fr"
    assert annotation.warnings == []


def test_osiris_page(annotator: Annotator, shared_data: Path) -> None:
    article = annotate(annotator, shared_data, OSIRIS).article
    assert article.title == "IA : Le Maroc entre dans l’ère stratégique"
    assert (article.date, article.source) == (dt.date(2025, 7, 2), "APAnews")
    assert article.keywords == ["Intelligence artificielle"]
    assert article.chapo is not None
    assert article.chapo.endswith("souverain et dur")
    assert article.text.startswith("Le Maroc a franchi un cap")
    assert article.text.endswith("de la politique publique marocaine.")


def test_aggregator_page(annotator: Annotator, shared_data: Path) -> None:
    annotation = annotate(annotator, shared_data, AGGREGATOR)
    article = annotation.article
    assert article.title == "Démarrage des premières Assises nationales de l'intelligence artificielle à Rabat"
    assert (article.date, article.source) == (dt.date(2025, 7, 1), "Challenge")
    assert article.text.startswith("Les premières Assises nationales")
    for line in ("Lire aussi", "Cliquez", "signalé", "Hammouchi", "TikTok"):
        assert line not in article.text
    institutions = {mention.text for e in annotation.entities if e.type == "ORG" for mention in e.mentions}
    assert {"CNDP", "DGSI", "DGSSN", "ADD", "UM6P"} <= institutions
