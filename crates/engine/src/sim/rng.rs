//! Random numbers: xoshiro256++ (Blackman & Vigna 2019), seeded by splitmix64, one stream per (seed, replication, place, purpose).
//!
//! A named generator of fixed version and integer arithmetic only: the same bits natively and in WebAssembly. Streams belong
//! to places and purposes, so that two scenarios that share a component share its random numbers.

/// What a stream is used for at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Gaps between arrivals, think times.
    Arrivals = 1,
    /// Own times.
    Service = 2,
    /// Coins: fractions of calls, hits, failures, replica choice.
    Choice = 3,
    /// Keys and clients.
    Keys = 4,
    /// Backoff jitter.
    Jitter = 5,
}

/// A xoshiro256++ stream.
#[derive(Debug, Clone)]
pub(crate) struct Rng([u64; 4]);

/// One step of splitmix64 over its state.
fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Rng {
    /// The stream of a place (its identifier in the scenario) and a purpose in one replication of a seed.
    pub(crate) fn stream(seed: u64, replication: u32, place: &str, purpose: Purpose) -> Self {
        // FNV-1a over the identifier, so that a stream does not move when other components come or go.
        let name =
            place.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01B3));
        let mut state = seed;
        for part in [u64::from(replication), name, purpose as u64] {
            state = splitmix(&mut state) ^ part;
        }
        Self([splitmix(&mut state), splitmix(&mut state), splitmix(&mut state), splitmix(&mut state)])
    }

    /// The next 64 bits.
    #[inline(always)]
    pub(crate) fn bits(&mut self) -> u64 {
        let s = &mut self.0;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// Uniform in (0, 1), both ends excluded.
    #[inline(always)]
    pub(crate) fn uniform(&mut self) -> f64 {
        // By way of i64: V8 converts an unsigned number with a branch.
        ((self.bits() >> 12) as i64 as f64 + 0.5) * (1.0 / 4_503_599_627_370_496.0)
    }

    /// Whether a coin of this probability falls on its side.
    #[inline(always)]
    pub(crate) fn coin(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// Uniform in 0..n (n at least 1), by the high half of a 64-bit product; its bias is below 2^-32.
    #[inline(always)]
    pub(crate) fn below(&mut self, n: u32) -> u32 {
        (((self.bits() >> 32) * u64::from(n)) >> 32) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_every_part_of_their_name() {
        let first = |seed, rep, place, purpose| Rng::stream(seed, rep, place, purpose).bits();
        let base = first(1, 0, "db", Purpose::Service);
        assert_eq!(base, first(1, 0, "db", Purpose::Service));
        for other in [
            first(2, 0, "db", Purpose::Service),
            first(1, 1, "db", Purpose::Service),
            first(1, 0, "dc", Purpose::Service),
            first(1, 0, "db", Purpose::Choice),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn below_is_uniform() {
        let mut rng = Rng::stream(7, 0, "x", Purpose::Choice);
        let mut counts = [0u32; 7];
        for _ in 0..70_000 {
            counts[rng.below(7) as usize] += 1;
        }
        // Chi-squared with 6 degrees of freedom; 22.46 is its 99.9 % point.
        let chi: f64 = counts.iter().map(|&c| (f64::from(c) - 1e4).powi(2) / 1e4).sum();
        assert!(chi < 22.46, "{chi}");
    }
}
