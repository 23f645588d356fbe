"""Who answers where: authorities, the places they answer for, their keys, agreements, contacts; and hotlines.

An authority is a police unit, a child-protection service, a labour inspectorate or a hotline. It may receive sealed
reports only when its record stands in a directory signed by a root key that is kept offline: a database full of lies
cannot add a recipient. Keys are recorded only after their holder opened something sealed to them.

Words: authority, competence (place and kind of premises), working key, recovery key, signing key, agreement, contact,
hotline. Places are ISO 3166-1 countries and ISO 3166-2 provinces (CR, CR-G).
Pure formats: directory (records, chain of versions, root signature), places (names of the provinces we know).
"""
