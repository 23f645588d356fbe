"""Seals: the mark a traveller meets on a door or a window, and everything that proves it.

A seal belongs to one unit (an establishment or a vehicle) of one granted certification.

States: valid -> suspended -> valid (two-way); valid or suspended -> withdrawn, replaced or ended (final).
"Expired" is no state: `valid_until` decides it at reading time, so no job has to run for a seal to end.
Final states are one-way on purpose. There is no verb, bit or SQL path that brings a revoked seal back: who is certified
again gets a new code, a new status index and a new sticker. A renewal before the end keeps all three: new dates, new
credential, and the state it had.

Pure formats, one file each: code (what is printed), jose (compact signatures), credential (UNTP DCC 0.6.1 as a W3C VC
2.0), status_list (Bitstring Status List), history (its versions), log (C2SP tlog-tiles), snapshot (the complete signed
copy that verdicts are read from), sharding (which seal is in which file).

A publication: edition reads what changed and remembers what was shown, evidence says what of a row may be shown,
shards and lists write what changed, publication everything else. The order of writing is the argument for its safety:
keys; shards, which nobody refers to yet; log tiles and entries, checkpoint, credentials, status lists, table, manifest.
A reader who follows the manifest therefore never meets a file that is not there yet, nor a seal that is not in the log.
Published: status/<purpose>/<n> (the newest), status/at/<purpose>/<n>/<unix> (every version, for ever) and
status/versions/<purpose>/<n> (when they were signed); snapshot/manifest and, by their hash, the table, the shards and
the hotlines it answers for.

The keys that sign are the table signing_key's: custody (their life), rotation (the verbs), signing (what each puts its
name to), did (what strangers are told of them).

Words: issue, renew, suspend, reinstate, revoke, reissue (a seal); announce, activate, retire (a key); withdraw belongs
to certifications. Code (16 printed characters), leaf (one event in the log), commitment (the salted hash that stands
for a code in the log).
"""
