"""What a scanned seal says now, answered from the published files and from nothing else.

States: valid, suspended, withdrawn, expired, committed, unknown; and two that are about us and not about a seal:
mistyped (the check characters are wrong, so nothing was looked up) and cannot confirm (our copy is too old).
Words: entry (one seal, as published), copy (what this door holds in memory), as of (the instant up to which the copy is
known to be the newest), verdict (state and its reason), lane (the small ASGI layer that answers without a framework).
ISO/IEC 17030 (marks are licensed by code), seals.md 2.3 (media types) and 3.3 (freshness).
"""
