"""Keywords, entities and a lead for French-language press articles.

>>> from tagger import Annotator, Article
>>> Annotator.load().annotate(Article(title="…", text="…"))
"""

from tagger.annotator import Annotator
from tagger.article import Annotation, Article
from tagger.reading import Format, read_bytes

__all__ = ["Annotation", "Annotator", "Article", "Format", "read_bytes"]
