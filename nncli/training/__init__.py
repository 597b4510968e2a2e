"""The training loop, its events, and snapshots."""
