"""Our keyword models side by side with Annif, on the same folds and the same training texts: quality and speed.

    python benchmarks/annif.py [--folds 5] [--rounds 5] [--json OUT.json] [--annif-python PYTHON]

Annif is the subject indexing tool of the National Library of Finland. It pins versions of packages that we use too,
so it runs in an interpreter of its own: the one named, or that of a virtual environment which is made in a temporary
folder for the run (a minute or two; Python 3.11 to 3.13).

Quality comes from cross-validation on the folds of `tagger evaluate`, by the same code for both sides. What Annif
suggests follows from one threshold for all keywords, chosen on the other folds; ours from what those folds teach
about decisions: the keywords' curves, and one threshold as well. Speed is processor time on one core, all contenders
in turn in each round, so that a noisy machine disturbs all alike; the figures are medians over the rounds.

Annif gets all that was found to help it: the title twice, elisions cut (its tokeniser takes « l'État » for one word),
words of two letters, the definitions as articles, the synonyms as SKOS labels, the editor's keyword twice for `svc`.
Definitions and synonyms go without the words that only the tested articles may have given, as on our side. Annif's
settings were chosen on the folds that it is measured on, which flatters it, if anybody.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from configparser import ConfigParser
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, Self

os.environ["OMP_NUM_THREADS"] = "1"  # it counts only before NumPy is loaded

import numpy as np
import numpy.typing as npt

WORKER = "--worker"
if WORKER not in sys.argv:  # this file also runs in Annif's interpreter, which has none of these
    from rich.console import Console
    from rich.table import Table

    from tagger import Article
    from tagger.keywords.decision import Answers, by_value, micro_f1, suggested
    from tagger.keywords.encoder import ENCODER, SentenceEncoder
    from tagger.keywords.exchange import ExchangeFormat, write_vocabulary
    from tagger.keywords.incoming import uri_of
    from tagger.keywords.model import KeywordModel, Profile
    from tagger.keywords.suggester import KeywordSuggester
    from tagger.keywords.terms import words_of
    from tagger.keywords.vocabulary import Vocabulary, load_vocabulary
    from tagger.resources import models_dir, training_data_dir
    from tagger.text.typography import normalise
    from tagger.training.corpus import CORPUS_FOLDER, load_corpus
    from tagger.training.cross_validation import Recipe, TrainingSet, cross_validate
    from tagger.training.scores import MEASURES, KeywordScores, keyword_scores

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
Labels = npt.NDArray[np.int8]
PROFILES: tuple[Profile, ...] = ("fast", "best")
Teaching = Literal["all keywords", "editor's keyword", "one keyword at a time"]

REQUIREMENT = "annif[omikuji]==1.4.*"
SEED = 0
COLUMNS = (
    "precision_at_1",
    "recall_at_3",
    "recall_at_5",
    "mean_reciprocal_rank",
    "micro_f1",
    "macro_f1",
    "ndcg",
)
TIMED_ARTICLES = 150
TIMED_KEYWORDS = 10  # as many as get evidence by default
BATCH = 32  # of documents; Annif's own commands take as many at once
_ELISION = re.compile(r"\b([cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['’](?=\w)", re.IGNORECASE)
_COUNTED_FOR_THRESHOLD = 8  # of an article's scores; the lower ones are never suggested
_PUNKT_TABLES = ("abbrev_types.txt", "collocations.tab", "ortho_context.tab", "sent_starters.txt")


@dataclass(frozen=True)
class Project:
    """A project of Annif: its settings, and in what form articles teach it."""

    settings: dict[str, str]
    teaching: Teaching = "all keywords"
    learns_definitions: bool = True

    @property
    def is_trained(self) -> bool:
        """Whether it learns from articles itself."""
        return self.settings["backend"] != "ensemble"


_WORDS = {"analyzer": "snowball(french,token_min_length=2)", "transform": "select(title,title,text)"}
_LONGER_WORDS = {**_WORDS, "analyzer": "snowball(french)"}  # tfidf has no cure for small words
_BONSAI = {"cluster_balanced": "False", "cluster_k": "100", "max_depth": "3"}
PROJECTS = {
    "tfidf": Project({"backend": "tfidf", **_LONGER_WORDS}),
    # Annif's svc knows one keyword an article. Either it gets that of the editor, or the article once for each.
    "svc-editor": Project({"backend": "svc", **_WORDS}, "editor's keyword"),
    "svc": Project({"backend": "svc", **_WORDS}, "one keyword at a time"),
    "svc-pairs": Project({"backend": "svc", "ngram": "2", **_WORDS}, "one keyword at a time"),
    "omikuji": Project({"backend": "omikuji", **_BONSAI, **_WORDS}),
    "mllm": Project({"backend": "mllm", **_WORDS, "transform": "select(title,text)"}, learns_definitions=False),
    "ensemble": Project({"backend": "ensemble", "sources": "svc:8,mllm:1"}),
    "ensemble-of-three": Project({"backend": "ensemble", "sources": "svc:8,omikuji:2,mllm:1"}),
}
TIMED_PROJECTS = ("svc", "ensemble")
REFERENCE = f"Annif svc, {BATCH} at once"


def main() -> None:
    """Measure both sides and print the tables."""
    options = _options()
    console = Console()
    with tempfile.TemporaryDirectory() as name, console.status("reading the corpus") as status:
        folder = Path(name)
        task = Task.load(options.folds, status.update)
        status.update("installing Annif")
        python = options.annif_python or _install(folder / "venv")
        with ThreadPoolExecutor(1) as pool:  # Annif works in a process of its own meanwhile
            ours = pool.submit(our_quality, task, status.update)
            theirs, annif = annif_scores(python, folder, task, status.update)
        quality = ours.result() | {name: measure(scores, task) for name, scores in theirs.items()}
        contenders = our_steps(task) | annif_steps(annif, task)
        speed = articles_per_second(contenders, len(task.timed), options.rounds, status.update)
        annif.stop()
    about = f"Tested articles: {len(task.tested)}; folds: {len(task.folds)}; Annif {annif.version}."
    console.print(about, *annif.notes, _quality_table(quality), _speed_table(speed), sep="\n")
    if options.json:
        _write(options.json, annif, quality, speed)


# What both sides get


@dataclass(frozen=True)
class Task:
    """What is learnt, and for each of the folds the rows that are tested."""

    data: TrainingSet
    folds: list[Rows]

    @classmethod
    def load(cls, count: int, progress: Callable[[str], None]) -> Self:
        """Read the corpus and the vocabulary; of the folds take the first `count`."""
        corpus = load_corpus(training_data_dir() / CORPUS_FOLDER)
        encoder = SentenceEncoder.load(models_dir() / ENCODER)
        data = TrainingSet.make(corpus, load_vocabulary(training_data_dir()), encoder, progress)
        return cls(data, data.folds(SEED)[:count])

    @property
    def tested(self) -> Rows:
        """The rows that are tested, fold after fold."""
        return np.concatenate(self.folds)

    @property
    def timed(self) -> list[Article]:
        """The articles on which speed is measured."""
        return list(self.data.corpus.articles(self.folds[0][:TIMED_ARTICLES]))

    def by_the_others(self) -> list[tuple[Rows, Rows]]:
        """Give, as places in `tested`, each fold and those that decide over it; of a single fold two halves."""
        count = len(self.tested)
        sides = np.repeat(np.arange(len(self.folds)), [len(fold) for fold in self.folds])
        if len(self.folds) == 1:
            sides = np.arange(count) % 2
        return [(np.flatnonzero(sides == side), np.flatnonzero(sides != side)) for side in np.unique(sides)]


def measure(scores: Floats, task: Task) -> KeywordScores:
    """Measure scores (n, K) of the tested articles, with thresholds that other articles chose."""
    labels = task.data.labels[task.tested]
    chosen = np.zeros(labels.shape, dtype=bool)
    for here, others in task.by_the_others():
        chosen[here] = suggested(scores[here], best_threshold(scores[others], labels[others]))
    return keyword_scores(Answers(scores, chosen, by_value(scores)), task.data.primaries[task.tested], labels)


def best_threshold(scores: Floats, labels: Labels) -> float:
    """Find the threshold with the greatest micro F1, on whatever scale the scores are."""
    high = np.sort(scores, axis=1)[:, -_COUNTED_FOR_THRESHOLD:]
    candidates = np.quantile(high, np.linspace(0.2, 0.98, 80))
    return float(max(candidates, key=lambda value: micro_f1(suggested(scores, value), labels)))


# Our side


def our_quality(task: Task, progress: Callable[[str], None]) -> dict[str, KeywordScores]:
    """Measure our profiles, by models that saw none of the tested articles."""
    unseen = cross_validate(task.data, Recipe(), task.folds, lambda step: progress(f"ours: {step}"))
    return {f"ours, {profile}": unseen.measure(profile) for profile in PROFILES}


def our_steps(task: Task) -> dict[str, Callable[[], float]]:
    """Give what to time of each of our profiles: functions that annotate and say how many seconds it took."""
    articles = task.timed
    steps: dict[str, Callable[[], float]] = {}
    for profile in PROFILES:
        trained = KeywordModel.load(models_dir(), profile)
        vocabulary = task.data.vocabulary
        model, suggester = trained.for_vocabulary(vocabulary), KeywordSuggester(trained, vocabulary)

        def rank(article: Article, model: KeywordModel = model) -> object:
            combined = model.combine(model.read(normalise(article.title), normalise(article.text)))
            return model.manifest.decision.answer(combined[None]).order[0]

        def explain(article: Article, suggester: KeywordSuggester = suggester) -> object:
            return suggester.suggest(normalise(article.title), normalise(article.text), TIMED_KEYWORDS)

        steps[f"ours, {profile}"] = partial(_seconds, rank, articles)
        steps[f"ours, {profile}, with evidence"] = partial(_seconds, explain, articles)
    return steps


def _seconds(step: Callable[[Article], object], articles: list[Article]) -> float:
    start = time.process_time()
    for article in articles:
        step(article)
    return time.process_time() - start


# Annif's side, in this interpreter


class Annif:
    """Annif in an interpreter of its own, spoken to in lines of JSON."""

    def __init__(self, python: Path, folder: Path) -> None:
        self._log = folder / "annif.log"
        command = [str(python), "-I", str(Path(__file__).resolve()), WORKER, str(folder)]
        with self._log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the user's own interpreter
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8"
            )
        self.version = ""
        self.notes: list[str] = []

    @classmethod
    def start(cls, python: Path, folder: Path, vocabulary: Vocabulary) -> Self:
        """Start it in a folder of its own, with a vocabulary and the projects."""
        folder.mkdir()
        turtle = write_vocabulary(vocabulary, ExchangeFormat.SKOS)
        (folder / "vocabulary.ttl").write_text(_for_annif(turtle), encoding="utf-8")
        _write_projects(folder / "projects.cfg", limit=len(vocabulary))
        annif = cls(python, folder)
        annif.version, annif.notes = annif.ask("prepare", uris=[uri_of(keyword.id) for keyword in vocabulary])
        return annif

    def ask(self, what: str, **details: object) -> Any:  # noqa: ANN401 - what JSON holds
        """Have a method of `Worker` called, and give what it returns."""
        assert self._process.stdin and self._process.stdout  # noqa: S101 - for mypy: both are pipes
        self._process.stdin.write(json.dumps({"what": what, **details}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit(f"Annif has stopped:\n{self._log.read_text(encoding='utf-8')[-3000:]}")
        return json.loads(answer)

    def stop(self) -> None:
        """Let it end."""
        self._process.communicate()


def annif_scores(
    python: Path, folder: Path, task: Task, progress: Callable[[str], None]
) -> tuple[dict[str, Floats], Annif]:
    """Give for each project of Annif the scores (n, K) of the tested articles, and Annif as the last fold left it."""
    scores: dict[str, list[Floats]] = {f"Annif {name}": [] for name in PROJECTS}
    for number, tested in enumerate(task.folds):
        texts = task.data.own.without(tested)
        annif = Annif.start(python, folder / str(number), _known_by(texts, task.data.vocabulary))
        documents = _documents(task.data.corpus.articles(tested))
        for name, project in PROJECTS.items():
            progress(f"Annif: fold {number + 1} of {len(task.folds)}: {name}")
            if project.is_trained:
                annif.ask("train", project=name, documents=_lessons(project, task.data, tested, texts))
            scores[f"Annif {name}"].append(np.array(annif.ask("suggest", project=name, documents=documents)))
        if number + 1 < len(task.folds):
            annif.stop()
    return {name: np.concatenate(parts) for name, parts in scores.items()}, annif


def annif_steps(annif: Annif, task: Task) -> dict[str, Callable[[], float]]:
    """Give what to time of Annif."""
    documents = _documents(task.timed)

    def step(project: str, batch: int) -> Callable[[], float]:
        return lambda: float(annif.ask("seconds", project=project, documents=documents, batch=batch))

    return {
        f"Annif {name}, {how}": step(name, batch)
        for name in TIMED_PROJECTS
        for how, batch in ((f"{BATCH} at once", BATCH), ("one by one", 1))
    }


def _known_by(texts: list[tuple[str, str]], vocabulary: Vocabulary) -> Vocabulary:
    """Give the vocabulary without the synonyms that have a word which is not in its keyword's text."""
    keywords = []
    for keyword, (_, text) in zip(vocabulary, texts, strict=True):
        words = _words(text)
        kept = tuple(synonym for synonym in keyword.synonyms if _words(normalise(synonym).text) <= words)
        keywords.append(keyword.model_copy(update={"synonyms": kept}))
    return Vocabulary(tuple(keywords))


