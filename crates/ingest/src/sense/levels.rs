//! Steady levels of a run: where the load stood still long enough to be measured.
//!
//! 0. A pause parts the run: what is before and after it is looked at by itself, without the points it begins or ends in.
//! 1. Where the number of users is piecewise constant, its steps bound the levels (the point in which a step falls is in none).
//! 2. Inside each stretch of constant users the rate is split where its mean changes: optimal partitioning (Jackson and others
//!    2005, "An algorithm for optimal partitioning of data on an interval") of the square roots of the counts, whose variance is
//!    that of the noise at any rate, with a penalty of 4 ln n noise variances a change.
//! 3. A stretch whose rate still climbs or falls by more than an eighth is a ramp, not a level.
//! 4. From each level the warm-up is cut: its first quarter, at most 15 s, and more where the mean latency has not settled by then
//!    (the truncation rule of White 1997, MSER).
//! 5. What is left of a load that has all but stopped is no level.

/// One stretch of the series that is split.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Start in seconds.
    pub from_s: f64,
    /// End in seconds.
    pub to_s: f64,
    /// Requests finished in it.
    pub requests: f64,
    /// Mean latency of these in milliseconds.
    pub mean_ms: Option<f64>,
    /// Users at work.
    pub users: Option<f64>,
}

/// A stretch of the run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// Start in seconds, as in the points.
    pub from_s: f64,
    /// End in seconds.
    pub to_s: f64,
    /// Whether load and latency stood still; false for warm-up and ramps.
    pub steady: bool,
}

/// Longest warm-up cut from every level, in seconds.
pub const WARMUP_S: f64 = 15.0;
/// Share of a level that is at most taken as its warm-up without evidence.
pub const WARMUP_SHARE: f64 = 0.25;
/// Shortest level, in seconds and in points.
const SHORTEST: (f64, usize) = (8.0, 8);
/// Rates closer than this share are one level.
const SAME_RATE: f64 = 0.08;
/// Change over a level, as a share of its rate, that makes it a ramp.
const RAMP: f64 = 0.125;
/// Idle points of a pause; where the load comes in bursts, at least so many times the usual pause between them.
const IDLE: f64 = 3.0;
/// Idle stretches from which on they are how the load comes.
const BURSTS: usize = 8;
/// Requests that must have been expected in an idle stretch for it to be a pause.
const MISSED: f64 = 20.0;
/// Points on either side that tell how many are expected.
const BESIDE: usize = 16;
/// Share of the highest rate below which a level is none, and the one below which it needs at least so many requests.
const NEARLY_IDLE: (f64, f64, f64) = (0.005, 0.05, 30.0);
/// Points after which neighbours are joined before splitting.
const MOST_POINTS: usize = 400;

/// Splits a run into steady levels, ramps and warm-ups, in time order. Runs too short to have a level give nothing.
pub fn steady_levels(points: &[Point]) -> Vec<Span> {
    let parts = busy_parts(points);
    let mut spans: Vec<Span> = parts.into_iter().flat_map(levels_of).collect();
    let load = |span: &Span| {
        let middle = |point: &&Point| (span.from_s..span.to_s).contains(&(0.5 * (point.from_s + point.to_s)));
        let requests: f64 = points.iter().filter(middle).map(|point| point.requests).sum();
        (requests / (span.to_s - span.from_s).max(1e-9), requests)
    };
    let highest = spans.iter().filter(|span| span.steady).map(|span| load(span).0).fold(0.0, f64::max);
    for span in &mut spans {
        let ((rate, requests), (none, few, least)) = (load(span), NEARLY_IDLE);
        span.steady &= rate >= none * highest && (rate >= few * highest || requests >= least);
    }
    spans
}

