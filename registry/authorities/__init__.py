"""Who answers where: authorities, the places they answer for, their keys, agreements, contacts; and hotlines.

An authority is a police unit, a child-protection service, a labour inspectorate, an ombudsman or a hotline; one that
answers for acts of its residents abroad is a focal point. It may receive sealed reports only when its record stands in
a directory signed by two of three custodians whose keys stay offline: a database full of lies cannot add a recipient.
A key is listed only after its holder opened a test envelope in the call and read its fingerprint back over another
channel (ceremony.py). Vigilance committees and unions are no authorities: they are trained reporters, a role.

Words: authority, competence (place, premises, kind of act), working key, recovery key, signing key, fingerprint,
agreement, contact, custodian, hotline and its owner. Places: ISO 3166-1 and 3166-2, and cantons (CR, CR-G, CR-SJ/101).
Pure formats: directory (records, chain of versions, root signature), changes (what a custodian reads), root, hours,
places. Verbs: service (authorities, directory), ceremony (keys), lines (hotlines).
"""
