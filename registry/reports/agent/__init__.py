"""The authority's own program: it runs inside the authority, holds the keys, and only ever calls out.

    registry authority keygen --out DIR                      keys, made where they stay
    registry authority agent --keys DIR --origin URL         collect, open, check, write case files, sign what was done

It shares with the register only the formats (envelope, directory, notary): no database, no context, no configuration.
Files: keys (its folder), caller (signed requests), round (one round of work).
"""
