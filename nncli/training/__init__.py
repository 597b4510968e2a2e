"""The training loop, the events it emits, and what listens to them."""
