"""The main job, played: from an association's list to a seal a stranger can verify, and from a report to an answer.

Everything here goes through the verbs, letters, addresses and separate processes that people use; nothing writes a
table. The clock starts two and a half years ago and walks to today, because `now` is an argument everywhere. Persons,
businesses, plates and numbers are invented; hotlines are fictitious (555…) and marked so.

Not a room of the domain: it knows all three packages, as asgi.py does, and nothing imports it.
"""
