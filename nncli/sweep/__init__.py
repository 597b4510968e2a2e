"""Many runs: grids and searches over a space of configurations, on Optuna."""
