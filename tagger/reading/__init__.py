"""Bytes, pages and records become clean articles.

`read_bytes` takes whatever a file or an HTTP body holds; `read_records` goes through a table of records.
"""

from tagger.reading.formats import Format, format_of_media_type, format_of_path, read_bytes
from tagger.reading.records import BadRecord, Record, article_of, read_records

__all__ = [
    "BadRecord",
    "Format",
    "Record",
    "article_of",
    "format_of_media_type",
    "format_of_path",
    "read_bytes",
    "read_records",
]