def _words(text: str) -> set[str]:
    return {word.text for word in words_of(text)}


def _lessons(project: Project, data: TrainingSet, tested: Rows, texts: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Put all that teaches when a fold is tested in the form in which a project learns."""
    lessons = []
    for row in data.learnt_without(tested):
        is_definition = row >= len(data.corpus)
        if is_definition and not project.learns_definitions:
            continue
        title, text = texts[row - len(data.corpus)] if is_definition else _fields(data.corpus.brief(int(row)).article)
        primary, keywords = int(data.primaries[row]), np.flatnonzero(data.labels[row]).tolist()
        ways: dict[Teaching, list[list[int]]] = {
            "all keywords": [keywords],
            "editor's keyword": [[primary]],
            "one keyword at a time": [[primary], *([keyword] for keyword in keywords)],
        }
        lessons += [{**_document(title, text), "keywords": taught} for taught in ways[project.teaching]]
    return lessons


def _documents(articles: Iterable[Article]) -> list[dict[str, Any]]:
    return [_document(*_fields(article)) for article in articles]


def _fields(article: Article) -> tuple[str, str]:
    return article.title, article.text


def _document(title: str, text: str) -> dict[str, Any]:
    return {"title": _for_annif(title), "text": _for_annif(text)}


def _for_annif(text: str) -> str:
    """Cut elisions from their words and straighten apostrophes."""
    return _ELISION.sub(r"\1' ", text).replace("’", "'")


def _install(folder: Path) -> Path:
    """Make a virtual environment with Annif and give its interpreter."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", REQUIREMENT], check=True)  # noqa: S603 - our words
    return python