/// The parts between pauses, each without a point that it begins or ends in the middle of.
fn busy_parts(points: &[Point]) -> Vec<&[Point]> {
    let usual = usual_idle(points);
    let mut parts = Vec::new();
    let (mut start, mut place) = (0, 1);
    while place < points.len() {
        let idle = points[place..].iter().take_while(|point| point.requests == 0.0).count();
        // Of a pause some idle points may be given, with a hole between them.
        let hole = (place..=place + idle).any(|next| is_hole(points, next));
        if hole || (idle as f64 >= IDLE * usual && is_pause(points, place, idle)) {
            parts.push(whole_points(&points[start..place], start > 0, true));
            start = place + idle;
        }
        place += idle.max(1);
    }
    parts.push(whole_points(points.get(start..).unwrap_or(&[]), start > 0, false));
    parts
}

/// Whether there is time between a point and the one before it.
fn is_hole(points: &[Point], place: usize) -> bool {
    points.get(place).is_some_and(|point| point.from_s - points[place - 1].to_s > 1e-6 * (point.to_s - point.from_s))
}

/// Usual length of the idle stretches where the load comes in bursts, so that none of these is a pause; else one point.
fn usual_idle(points: &[Point]) -> f64 {
    let stretches = points.chunk_by(|one, next| (one.requests == 0.0) == (next.requests == 0.0));
    let mut idle: Vec<usize> = stretches.filter(|stretch| stretch[0].requests == 0.0).map(<[Point]>::len).collect();
    idle.sort_unstable();
    if idle.len() < BURSTS { 1.0 } else { idle[idle.len() / 2] as f64 }
}

/// Whether so many idle points from that place on are no chance.
fn is_pause(points: &[Point], place: usize, idle: usize) -> bool {
    let (before, after) = (&points[place.saturating_sub(BESIDE)..place], &points[place + idle..]);
    let beside = before.iter().chain(after.iter().take(BESIDE)).map(|point| point.requests);
    idle as f64 * beside.clone().sum::<f64>() / beside.count().max(1) as f64 >= MISSED
}

/// A part without points at its parted ends that are clearly emptier than those beside them.
fn whole_points(part: &[Point], after_pause: bool, before_pause: bool) -> &[Point] {
    let per_second = |point: &Point| point.requests / (point.to_s - point.from_s).max(1e-9);
    let emptier = |end: &Point, beside: &[Point]| {
        per_second(end) < 0.9 * beside.iter().map(per_second).sum::<f64>() / beside.len().max(1) as f64
    };
    let mut part = part;
    if let [first, rest @ ..] = part
        && after_pause
        && emptier(first, &rest[..rest.len().min(3)])
    {
        part = rest;
    }
    if let [rest @ .., last] = part
        && before_pause
        && emptier(last, &rest[rest.len().saturating_sub(3)..])
    {
        part = rest;
    }
    part
}

/// Splits a part without pauses.
fn levels_of(points: &[Point]) -> Vec<Span> {
    let points = thinned(&trimmed(points));
    if points.len() < SHORTEST.1 || points[points.len() - 1].to_s - points[0].from_s < SHORTEST.0 {
        return Vec::new();
    }
    let mut spans: Vec<Span> = Vec::new();
    for run in user_runs(&points) {
        for part in run.parts(&points) {
            push(&mut spans, &points[part.clone()], run.steady && !is_ramp(&points[part]));
        }
    }
    spans
}

/// The points without idle ones at both ends and without a last one that is shorter than the rest.
fn trimmed(points: &[Point]) -> Vec<Point> {
    let busy = |point: &Point| point.requests > 0.0;
    let (Some(first), Some(last)) = (points.iter().position(busy), points.iter().rposition(busy)) else {
        return Vec::new();
    };
    let mut kept = points[first..=last].to_vec();
    if let [before, tail] = kept[kept.len().saturating_sub(2)..] {
        let short = tail.to_s - tail.from_s < 0.99 * (before.to_s - before.from_s);
        if kept.len() > 4 && (short || tail.requests < 0.5 * before.requests) {
            kept.pop();
        }
    }
    kept
}

/// Neighbours joined until at most [`MOST_POINTS`] are left.
fn thinned(points: &[Point]) -> Vec<Point> {
    let join = points.len().div_ceil(MOST_POINTS).max(1);
    points.chunks(join).map(joined).collect()
}

