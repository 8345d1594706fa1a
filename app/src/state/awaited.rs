//! What comes late: an answer is for whoever still waits for it.

use std::cell::Cell;

/// One thing at a time that is asked for and may be given up before it comes.
#[derive(Debug, Default)]
pub struct Awaited {
    last: Cell<u32>,
    number: Cell<Option<u32>>,
}

impl Awaited {
    /// Nothing is awaited.
    pub const fn new() -> Self {
        Self { last: Cell::new(0), number: Cell::new(None) }
    }

    /// It is asked for; its number. What was asked for before is awaited no more.
    pub fn begin(&self) -> u32 {
        let number = self.last.get().wrapping_add(1);
        self.last.set(number);
        self.number.set(Some(number));
        number
    }

    /// Whether this is what is awaited; it is over with that.
    pub fn ends(&self, number: u32) -> bool {
        let awaited = self.number.get() == Some(number);
        if awaited {
            self.number.set(None);
        }
        awaited
    }

    /// Nothing is awaited any more; whether something was.
    pub fn stop(&self) -> bool {
        self.number.take().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_stopped_brings_nothing() {
        let awaited = Awaited::new();
        let first = awaited.begin();
        assert!(awaited.stop() && !awaited.stop());
        assert!(!awaited.ends(first));
        let second = awaited.begin();
        assert!(!awaited.ends(first) && awaited.ends(second) && !awaited.ends(second));
        let third = awaited.begin();
        let fourth = awaited.begin();
        assert!(!awaited.ends(third) && awaited.ends(fourth), "the later one counts");
    }
}
