"""What this site is made of: the programs it gives to a browser, with their licences in full, and those it runs on.

The first list is made by the set-up from the lock file and from what really went into the bundles (build.mjs); the
second from what is installed (requirements.lock). Neither is kept by hand.
"""
