"""`python -m tagger` is the command `tagger`."""

from tagger.cli import app

app(prog_name="tagger")
