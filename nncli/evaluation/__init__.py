"""Evaluation of predictions: error, intervals, confusion and calibration."""
