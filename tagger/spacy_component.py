"""The keyword model as a spaCy component: ``nlp.add_pipe("osiris_keywords")`` fills ``doc.cats``.

>>> nlp = spacy.blank("fr")
>>> nlp.add_pipe("osiris_keywords")
>>> doc = nlp("L'ARTP inflige une amende à la Sonatel.")
>>> max(doc.cats, key=doc.cats.get)
'Régulation des télécoms'
"""

from __future__ import annotations

from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from tagger.keywords.model import KeywordModel, Profile
from tagger.keywords.suggester import KeywordSuggester
from tagger.keywords.vocabulary import load_vocabulary
from tagger.resources import models_dir, training_data_dir
from tagger.text.typography import normalise

NAME = "osiris_keywords"


class KeywordComponent:
    """Gives every keyword's probability in ``doc.cats``, and the ranked suggestions in ``doc._.keywords``.

    An article's title, if it is not the beginning of the text, can be told as ``doc.user_data["title"]``.
    """

    def __init__(self, suggester: KeywordSuggester) -> None:
        self._suggester = suggester

    def __call__(self, doc: Doc) -> Doc:
        """Score one document."""
        title = normalise(str(doc.user_data.get("title", "")))
        suggestions = self._suggester.suggest(title, normalise(doc.text), top=self._suggester.size)
        doc.cats = {suggestion.keyword: suggestion.probability for suggestion in suggestions}
        doc._.keywords = suggestions
        return doc


@Language.factory(
    NAME, default_config={"profile": "fast", "models": None, "training_data": None}, assigns=["doc.cats"]
)
def create_component(
    nlp: Language,
    name: str,
    profile: Profile,
    models: str | None,
    training_data: str | None,
) -> KeywordComponent:
    """Load the model of a profile; `models` and `training_data` are folders, by default the shipped ones.

    Raises:
        ModelError: a model or data file is missing, altered or of another version.
        EncoderUnavailableError: `best` cannot run here.
    """
    if not Doc.has_extension("keywords"):
        Doc.set_extension("keywords", default=[])
    vocabulary = load_vocabulary(training_data_dir(Path(training_data) if training_data else None))
    model = KeywordModel.load(models_dir(Path(models) if models else None), profile)
    return KeywordComponent(KeywordSuggester(model, vocabulary))
