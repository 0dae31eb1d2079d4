"""Pages and texts that are made to cost much: each function gives one of some megabytes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

SIZE = int(os.environ.get("TAGGER_TEST_BYTES", "2000000"))
_OPENED = '{"a":'
_PARAGRAPH = "<p>Le ministre de l'économie numérique a inauguré le centre de Diamniadio mardi dernier.</p>"


def _repeated(piece: str, size: int = SIZE) -> str:
    return (piece * (size // len(piece) + 1))[:size]


def _laughs() -> str:
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "rire"}">' for i in range(10))
    feed = "<rss><channel><item><title>&l9;</title></item></channel></rss>"
    return f'<?xml version="1.0"?><!DOCTYPE rss [{entities}]>{feed}'


def _numbered(shape: str, count: int) -> str:
    return "".join(shape.format(number) for number in range(count))


PAGES: dict[str, Callable[[], str]] = {
    "deep nesting": lambda: "<div>" * 100_000 + "Le Mali" + "</div>" * 100_000,
    "deep nesting without an end": lambda: _repeated("<p><font><b><i>x"),
    "links in links": lambda: _repeated("<a href=x>"),
    "one line": lambda: f"<p>{_repeated('Le mot est dit. ')}</p>",
    "one word": lambda: _repeated("a"),
    "one run of spaces": lambda: f"<p>x{_repeated(' ')}y</p>",
    "opening signs": lambda: _repeated("<"),
    "entities": lambda: f"<p>{_repeated('&eacute;')}</p>",
    "entities of entities": lambda: f"<p>{_repeated('&amp;amp;')}</p>",
    "comment without an end": lambda: "<!--" + _repeated("a b "),
    "comments": lambda: _repeated("<!-- x -->"),
    "attributes": lambda: f"<p {_numbered('a{0}=b ', SIZE // 10)}>x</p>",
    "attributes of an end": lambda: f"<p>x</p {_numbered('a{0}=b ', SIZE // 10)}>",
    "attributes behind quotes": lambda: f"<p x=a'b c='>' {_numbered('a{0} ', SIZE // 10)}>x</p>",
    "attributes behind a comment": lambda: f'<!-- <a x=" --><p {_numbered("a{0} ", SIZE // 10)}">x</p>',
    "attributes behind a script": lambda: f"<script>x='<a b=\"'</script><p {_numbered('a{0} ', SIZE // 10)}\">x</p>",
    "one attribute": lambda: f"<p class='{_repeated('x ')}'>{_PARAGRAPH}",
    "attribute without an end": lambda: "<p class='" + _repeated("<p>x</p>"),
    "headings": lambda: _repeated("<title>Un titre</title><h1>autre chose ici</h1>"),
    "scripts": lambda: _repeated("<script>x</script>y"),
    "nested data": lambda: f"<script type='application/ld+json'>{_repeated(_OPENED)}</script>",
    "paragraphs": lambda: f"<article>{_repeated(_PARAGRAPH)}</article>",
    "lines of one word, as many as are read": lambda: _numbered("mot {0}<br>", 99_990),
    "elements, as many as trafilatura is given": lambda: _repeated("<p>mot <b>m</b></p>", 94_000),
    "chapos, as many as trafilatura is given": lambda: _repeated("<div class='chapo'>Le chapo</div>", 320_000),
    "links, as many as trafilatura is given": lambda: _repeated("<a href='/x'>un lien</a> ", 240_000),
    "elements of names of their own": lambda: _numbered("<x{0}>m</x{0}>", 250_000),
    "crossed elements": lambda: _repeated("<b><i></b></i>"),
    "forms": lambda: _repeated("<form><input value=x>"),
    "a billion laughs": _laughs,
    "long entity": lambda: f'<!DOCTYPE d [<!ENTITY a "{"a" * 100_000}">]><p>{_repeated("&a;")}</p>',
    "a file of the machine": lambda: '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><p>Voici &a; ici.</p>',
    "combining accents": lambda: f"<p>e{_repeated(chr(0x301), SIZE // 2)}</p>",
    "an encoding that takes minutes": lambda: f"<meta charset=punycode><p>{_repeated('a-', 400_000)}",
}

TEXTS: dict[str, Callable[[], str]] = {
    "one line": lambda: _repeated("mot "),
    "blank lines": lambda: f"a{_repeated(chr(10))}b",
    "blank lines of spaces": lambda: _repeated(" " * 5000 + "\n"),
    "lines of one word, as many as are read": lambda: _numbered("mot {0}\n", 99_990),
    "lines that go on": lambda: _repeated("le ministre de l'économie numérique a inauguré le centre x\n"),
    "menu": lambda: _numbered("Un menu ici {0}\n", 99_990),
    "headlines in rows": lambda: _repeated("Un titre de presse ici   "),
    "breadcrumbs": lambda: _numbered("Accueil > {0}\n", 99_990),
    "breadcrumb of spaces": lambda: f"{_repeated(' ')}Accueil",
    "cloud of spaces": lambda: f"Accueil > x\n1/20 a{_repeated(' ')}",
    "cloud of digits": lambda: f"Accueil > x\n{_repeated('1')}",
    "publication": lambda: "Publié dans " + _repeated("x par "),
    "source": lambda: "Source : " + _repeated("x, "),
    "byline": lambda: "Par " + _repeated("Awa (b) ") + "?x",
    "caption": lambda: "photo" + _repeated(" photo") + "x",
    "signs": lambda: _repeated("!"),
    "dates": lambda: _repeated("12 janvier "),
    "invisible characters": lambda: f"a{_repeated(chr(0xAD), SIZE // 2)}",
}

CONTENTS: dict[str, Callable[[], bytes]] = {
    "NULs": lambda: b"\x00" * SIZE,
    "a NUL among words": lambda: b"Le Mali\x00 dit non.",
    "a zip archive": lambda: b"PK\x03\x04" + bytes(range(256)) * 1000,
    "a PDF": lambda: b"%PDF-1.7\n" + bytes(range(256)) * 1000,
    "a lone surrogate": lambda: "Le Mali \ud800 dit non.".encode("utf-8", "surrogatepass"),
    "half of UTF-8": lambda: b"Le d\xc3 b\xa9 \xff\xfe" * 1000,
    "half of UTF-16": lambda: "Le Mali dit non.".encode("utf-16")[:-1] + b"\xd8",
    "every byte": lambda: bytes(range(256)) * (SIZE // 256),
    "nothing": lambda: b"",
}


def contents() -> Iterator[tuple[str, str, bytes]]:
    """Give each with the name of the format as which it is to be read."""
    for format, made in (("html", PAGES), ("text", TEXTS)):
        for name, make in made.items():
            yield f"{format}: {name}", format, make().encode("utf-8", "surrogatepass")
        for name, make_bytes in CONTENTS.items():
            yield f"{format}: {name}", format, make_bytes()
