from __future__ import annotations

from tagger.text.language import detect_language, foreign_paragraphs

FRENCH = "Le ministre a inauguré lundi à Dakar un centre de données qui hébergera les sites de l'administration."
ENGLISH = "The minister opened a new data centre on Monday that will host the websites of the whole administration."


def test_languages_are_told_apart() -> None:
    assert detect_language(FRENCH) == "fr"
    assert detect_language(ENGLISH) == "en"
    assert detect_language("123 456") == "und"


def test_the_answer_never_changes() -> None:
    mixed = FRENCH[:45] + ENGLISH[:45]
    assert len({detect_language(mixed) for _ in range(20)}) == 1


def test_a_foreign_paragraph_is_found_with_its_place() -> None:
    text = f"{FRENCH}\n\n{ENGLISH}\n\n{FRENCH}"
    (found,) = foreign_paragraphs(text, "fr")
    assert text[found.start : found.end] == ENGLISH
    assert found.language == "en"


def test_short_lines_and_capitals_are_not_called_foreign() -> None:
    assert foreign_paragraphs("OPEN DATA WEEK\n\n" + FRENCH.upper() + "\n\n" + FRENCH, "fr") == []
