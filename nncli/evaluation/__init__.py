"""What predictions are worth: error, intervals, confusion and calibration."""
