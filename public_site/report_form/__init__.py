"""The stranger's door to an authority: file a report, come back with the code, read the state and the replies.

Place first, because it decides who can read it; then who reads it and how fast they answered lately; then the form.
Where nobody answers there is no form: the page shows whom to call and gives back what was typed.

Nothing typed here is ever kept in clear: no log, no file, no address, no cookie; pages are never stored by browsers.
"""
