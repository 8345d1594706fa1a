//! Statistics that both engines share: histograms, moments, intervals, distributions of sums.
