"""What other rooms know, counted and laid side by side. It owns no truth and writes nothing.

    the association's board      what is yours today, the certified share, what the others lack, what ends, what drops
    the list of members          what each still lacks; filters are the URL
    a member's file              its state, then now / later / done, then the record of it
    a business's own steps       the same file, with the acts that are its own to take
    the trail                    who did what to what, newest first, for those who watch over the registry

An association sees percentages and steps, never workers' names, and nothing of reports: none of it is read here.
What a seal needs is certification.rules.missing; this room only says it in order and by whom.
"""