def _write_projects(path: Path, limit: int) -> None:
    """Write Annif's configuration."""
    config = ConfigParser()
    for name, project in PROJECTS.items():
        config[name] = {"language": "fr", "vocab": "ours", "limit": str(limit), **project.settings}
    with path.open("w", encoding="utf-8") as file:
        config.write(file)


# Annif's side, in Annif's interpreter


def serve(folder: Path) -> None:
    """Answer the questions on standard input."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # Omikuji prints its progress where the answers go
    worker = Worker(folder)
    for line in sys.stdin:
        question = json.loads(line)
        print(json.dumps(getattr(worker, question.pop("what"))(**question)), file=replies, flush=True)


class Worker:
    """Annif in its own interpreter. Keywords are rows of our vocabulary outside, and Annif's numbers within."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers: list[int] = []

    def prepare(self, uris: list[str]) -> tuple[str, list[str]]:
        """Load the vocabulary and the projects; give Annif's version, and notes for the reader."""
        notes = _provide_punkt(self._folder / "nltk")
        # Imported by name: to a type checker this file itself is the module annif.
        registry = import_module("annif.registry").AnnifRegistry
        self._registry = registry(str(self._folder / "projects.cfg"), str(self._folder / "data"), False)
        self._corpus = import_module("annif.corpus")
        vocabulary = self._registry.get_vocab("ours")
        vocabulary.load_vocabulary(import_module("annif.vocab").VocabFileSKOS(str(self._folder / "vocabulary.ttl")))
        self._numbers = [vocabulary.subjects.by_uri(uri) for uri in uris]
        return version("annif"), notes

    def train(self, project: str, documents: list[dict[str, Any]]) -> None:
        """Train a project anew."""
        np.random.seed(SEED)  # scikit-learn within Annif draws from it
        corpus = self._corpus.DocumentList([self._read(document) for document in documents])
        self._registry.get_project(project).train(corpus, jobs=1)

    def suggest(self, project: str, documents: list[dict[str, Any]], batch: int = BATCH) -> list[list[float]]:
        """Give the score of every keyword for each document."""
        results = self._suggest(project, [self._read(document) for document in documents], batch)
        rows: list[list[float]] = np.vstack([result.array.toarray()[:, self._numbers] for result in results]).tolist()
        return rows

    def seconds(self, project: str, documents: list[dict[str, Any]], batch: int) -> float:
        """Give the processor time that suggestions take."""
        read = [self._read(document) for document in documents]
        start = time.process_time()
        self._suggest(project, read, batch)
        return time.process_time() - start

    def _suggest(self, project: str, documents: Sequence[Any], batch: int) -> list[Any]:
        annif_project = self._registry.get_project(project)
        starts = range(0, len(documents), batch)
        return [annif_project.suggest(documents[start : start + batch]) for start in starts]

    def _read(self, document: dict[str, Any]) -> Any:  # noqa: ANN401 - a Document of Annif
        keywords = self._corpus.SubjectSet([self._numbers[row] for row in document.get("keywords", [])])
        return self._corpus.Document(document["text"], keywords, {"title": document["title"]})


