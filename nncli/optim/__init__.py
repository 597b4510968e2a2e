"""Updates of the weights: optimizers, learning-rate schedules and clipping."""
