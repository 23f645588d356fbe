"""What keeps a repeated call harmless."""

from piccolo.columns import UUID, Timestamptz, Varchar
from piccolo.table import Table


class VerbDone(Table, tablename="verb_done"):
    """One act that was asked for with an id of its own, and what it answered."""

    id = UUID(primary_key=True, default=None, help_text="The id its asker made")
    verb = Varchar(length=120, help_text="Full name of the verb")
    actor = UUID(default=None, help_text="Who asked; another actor's id is never answered")
    at = Timestamptz(default=None)
    result = Varchar(length=400, null=True, default=None, help_text="uuid:… or text:…, none for no answer")
