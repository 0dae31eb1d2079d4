"""The command `tagger`.

Exit codes: 0 all went well; 1 some records could not be annotated or imported (the others were); 2 the command was
misused; 3 nothing could be done: an unreadable file, a missing or altered model, no such keyword.
"""

from __future__ import annotations

import typer

from tagger.commands.annotate import annotate
from tagger.commands.diff import diff
from tagger.commands.evaluate import app as evaluate
from tagger.commands.evaluate import compare, tune
from tagger.commands.feedback import app as feedback
from tagger.commands.imports import app as imports
from tagger.commands.keys import app as keys
from tagger.commands.keywords import app as keywords
from tagger.commands.promote import promote
from tagger.commands.retag import retag
from tagger.commands.serve import serve
from tagger.commands.spip import app as spip
from tagger.commands.spip import undo
from tagger.commands.train import app as train
from tagger.commands.users import app as users

app = typer.Typer(
    help="Keywords, entities and a lead for French-language press articles.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="markdown",
)
for command in (annotate, retag, serve, compare, tune, promote, diff, undo):
    app.command()(command)
app.add_typer(train, name="train")
app.add_typer(evaluate, name="evaluate")
app.add_typer(keywords, name="keywords")
app.add_typer(imports, name="import")
app.add_typer(keys, name="keys")
app.add_typer(feedback, name="feedback")
app.add_typer(users, name="users")
app.add_typer(spip, name="spip")
