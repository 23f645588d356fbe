"""The registry: the domain of certification and the desk.

Rooms, from the ground up: core, access, outbox and trail carry every verb; accounts, clients, schemes, commitments,
training, certification, seals, authorities, reports and indicators are the domain, each knowing only those before it.
`audit` and `public_site` stand beside this package and use it; it never uses them.
"""