fn joined(points: &[Point]) -> Point {
    let requests: f64 = points.iter().map(|point| point.requests).sum();
    let total_ms: f64 = points.iter().filter_map(|point| point.mean_ms.map(|mean| mean * point.requests)).sum();
    let users: Vec<f64> = points.iter().filter_map(|point| point.users).collect();
    Point {
        from_s: points[0].from_s,
        to_s: points[points.len() - 1].to_s,
        requests,
        mean_ms: (requests > 0.0 && points.iter().any(|point| point.mean_ms.is_some())).then(|| total_ms / requests),
        users: (!users.is_empty()).then(|| users.iter().sum::<f64>() / users.len() as f64),
    }
}

/// A stretch that is looked at by itself.
struct Run {
    range: std::ops::Range<usize>,
    steady: bool,
}

impl Run {
    /// The stretches of equal rate in it.
    fn parts(&self, points: &[Point]) -> Vec<std::ops::Range<usize>> {
        if !self.steady {
            return vec![self.range.clone()];
        }
        let start = self.range.start;
        split_by_rate(&points[self.range.clone()])
            .into_iter()
            .map(|part| part.start + start..part.end + start)
            .collect()
    }
}

/// The stretches of constant users, with the ramps between them; the whole run where users say nothing.
fn user_runs(points: &[Point]) -> Vec<Run> {
    let whole = || vec![Run { range: 0..points.len(), steady: true }];
    if points.iter().any(|point| point.users.is_none()) {
        return whole();
    }
    let users: Vec<f64> = points.iter().filter_map(|point| point.users).collect();
    let mut runs: Vec<Run> = Vec::new();
    let mut start = 0;
    while start < users.len() {
        let same = |index: &usize| (users[*index] - users[start]).abs() <= 0.02 * users[start].abs();
        let end = (start + 1..users.len()).take_while(same).last().map_or(start + 1, |last| last + 1);
        let long = is_long(&points[start..end]);
        // A step falls somewhere in the last point before it, and new users all start at once: that point is no part of the level.
        let held = if long && end < users.len() { end - 1 } else { end };
        add_run(&mut runs, start..held, long);
        add_run(&mut runs, held..end, false);
        start = end;
    }
    let held: usize = runs.iter().filter(|run| run.steady).map(|run| run.range.len()).sum();
    // Users that never stand still are those an open generator adds as it needs them: then only the rate tells.
    if held * 2 < points.len() { whole() } else { runs }
}

/// Adds a stretch; ramps that follow each other are one.
fn add_run(runs: &mut Vec<Run>, range: std::ops::Range<usize>, steady: bool) {
    match runs.last_mut() {
        _ if range.is_empty() => {}
        Some(last) if !steady && !last.steady => last.range.end = range.end,
        _ => runs.push(Run { range, steady }),
    }
}

fn is_long(points: &[Point]) -> bool {
    points.len() >= SHORTEST.1 / 2 && points[points.len() - 1].to_s - points[0].from_s >= SHORTEST.0
}

/// Square roots of the counts per second of mean length, twice: noise of variance 1 for Poisson arrivals.
fn roots(points: &[Point]) -> Vec<f64> {
    let length = (points[points.len() - 1].to_s - points[0].from_s) / points.len() as f64;
    let count = |point: &Point| point.requests * length / (point.to_s - point.from_s).max(1e-9);
    points.iter().map(|point| 2.0 * (count(point) + 0.375).max(0.0).sqrt()).collect()
}

/// Variance of the noise by the differences of neighbours, which steps hardly touch.
fn noise_variance(values: &[f64]) -> f64 {
    let mut steps: Vec<f64> = values.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    if steps.is_empty() {
        return 1.0;
    }
    steps.sort_by(f64::total_cmp);
    let deviation = 1.4826 * steps[steps.len() / 2] / std::f64::consts::SQRT_2;
    (deviation * deviation).max(0.05)
}

