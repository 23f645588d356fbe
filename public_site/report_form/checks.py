"""What stands before a report, in this order: a field nobody sees, the form's token and its dwell; then work.py.

Each of them says no with a sentence, a form that can be sent again, and every word that was typed. None of them asks
who sends: an address only ever raises the work. That a form counts once is decided where the report is kept
(reports.file), so it holds for every process there is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import asyncpg

from public_site.report_form.view import form_key
from registry.core import stranger_form as forms
from registry.core.context import Context
from registry.core.errors import Busy, Invalid


def form(context: Context, now: datetime, token: str, hidden: str) -> forms.Token:
    """The form that was sent. `hidden`: what stood in the field that no person sees."""
    if hidden:
        raise Invalid("form-hidden-field")
    read = forms.read(form_key(context), token, now)
    forms.rested(read, now)
    return read


@contextmanager
def keeping() -> Iterator[None]:
    """What breaks while a report is being kept: nobody knows then whether it is. The same form sent again finds out,
    so that is what the sentence asks for."""
    try:
        yield
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        # No log: its line would say to the second when somebody told something.
        raise Busy("report-not-kept", retry_after=10) from None
