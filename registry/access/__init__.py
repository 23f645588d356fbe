"""Who may do what: the actor of a verb, the permissions of each role, and the verb itself.

A permission is `room:verb`. GRANTS says which role may *ever* use it; whether it may be used in *this* case is a rule
of the room (rules.py). `@verb` opens the one transaction, demands the permission and makes a repeated call harmless.
"""
