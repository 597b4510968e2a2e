"""How weights move: optimizers, learning-rate schedules and clipping, all vector arithmetic."""
