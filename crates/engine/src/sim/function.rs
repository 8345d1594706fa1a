//! Warm instances of a function: the one used last is used first, so idle ones age and go away.

/// Idle instances of one function.
#[derive(Debug, Clone)]
pub(crate) struct Instances {
    /// Memory of one instance.
    pub memory_gb: f64,
    cold_start: f64,
    idle_timeout: f64,
    /// When each idle instance became idle, oldest first.
    idle: Vec<f64>,
}

impl Instances {
    /// No instance is warm.
    pub(crate) fn new(cold_start: f64, idle_timeout: f64, memory_gb: f64) -> Self {
        Self { memory_gb, cold_start, idle_timeout, idle: Vec::with_capacity(64) }
    }

    /// Takes an instance; gives the seconds of a cold start, zero for a warm one.
    pub(crate) fn start(&mut self, now: f64) -> f64 {
        match self.idle.pop() {
            Some(since) if now - since <= self.idle_timeout => 0.0,
            // The youngest idle one is gone, so all are.
            Some(_) => {
                self.idle.clear();
                self.cold_start
            }
            None => self.cold_start,
        }
    }

    /// All instances are gone.
    pub(crate) fn clear(&mut self) {
        self.idle.clear();
    }

    /// An instance becomes idle.
    pub(crate) fn rest(&mut self, now: f64) {
        self.idle.push(now);
    }
}
