"""The authority's own program: it runs inside the authority, holds the keys, and only ever calls out.

    registry authority keygen --out DIR                      keys, made where they stay
    registry authority agent --keys DIR --origin URL         collect, open, check, write case files, sign what was done
    registry authority open | acknowledge | progress | outcome | reply      what an officer does on that machine
    registry authority opener --out FILE                     a page that opens envelopes without a line

It shares with the register only the formats (envelope, directory, notary): no database, no context, no configuration.
Files: keys (its folder), deliver (where cases go), caller (signed requests), round (one round of work), case (what came
out of an envelope), folder and paper (JSON and PDF, written once), primero (incidents), webhook (Standard Webhooks),
htcds (codes for export), alone (a file opened without a line), saying (signed answers), client/ (the opener's script).
"""
