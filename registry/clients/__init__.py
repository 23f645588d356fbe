"""Who is in the house: associations, their businesses, and what a traveller meets of them.

An association enrols its members from the list it already keeps. A client is the business that signs and answers;
its establishments and vehicles are the units that get seals; its workers are the roster that training is counted on.

The way of a list: received -> columns (we ask) -> ready (the person looks) -> committed -> undone, or discarded.
    spreadsheet.py encodings.py workbook.py    any file -> rows of cells; workbooks in a guarded child
    columns.py                                 which column is what
    cells.py plates.py taxids.py places.py     one cell -> its value, or the reason why not
    drafts.py rosters.py                       rows -> drafts, errors by cell
    matching.py                                a draft against what we hold: new, changed, the same
    lists.py staging.py applying.py undoing.py the verbs of a list, and the tables they fill
    batches.py returned.py words.py            a list as its pages show it; the file that goes back
The same validator serves preview and commit, blanks never erase, nobody is removed because a list leaves him out,
and a file that was received is kept as it came.

ISO/IEC 17065 7.2 (application: legal entity, sites), ISO/IEC 17000 (client), domain.md 2 (identity, units, roster).
"""
