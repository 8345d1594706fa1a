//! Growth: headroom, next bottlenecks, sensitivity, optimization.
