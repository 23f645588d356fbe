"""The outbox: what happened is announced in the transaction in which it happened, and told to others later.

`announce` writes a message; `reactions.py` says which jobs an event has; the worker leases what is due, runs each job
and marks it done. Delivery is at least once: every job is idempotent. A message is waiting, done, or stuck (tried too
often: somebody looks, nothing is dropped). Lease and backoff are in rules.py.
"""
