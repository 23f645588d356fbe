"""The agent, the page that opens envelopes, and what an officer says."""
