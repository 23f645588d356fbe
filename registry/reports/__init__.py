"""Suspicious activity, sealed: receive, deliver, prove that an authority opened it, escalate, answer, purge.

We hold no key that opens a report. It is sealed (age v1) to every office of one chain of authorities before it is
stored, and the first of them must answer: `acknowledged` needs the proof that exists only inside the sealed text.

States: sealed -> notified -> fetched -> opened -> acknowledged -> closed -> purged. Silence is not a state: a report is
*overdue* when its clock has run out, which every reader computes from `now`, moves it to the next link of the chain,
and closes the gate of the silent office.

Apart from everything else: its own PostgreSQL schema `reports`, its own roles (real grants), its own outbox and its own
event log without content. Nothing of it is in the trail, in the main outbox or on any desk page but the authority's.
An officer of the register keeps the gates (`opening`): after a silence a person opens with a reason; two people may
lift for a day what an office lacks. The operator of a hotline types what a caller tells, by the same gate, and reads
nothing back.
Pure formats: code (20 digits and what is derived from them), envelope (what is sealed, to whom, and how it is opened),
gate (where the form may be open at all), typed (a stranger's words before they are sealed), notary (who signed a
request), bech32.

Follows: EU 2019/1937 art. 9 and 11 (7 days, 3 months), ISO 37002, ILO 2007 (no reporting without a response).
"""