/// The best split into stretches of equal mean, neighbours of nearly the same rate joined again.
fn split_by_rate(points: &[Point]) -> Vec<std::ops::Range<usize>> {
    let count = points.len();
    let length = (points[count - 1].to_s - points[0].from_s) / count as f64;
    let shortest = ((SHORTEST.0 / length.max(1e-9)).ceil() as usize).max(SHORTEST.1 / 2);
    if count < 2 * shortest {
        return std::iter::once(0..count).collect();
    }
    let values = roots(points);
    let penalty = 4.0 * noise_variance(&values) * engine::math::ln(count as f64);
    let (mut sums, mut squares) = (vec![0.0], vec![0.0]);
    for value in &values {
        sums.push(sums[sums.len() - 1] + value);
        squares.push(squares[squares.len() - 1] + value * value);
    }
    let cost = |from: usize, to: usize| {
        let sum: f64 = sums[to] - sums[from];
        (squares[to] - squares[from]) - sum * sum / (to - from) as f64
    };
    let mut best = vec![f64::INFINITY; count + 1];
    let mut previous = vec![0; count + 1];
    best[0] = -penalty;
    for end in shortest..=count {
        for start in (0..=end - shortest).filter(|start| *start == 0 || *start >= shortest) {
            let total = best[start] + cost(start, end) + penalty;
            if total < best[end] {
                (best[end], previous[end]) = (total, start);
            }
        }
    }
    let mut bounds = vec![count];
    while bounds[bounds.len() - 1] > 0 {
        bounds.push(previous[bounds[bounds.len() - 1]]);
    }
    bounds.reverse();
    let parts = bounds.windows(2).map(|pair| pair[0]..pair[1]).collect();
    join_equal(points, parts)
}

fn rate(points: &[Point]) -> f64 {
    let time = points[points.len() - 1].to_s - points[0].from_s;
    points.iter().map(|point| point.requests).sum::<f64>() / time.max(1e-9)
}

fn join_equal(points: &[Point], parts: Vec<std::ops::Range<usize>>) -> Vec<std::ops::Range<usize>> {
    let mut joined: Vec<std::ops::Range<usize>> = Vec::new();
    for part in parts {
        match joined.last_mut() {
            Some(last) => {
                let (before, after) = (rate(&points[last.clone()]), rate(&points[part.clone()]));
                if (after - before).abs() <= SAME_RATE * before.max(after) {
                    last.end = part.end;
                } else {
                    joined.push(part);
                }
            }
            None => joined.push(part),
        }
    }
    joined
}

/// Whether the rate climbs or falls from end to end by more than [`RAMP`], beyond its noise.
fn is_ramp(points: &[Point]) -> bool {
    let count = points.len() as f64;
    if points.len() < 4 {
        return false;
    }
    let mean = points.iter().map(|point| point.requests).sum::<f64>() / count;
    let middle = (count - 1.0) / 2.0;
    let (mut over, mut under) = (0.0, 0.0);
    for (index, point) in points.iter().enumerate() {
        let distance = index as f64 - middle;
        over += distance * (point.requests - mean);
        under += distance * distance;
    }
    let slope = over / under;
    let residual =
        points.iter().enumerate().map(|(index, point)| point.requests - mean - slope * (index as f64 - middle));
    let variance = residual.map(|value| value * value).sum::<f64>() / (count - 2.0);
    let error = (variance / under).sqrt();
    (slope * count).abs() > RAMP * mean && slope.abs() > 4.0 * error
}

/// Adds a stretch: a ramp as it is, a level with its warm-up before it. Neighbouring ramps become one.
fn push(spans: &mut Vec<Span>, points: &[Point], steady: bool) {
    let (from_s, to_s) = (points[0].from_s, points[points.len() - 1].to_s);
    if steady {
        let ready = warm_from(points);
        if ready > from_s {
            spans.push(Span { from_s, to_s: ready, steady: false });
        }
        spans.push(Span { from_s: ready, to_s, steady: true });
        return;
    }
    match spans.last_mut() {
        Some(last) if !last.steady => last.to_s = to_s,
        _ => spans.push(Span { from_s, to_s, steady: false }),
    }
}

