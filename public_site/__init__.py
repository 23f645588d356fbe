"""What strangers touch: the verdict on a seal, the directory, hotlines, the report form.

No cookie, no staff session, no signing key. A verdict comes from the published files alone, never from the database.
"""
