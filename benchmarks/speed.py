"""Articles per second of each step and of the whole, on long real articles, beside bare spaCy.

    python benchmarks/speed.py ARTICLES.tsv [--limit 100] [--rounds 5] [--json OUT.json]

ARTICLES.tsv has the columns `headline` and `text`, such as the French part of MasakhaNEWS. All steps are timed
one after another on each article, in processor time, so that a noisy machine disturbs all alike; the figures are
medians over the rounds. Ratios are what to quote: the whole against bare spaCy (fr_core_news_md, tok2vec and
ner) on the same texts. Set OMP_NUM_THREADS=1 to measure one core.
"""

from __future__ import annotations

import argparse
import csv
import html
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tagger import Annotator, Article, Format, read_bytes
from tagger.entities.extractor import EntityExtractor
from tagger.entities.pipeline import load_pipeline
from tagger.keywords.model import KeywordModel, Profile
from tagger.keywords.suggester import KeywordSuggester
from tagger.keywords.vocabulary import load_vocabulary
from tagger.leads.extractive import ExtractiveWriter
from tagger.resources import models_dir, training_data_dir
from tagger.text.language import detect_language, foreign_paragraphs
from tagger.text.typography import normalise

WHOLE = "the whole annotation, fast"
WHOLE_BEST = "the whole annotation, best"
PROFILES: tuple[Profile, Profile] = ("fast", "best")
BARE = "bare spaCy (tok2vec + ner)"


def main() -> None:
    """Run the benchmark and print a table."""
    options = _options()
    articles = load_articles(options.articles, options.limit)
    words = sum(len(article.text.split()) for article in articles)
    print(f"{len(articles)} articles, {words / len(articles):.0f} words each, {options.rounds} rounds\n")
    seconds = measure(steps(articles), options.rounds, articles)
    print(f"{'step':32}{'articles/s':>12}{'ms/article':>12}{'of bare spaCy':>15}")
    for name, value in seconds.items():
        per_article = value / len(articles)
        print(f"{name:32}{1 / per_article:12.1f}{1000 * per_article:12.2f}{value / seconds[BARE]:15.3f}")
    if options.json:
        ratios = {name: value / seconds[BARE] for name, value in seconds.items()}
        options.json.write_text(json.dumps(ratios, indent=1) + "\n", encoding="utf-8")


def steps(articles: list[Article]) -> dict[str, Callable[[Article], object]]:
    """Give what to time: each step on its own, the whole, and the peer."""
    data = training_data_dir()
    bare = load_pipeline(components=("tok2vec", "ner"))
    extractor = EntityExtractor.load(models_dir(), data)
    vocabulary = load_vocabulary(data)
    fast, best = (KeywordSuggester(KeywordModel.load(models_dir(), name), vocabulary) for name in PROFILES)
    writer = ExtractiveWriter.load(models_dir())
    annotator = Annotator.load()
    normalised = {id(article): (normalise(article.title), normalise(article.text)) for article in articles}
    pages = {id(article): _page(article) for article in articles}

    def language(article: Article) -> object:
        text = normalised[id(article)][1].text
        return foreign_paragraphs(text, detect_language(text))

    def lead(article: Article) -> object:
        title, text = normalised[id(article)]
        return writer.write(title.text, text, [])

    return {
        "reading a web page": lambda article: read_bytes(pages[id(article)], Format.HTML),
        "typography": lambda article: normalise(article.text),
        "language": language,
        "keywords with evidence, fast": lambda article: fast.suggest(*normalised[id(article)], top=10),
        "keywords with evidence, best": lambda article: best.suggest(*normalised[id(article)], top=10),
        "entities": lambda article: extractor.extract(*normalised[id(article)], []),
        "lead": lead,
        WHOLE: lambda article: annotator.annotate(article, profile="fast"),
        WHOLE_BEST: lambda article: annotator.annotate(article, profile="best"),
        BARE: lambda article: list(bare.pipe([article.title, article.text])),
    }


def measure(timed: dict[str, Callable[[Article], object]], rounds: int, articles: list[Article]) -> dict[str, float]:
    """Give the median seconds that each step takes for all articles."""
    seconds: dict[str, list[float]] = {name: [] for name in timed}
    for round_number in range(rounds + 1):  # the first round warms up and is not counted
        spent = dict.fromkeys(timed, 0.0)
        for article in articles:
            for name, step in timed.items():
                start = time.process_time()
                step(article)
                spent[name] += time.process_time() - start
        if round_number:
            for name, value in spent.items():
                seconds[name].append(value)
    return {name: statistics.median(values) for name, values in seconds.items()}


def _page(article: Article) -> bytes:
    """Put an article on a web page."""
    body = "".join(f"<p>{html.escape(part)}</p>" for part in article.text.split(". "))
    title = html.escape(article.title)
    menu = "<nav><ul>" + "<li><a href='/'>Une autre nouvelle</a></li>" * 40 + "</ul></nav>"
    content = f"{menu}<article><h1>{title}</h1>{body}</article>"
    return f"<html><head><title>{title}</title></head><body>{content}</body></html>".encode()


def load_articles(path: Path, limit: int) -> list[Article]:
    """Read the first articles of a table."""
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))[:limit]
    return [Article(title=row["headline"], text=row["text"]) for row in rows]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Time each step of the annotation.")
    parser.add_argument("articles", type=Path)
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
