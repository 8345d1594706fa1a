//! Calibration: demands, distributions, model choice, back-test.
