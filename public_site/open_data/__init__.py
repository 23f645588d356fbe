"""The directory for whoever wants all of it: CSV, JSON and JSON-LD, and what changed since.

Open under CC BY 4.0, said in every file with how fresh it is. Establishments and those who only signed stand in it by
name, because they are public; vehicles are counted and never listed: their facts are sealed in the copy on purpose.
Words: sequence (a position in the public log; a change feed goes on from one).
"""
