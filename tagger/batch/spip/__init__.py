"""SPIP's database: articles read from it, keywords and leads written back, and every change undone.

`SpipSource` reads, `SpipWriter` writes through a `ChangeLog`, `undo` takes back what a log tells.
"""

from tagger.batch.spip.address import SpipAddress
from tagger.batch.spip.database import SpipDatabase
from tagger.batch.spip.source import SpipSource

__all__ = ["SpipAddress", "SpipDatabase", "SpipSource"]