def _provide_punkt(folder: Path) -> list[str]:
    """See that NLTK finds the tables by which Annif cuts sentences; give a note if they had to be made up."""
    nltk = import_module("nltk")
    nltk.data.path.append(str(folder))
    try:
        nltk.data.find("tokenizers/punkt_tab")
    except LookupError:
        if not nltk.download("punkt_tab", download_dir=str(folder), quiet=True):
            tables = folder / "tokenizers/punkt_tab/english"
            tables.mkdir(parents=True)
            for name in _PUNKT_TABLES:
                (tables / name).touch()
            return ["NLTK's Punkt tables could not be downloaded; fewer than one word in 10,000 is cut otherwise."]
    return []


# Speed and tables


def articles_per_second(
    contenders: dict[str, Callable[[], float]], articles: int, rounds: int, progress: Callable[[str], None]
) -> dict[str, float]:
    """Give each contender's speed, the median of rounds in which all take their turn."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):  # the first round warms up and is not counted
        progress(f"speed, round {number} of {rounds}")
        for name, run in contenders.items():
            spent = run()
            if number:
                seconds[name].append(spent)
    return {name: articles / statistics.median(values) for name, values in seconds.items()}


def _quality_table(quality: dict[str, KeywordScores]) -> Table:
    table = Table(title="Quality")
    table.add_column(no_wrap=True)
    for heading in (MEASURES[column].short for column in COLUMNS):
        table.add_column(heading, justify="right")
    for name, scores in quality.items():
        table.add_row(name, *(f"{getattr(scores, column):.3f}" for column in COLUMNS))
    return table


def _speed_table(speed: dict[str, float]) -> Table:
    table = Table(title="Speed on one core")
    table.add_column(no_wrap=True)
    for heading in ("articles/s", f"times {REFERENCE}"):
        table.add_column(heading, justify="right")
    for name, value in speed.items():
        table.add_row(name, f"{value:.0f}", f"{value / speed[REFERENCE]:.1f}")
    return table


def _write(path: Path, annif: Annif, quality: dict[str, KeywordScores], speed: dict[str, float]) -> None:
    """Write all figures as JSON."""
    report = {
        "annif": annif.version,
        "notes": annif.notes,
        "quality": {name: scores.model_dump(include=set(COLUMNS)) for name, scores in quality.items()},
        "articles_per_second": {name: round(value, 1) for name, value in speed.items()},
        "speed_ratios": {name: round(value / speed[REFERENCE], 2) for name, value in speed.items()},
    }
    path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure our keyword models side by side with Annif.")
    parser.add_argument("--folds", type=int, default=5, choices=range(1, 6), help="fewer for a quick run")
    parser.add_argument("--rounds", type=int, default=5, help="of the speed measurement")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--annif-python", type=Path, help="interpreter that has Annif; else Annif is installed")
    return parser.parse_args()


if __name__ == "__main__":
    if WORKER in sys.argv:
        serve(Path(sys.argv[-1]))
    else:
        main()