/// When a level has settled.
fn warm_from(points: &[Point]) -> f64 {
    let (from, to) = (points[0].from_s, points[points.len() - 1].to_s);
    let least = from + (WARMUP_SHARE * (to - from)).min(WARMUP_S);
    let wanted = least.max(settled_from(points));
    points.iter().map(|point| point.from_s).find(|start| *start >= wanted - 1e-9).unwrap_or(from)
}

/// The start of the part whose mean latency is known best (smallest squared standard error), in the first half of the level.
fn settled_from(points: &[Point]) -> f64 {
    let batch = points.len().div_ceil(20);
    let batches: Vec<(f64, f64)> =
        points.chunks(batch).map(joined).filter_map(|point| Some((point.from_s, point.mean_ms?))).collect();
    let error = |start: usize| {
        let values = &batches[start..];
        let mean = values.iter().map(|(_, value)| value).sum::<f64>() / values.len() as f64;
        values.iter().map(|(_, value)| (value - mean) * (value - mean)).sum::<f64>()
            / (values.len() * values.len()) as f64
    };
    if batches.len() < 8 {
        return points[0].from_s;
    }
    // A later start must be clearly better: a fifth less error.
    let all = error(0);
    let best = (1..=batches.len() / 2).min_by(|left, right| error(*left).total_cmp(&error(*right)));
    best.filter(|start| error(*start) < 0.8 * all).map_or(points[0].from_s, |start| batches[start].0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Deterministic noise of about Poisson size.
    fn noisy(rate: f64, index: usize) -> f64 {
        let wave = ((index as f64 * 12.9898).sin() * 43_758.547).fract().abs() - 0.5;
        (rate + 3.4 * rate.sqrt() * wave).round().max(0.0)
    }

    fn points(rates: impl Iterator<Item = f64>, users: impl Fn(usize) -> Option<f64>) -> Vec<Point> {
        let point = |(index, rate)| Point {
            from_s: index as f64,
            to_s: index as f64 + 1.0,
            requests: noisy(rate, index),
            mean_ms: Some(20.0),
            users: users(index),
        };
        rates.enumerate().map(point).collect()
    }

    fn steady(points: &[Point]) -> Vec<(f64, f64)> {
        steady_levels(points).iter().filter(|span| span.steady).map(|span| (span.from_s, span.to_s)).collect()
    }

    #[test]
    fn steps_of_users_bound_the_levels() {
        let run = points((0..180).map(|second| [30.0, 60.0, 90.0][second / 60]), |second| {
            Some([31.0, 62.0, 93.0][second / 60])
        });
        assert_eq!(steady(&run), [(15.0, 59.0), (75.0, 119.0), (135.0, 180.0)]);
    }

    #[test]
    fn steps_of_the_rate_are_found_without_users() {
        let run = points((0..180).map(|second| [30.0, 60.0, 90.0][second / 60]), |_| None);
        let found = steady(&run);
        assert_eq!(found.len(), 3, "{found:?}");
        for ((from, to), expected) in found.iter().zip([(15.0, 60.0), (75.0, 120.0), (135.0, 180.0)]) {
            assert!((from - expected.0).abs() <= 3.0 && (to - expected.1).abs() <= 3.0, "{found:?}");
        }
    }

    #[test]
    fn constant_noise_is_one_level() {
        for rate in [2.0, 30.0, 900.0] {
            assert_eq!(steady(&points((0..300).map(|_| rate), |_| None)).len(), 1, "{rate}");
        }
    }

    #[test]
    fn a_ramp_is_no_level() {
        let run =
            points((0..120).map(|second| if second < 60 { 5.0 + second as f64 * 3.0 } else { 185.0 }), |second| {
                Some(if second < 60 { second as f64 } else { 60.0 })
            });
        assert_eq!(steady(&run), [(75.0, 120.0)]);
        let rates_only: Vec<Point> = run.iter().map(|point| Point { users: None, ..*point }).collect();
        assert!(steady(&rates_only).iter().any(|(from, to)| *from >= 60.0 && *to >= 118.0));
    }

    #[test]
    fn a_long_transient_is_cut() {
        let mut run = points((0..100).map(|_| 50.0), |_| Some(50.0));
        run.iter_mut().enumerate().for_each(|(index, point)| {
            point.mean_ms = Some(if index < 35 { 400.0 - index as f64 * 10.0 } else { 21.0 + noisy(9.0, index) / 9.0 });
        });
        let found = steady(&run);
        assert!(found.len() == 1 && (30.0..=40.0).contains(&found[0].0), "{found:?}");
    }

    #[test]
    fn pauses_part_the_levels() {
        // Rates, seconds of each, and the levels: from, to.
        type Row<'a> = (&'a str, &'a [(f64, usize)], &'a [(f64, f64)]);
        let rows: &[Row<'_>] = &[
            ("two runs", &[(40.0, 60), (0.0, 300), (40.0, 60)], &[(15.0, 60.0), (375.0, 420.0)]),
            // The first and last second of a run are seldom whole.
            (
                "half seconds",
                &[(40.0, 60), (15.0, 1), (0.0, 30), (20.0, 1), (40.0, 60)],
                &[(15.0, 60.0), (107.0, 152.0)],
            ),
            ("a short stall", &[(40.0, 60), (0.0, 5), (40.0, 60)], &[(15.0, 60.0), (80.0, 125.0)]),
            (
                "strays in a pause",
                &[(90.0, 60), (0.0, 300), (1.0, 1), (0.0, 300), (90.0, 60)],
                &[(15.0, 60.0), (676.0, 721.0)],
            ),
            ("a watchman in a pause", &[(400.0, 60), (1.0, 240), (400.0, 60)], &[(15.0, 60.0), (315.0, 360.0)]),
            ("a low level", &[(400.0, 60), (10.0, 120)], &[(15.0, 60.0), (75.0, 180.0)]),
        ];
        for (name, stretches, levels) in rows {
            let rates = stretches.iter().flat_map(|(rate, seconds)| std::iter::repeat_n(*rate, *seconds));
            let exact = |(index, requests): (usize, f64)| Point {
                from_s: index as f64,
                to_s: index as f64 + 1.0,
                requests,
                mean_ms: Some(20.0),
                users: None,
            };
            let all: Vec<Point> = rates.enumerate().map(exact).collect();
            assert_eq!(steady(&all), *levels, "{name}");
            // Without the idle points it is the same, and with the first and last of each pause.
            let busy = |point: &Point| point.requests > 0.0;
            let holes: Vec<Point> = all.iter().filter(|point| busy(point)).copied().collect();
            assert_eq!(steady(&holes), *levels, "{name} with holes");
            let edge = |place: usize| place == 0 || busy(&all[place - 1]) || all.get(place + 1).is_none_or(busy);
            let edges: Vec<Point> =
                (0..all.len()).filter(|place| busy(&all[*place]) || edge(*place)).map(|place| all[place]).collect();
            assert_eq!(steady(&edges), *levels, "{name} with the edges of holes");
        }
        // A load that comes in bursts, or seldom, does not pause between them.
        for every in [10, 40] {
            let bursts = points((0..600).map(|second| if second % every == 0 { 90.0 } else { 0.0 }), |_| None);
            assert_eq!(busy_parts(&bursts).len(), 1, "every {every} s");
        }
    }

    #[test]
    fn short_or_empty_runs_have_none() {
        assert_eq!(steady_levels(&[]), []);
        assert_eq!(steady(&points((0..5).map(|_| 50.0), |_| Some(1.0))), []);
        assert_eq!(steady(&points((0..100).map(|_| 0.0), |_| None)), []);
    }
}
