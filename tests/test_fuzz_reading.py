"""Bad input of every kind: each reader gives articles or clean errors, in time and memory that have a bound.

    TAGGER_TEST_EXAMPLES=5000 TAGGER_TEST_BYTES=5000000 pytest tests/test_fuzz_reading.py

tries so many made-up inputs of each kind and costly pages of so many bytes, instead of some.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable

import httpx
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from tagger.article import Article
from tagger.errors import InputError
from tagger.reading import BadRecord, Format, Record, article_of, read_bytes, read_records
from tests import costly

MAX_SECONDS = 10  # of the processor
MAX_MEGABYTES = 500
EXAMPLES = int(os.environ.get("TAGGER_TEST_EXAMPLES", "150"))
tried_often = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))

# Reads each content in a process of its own, two at a time, and tells the seconds and megabytes that this took.
_MEASURING = """
import os, resource, sys, time
from tests.costly import contents
from tagger.errors import InputError
from tagger.reading import Format, read_bytes

def measure(name, format, content):
    resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[1]), int(sys.argv[1])))
    before, start, outcome = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time(), "article"
    try:
        read_bytes(content, Format(format))
    except InputError:
        outcome = "refused"
    except BaseException as error:
        outcome = f"failed with {type(error).__name__}: {error}"
    megabytes = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{name}\\t{time.process_time() - start}\\t{megabytes}\\t{outcome}", flush=True)

def wait():
    pid, status = os.wait()
    name = running.pop(pid)
    if status:
        print(f"{name}\\t0\\t0\\tended by the system", flush=True)

read_bytes(b"<p>Le Mali a dit non.</p>", Format.HTML)
running = {}
for name, format, content in contents():
    pid = os.fork()
    if pid == 0:
        measure(name, format, content)
        os._exit(0)
    running[pid] = name
    if len(running) > 1:
        wait()
while running:
    wait()
