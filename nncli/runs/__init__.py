"""The run folder: its manifest, checkpoints and metrics files; nothing else writes there during training."""
