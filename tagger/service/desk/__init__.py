"""The editors' desk: French pages on which articles are annotated, corrected, reviewed and found again."""

from tagger.service.desk.application import add_desk

__all__ = ["add_desk"]