"""


def test_costly_content_has_its_bounds() -> None:
    command = [sys.executable, "-c", _MEASURING, str(MAX_SECONDS)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(lines) == len(costly.PAGES) + len(costly.TEXTS) + 2 * len(costly.CONTENTS)
    bad = []
    for line in lines:
        _, _, megabytes, outcome = line.split("\t")
        if outcome not in ("article", "refused") or float(megabytes) > MAX_MEGABYTES:
            bad.append(line)
    assert not bad


def test_what_the_machine_holds_is_not_read() -> None:
    assert "root:" not in read_bytes(costly.PAGES["a file of the machine"]().encode(), Format.HTML).text


TAGS = "<p>|</p>|<div class='chapo'>|</div>|<h1>|</h1>|<title>|</title>|<script>|</script>|<td>|<a href='x'>|</a>"
SIGNS = "<!--|-->|<![CDATA[|<?xml|<br>|<meta charset=utf-7>|<meta property='og:title' content='Un'>|&eacute;|&#0;"
LINES = "Accueil > Articles|1/20 Fintech|Publié le 2 juillet 2025|(Source : APAnews, 2 juin 2025)|Lire aussi : |Par "
WORDS = "Le ministre a inauguré le centre de Diamniadio. |Commentaires|osiris|\n|\n\n|\t\t|   |\r|&|<|>"
ODD = "\u2028|\u0301|\u200b|\ud800|\x00|\ufeff"
PIECES = st.sampled_from("|".join([TAGS, SIGNS, LINES, WORDS, ODD]).split("|"))
MARKUP = st.lists(PIECES | st.text(max_size=8), max_size=60).map("".join)
CONTENT = MARKUP.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=400)


def is_whole(article: Article) -> bool:
    """Whether a reader gave text that any file can hold."""
    texts = [article.title, article.text, article.chapo or "", article.source or "", *article.keywords]
    return all(text.encode("utf-8") is not None for text in texts)


@pytest.mark.parametrize("format", [Format.HTML, Format.TEXT])
@given(content=CONTENT, charset=st.none() | st.sampled_from(["utf-8", "latin-1", "utf-16", "utf-7", "idna", "x\x00"]))
@tried_often
def test_any_page_and_text(format: Format, content: bytes, charset: str | None) -> None:
    try:
        article = read_bytes(content, format, charset=charset)
    except InputError as error:
        assert error.problem().detail
    else:
        assert is_whole(article)


def check(records: Iterable[Record | BadRecord]) -> int:
    """Go through what a reader of records gives as the annotator does; give the number of good ones."""
    good = 0
    for record in records:
        if isinstance(record, BadRecord):
            assert record.error.problem().detail
            continue
        try:
            assert is_whole(article_of(record))
            good += 1
        except InputError as error:
            assert error.problem().detail
    return good


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | MARKUP,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from([*Record.model_fields, "autre"])
ROWS = st.lists(st.dictionaries(FIELDS, VALUES, max_size=5), max_size=4)


def damaged(good: bytes, cuts: list[tuple[int, int]], stop: int | None) -> bytes:
    """Change bytes of a file, and cut off its end."""
    data = bytearray(good)
    for place, value in cuts:
        data[place % len(data)] = value
    return bytes(data[:stop])


CUTS = st.lists(st.tuples(st.integers(0, 1 << 30), st.integers(0, 255)), max_size=8)
STOPS = st.none() | st.integers(0, 2000)


@given(rows=ROWS, cuts=CUTS, stop=STOPS)
@tried_often
def test_any_json(rows: list[dict[str, object]], cuts: list[tuple[int, int]], stop: int | None) -> None:
    lines = damaged("".join(json.dumps(row) + "\n" for row in rows).encode() or b"\n", cuts, stop)
    array = damaged(json.dumps(rows).encode(), cuts, stop)
    check(read_records(io.BytesIO(lines), Format.JSONL))
    check(read_records(io.BytesIO(array), Format.JSON))


@given(
    rows=st.lists(st.lists(st.text(max_size=12) | MARKUP, max_size=5), max_size=4),
    separator=st.sampled_from(",;\t"),
    header=st.sampled_from(["id{0}title{0}text", "html{0}date{0}keywords", "id{0}id{0}text", "\ufeffid{0}text", ""]),
    charset=st.none() | st.sampled_from(["utf-8", "latin-1", "utf-16", "punycode", "nothing"]),
    cuts=CUTS,
)
@tried_often
def test_any_csv(
    rows: list[list[str]], separator: str, header: str, charset: str | None, cuts: list[tuple[int, int]]
) -> None:
    table = "\n".join([header.format(separator), *(separator.join(row) for row in rows)])
    content = damaged(table.encode("utf-8", "surrogatepass") or b"\n", cuts, None)
    check(read_records(io.BytesIO(content), Format.CSV, charset))


def as_parquet(table: dict[str, object]) -> bytes:
    stream = io.BytesIO()
    parquet.write_table(pa.table(table), stream)
    return stream.getvalue()


TABLE = as_parquet({"id": ["a", "b"], "text": ["Le Mali dit non.", ""], "html": [None, "<p>Le Bénin dit oui.</p>"]})


@given(cuts=CUTS, stop=STOPS)
@tried_often
def test_any_parquet(cuts: list[tuple[int, int]], stop: int | None) -> None:
    check(read_records(io.BytesIO(damaged(TABLE, cuts, stop)), Format.PARQUET))


@pytest.mark.parametrize(
    ("format", "wrap", "good"),
    [
        (Format.JSON, lambda value: json.dumps({"html": value}).encode(), 1),
        (Format.JSONL, lambda value: json.dumps({"html": value}).encode() + b'\n{"text": "Suite."}\n', 2),
        (Format.CSV, lambda value: 'html\n"{}"\nSuite.\n'.format(value.replace('"', '""')).encode(), 2),
        (Format.PARQUET, lambda value: as_parquet({"html": [value, "Suite."]}), 2),
    ],
)
def test_records_with_costly_pages(format: Format, wrap: Callable[[str], bytes], good: int) -> None:
    for name in ("deep nesting", "a billion laughs", "one word"):
        assert check(read_records(io.BytesIO(wrap(costly.PAGES[name]())), format)) == good
    refused = wrap(costly.PAGES["attributes"]())
    assert check(read_records(io.BytesIO(refused), format)) == good - 1


@pytest.mark.parametrize("format", [Format.JSON, Format.JSONL, Format.CSV, Format.PARQUET])
@pytest.mark.parametrize("name", list(costly.CONTENTS))
def test_files_of_records_that_are_none(format: Format, name: str) -> None:
    assert check(read_records(io.BytesIO(costly.CONTENTS[name]()), format)) == 0


@pytest.mark.parametrize("format", [Format.JSONL, Format.JSON, Format.CSV])
def test_a_line_of_fifty_megabytes(format: Format) -> None:
    text = "mot " * 12_500_000
    content = f"text\n{text}" if format is Format.CSV else json.dumps({"text": text})
    assert check(read_records(io.BytesIO(content.encode()), format)) == 1


@pytest.mark.parametrize("nested", ["[" * 200_000, '{"text":' * 200_000, '{"text": ' + "[" * 900 + "]" * 900 + "}"])
def test_nested_json_is_refused(nested: str) -> None:
    for format in (Format.JSON, Format.JSONL):
        assert check(read_records(io.BytesIO(nested.encode()), format)) == 0


def test_a_text_that_many_rows_share_is_held_once() -> None:
    program = """
import io, resource, pyarrow as pa
from pyarrow import parquet
from tagger.reading import Format, read_records
shared = pa.DictionaryArray.from_arrays(pa.array([0] * 60), pa.array(["mot " * 1_000_000]))
stream = io.BytesIO()
parquet.write_table(pa.table({"text": shared}), stream, store_schema=False)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert sum(1 for _ in read_records(stream, Format.PARQUET)) == 60
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 100  # megabytes; all rows at once are 240


def test_the_service_outlives_it(service: httpx.Client) -> None:
    for format, media_type in (("html", "text/html"), ("text", "text/plain")):
        made = costly.PAGES if format == "html" else costly.TEXTS
        contents = [make().encode("utf-8", "surrogatepass") for make in made.values()]
        for content in [*contents, *(make() for make in costly.CONTENTS.values())]:
            headers = {"content-type": media_type}
            answer = service.post("/v1/annotate?profile=fast", content=content[:60_000], headers=headers)
            assert answer.status_code == 200 or re.search(r"problem:[a-z-]+", answer.json()["type"]), answer.text
            assert answer.status_code < 500, answer.text
