"""SPIP's markup read as text, and old encodings put right."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tagger.reading.cleaning import clean_line
from tagger.reading.mojibake import garble, is_garbled, repair
from tagger.reading.spip import as_spip, read_spip, read_spip_line
from tagger.resources import training_data_dir

SIGNS = (
    "{{{ }}} {{ }} { } {{{** [ ] [[ ]] [[<> ]]] -> [-> ->> [? [# <- <-] | || -* -** -# ---- _ __ ~ & &amp; &#57344;0 "
    "&#57345; <multi> </multi> [fr] [en] <doc12|left> <img3> <emb4> <code> </code> <cadre> </cadre> <quote> </quote> "
    "<p> <br /> <b> </b> <!-- --> <? ?> <script> </script> <h3> < > http://exemple.sn/~aa \ue000 0 \ue001 é Ã© "
    "\ud800 \r \n"
).split(" ")
BRIEFS = [
    json.loads(line)
    for line in (training_data_dir() / "corpus" / "osiris-briefs.jsonl").read_text(encoding="utf-8").splitlines()
]
WORDS = sorted({word for brief in BRIEFS for word in re.findall(r"\w+", brief["text"]) if not word.isascii()})
MARKS = (
    "",
    "-",
    "’",
    "\u00a0: ",
    " «\u00a0",
    "\u00a0» ",
    "\u00a0», ",
    "… ",
    " – ",
    "\u00a0€ ",
    " n°\u00a0",
    "”, “",
    "‘",
)
marked_up = st.lists(st.sampled_from([*SIGNS, "mot", " ", "\n\n", "Écoles"]) | st.text(max_size=5)).map("".join)
# Letters and marks that mean nothing in SPIP; two of them in a row are no UTF-8 read as latin-1.
words = st.text(alphabet="abcdefghijÉéèàçùœŒ’«»…0123456789 .,;:!?()'\"%/€", min_size=1)
paragraphs = st.lists(words.map(clean_line).filter(bool), max_size=5).map("\n\n".join)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("Un.\n\nDeux.\r\n\r\n\r\nTrois.", "Un.\n\nDeux.\n\nTrois."),
        ("{{{Le câble}}}\nIl arrive.", "Le câble\n\nIl arrive."),
        ("avant{{{** Sous-titre }}}après", "avant\n\nSous-titre\n\naprès"),
        ("Du {{gras}}, de l’{italique}, {{{{tout}}}}", "Du gras, de l’italique,\n\ntout"),
        ("Voir [l’ARTP->http://www.artp.sn].", "Voir l’ARTP."),
        ("Voir [l’ARTP|le régulateur{fr}->http://www.artp.sn] [ici->>art12]", "Voir l’ARTP ici"),
        ("[->http://site.sn/~aa/b_c] et [->art12]", "http://site.sn/~aa/b_c et"),
        ("[l’article [bis] ->12] [sic] [?GSM] [?UIT|union] [debut<-]suite", "l’article [bis] [sic] GSM UIT suite"),
        ("Liste :\n-* un\n-** deux\n-# trois\n- quatre", "Liste :\n\nun\n\ndeux\n\ntrois\n\nquatre"),
        ("Il dit :\n<quote>Non.</quote>\nPuis rien.", "Il dit :\n\nNon.\n\nPuis rien."),
        ("<doc12|left>Texte<img3|right|largeur=20> et<emb4> fin <album|id=3>", "Texte et fin"),
        ("Texte[[Une note, [là->http://x.sn]]] suite[[<> Autre]].", "Texte suite.\n\nUne note, là\n\nAutre"),
        ("<multi>[fr]Bonjour[en]Hello</multi>", "Bonjour"),
        ("<multi>[en]Hello[wo]Nanga def</multi>", "Hello"),
        ("<multi>défaut[en]Hello</multi>", "défaut"),
        ("<multi>[en]Hello[fr]</multi>", "Hello"),
        ("Voici <code>{a}[b->c] &eacute;</code> !", "Voici {a}[b->c] &eacute; !"),
        ("<cadre>\n-* brut\n</cadre>", "-* brut"),
        ("<p>Un</p><p>Deux<br />ligne</p><h3>Titre</h3><div>Fin</div>", "Un\n\nDeux\nligne\n\nTitre\n\nFin"),
        ("1<sup>er</sup> <a href='x'>lien</a><!-- non --><script>non()</script>", "1er lien"),
        ("||Débits|résumé||\n|{{Réseau}}|{{Débit}}|\n|4G|10|\n|<|12|", "Débits\n\nRéseau ; Débit\n4G ; 10\n12"),
        ("Une ligne\n_ une autre\nune troisième", "Une ligne\nune autre\nune troisième"),
        ("M.~Faye&nbsp;: 5&#8364; d&eacute;j&agrave; R&amp;D AT&T &lt;b&gt;", "M. Faye : 5€ déjà R&D AT&T <b>"),
        ("Avant\n----\nAprès\n_____\nFin", "Avant\n\nAprès\n\nFin"),
        ("3 < 5 et 7 > 6, a<5", "3 < 5 et 7 > 6, a<5"),
        ("Les Ã©lÃ¨ves de lâ€™Ã©cole Ã  Dakar", "Les élèves de l’école à Dakar"),
        ("L\x92opérateur", "L’opérateur"),
    ],
)
def test_markup_is_read_as_text(markup: str, text: str) -> None:
    assert read_spip(markup) == text


def test_a_title_is_one_line() -> None:
    assert read_spip_line("{{Le câble}}\nACE <multi>[en]lands[fr]atterrit</multi>") == "Le câble ACE atterrit"


@settings(max_examples=60)
@given(marked_up)
def test_nothing_makes_the_reading_fail(markup: str) -> None:
    text = read_spip(markup)
    assert all(paragraph.strip() for paragraph in text.split("\n\n")) or not text
    assert not re.search("[\ue000\ue001]", text)


@given(paragraphs)
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert read_spip(text) == text


@given(st.text(alphabet="ab é<>{}[]|~&;#-_*=/.:'\"«»0123", max_size=60).map(clean_line))
def test_text_written_as_markup_is_read_back(text: str) -> None:
    assert read_spip(as_spip(text)) == text


def test_correct_french_is_never_repaired_and_garbled_french_always_is() -> None:
    for brief in BRIEFS[::5]:
        for text in (brief["title"], brief["text"]):
            assert repair(text) == text
            assert repair(garble(text)) == text
            assert is_garbled(garble(text)) != text.isascii()


@settings(max_examples=60)
@example([("Kâ", "\xa0: ", "19ème")])
@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(MARKS), st.sampled_from(WORDS))))
def test_french_typography_is_never_taken_for_garbled(parts: list[tuple[str, str, str]]) -> None:
    text = " ".join(map("".join, parts))
    assert repair(text) == text
    assert repair(text.upper()) == text.upper()
