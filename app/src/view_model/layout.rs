//! Where boxes stand when nobody placed them: layers from the entries down, ordered to cross few lines, lines led around boxes.

use std::collections::BTreeMap;

/// Size of a box and the gaps around it.
pub const BOX: (f64, f64) = (154.0, 74.0);
const GAP: (f64, f64) = (18.0, 40.0);
/// Width that a line's bend takes in a layer it only passes.
const LANE: f64 = 26.0;
const SWEEPS: usize = 8;

/// A laid-out drawing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Layout {
    /// Upper left corners of the boxes.
    pub places: Vec<(f64, f64)>,
    /// Points of each line, from the caller's lower edge to the callee's upper edge.
    pub lines: Vec<Vec<(f64, f64)>>,
    /// Upper left corner of all of it; beside zero only where a person placed every box.
    pub origin: (f64, f64),
    /// Extent.
    pub width: f64,
    pub height: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cell {
    Node(usize),
    /// A line that passes the layer.
    Bend(usize),
}

/// Lays out `count` boxes with calls between them; `stated` are places that a person chose, `fitting` how many boxes fit beside
/// each other.
pub fn layout(count: usize, calls: &[(usize, usize)], stated: &[Option<(f64, f64)>], fitting: usize) -> Layout {
    let layer = layers(count, calls, fitting);
    let depth = layer.iter().copied().max().map_or(0, |deepest| deepest + 1);
    let mut rows: Vec<Vec<Cell>> = vec![Vec::new(); depth];
    for (node, row) in layer.iter().enumerate() {
        rows[*row].push(Cell::Node(node));
    }
    let mut chains: Vec<Vec<Cell>> = Vec::new();
    for (line, &(from, to)) in calls.iter().enumerate() {
        let mut chain = vec![Cell::Node(from)];
        for row in rows.iter_mut().take(layer[to]).skip(layer[from] + 1) {
            row.push(Cell::Bend(line));
            chain.push(Cell::Bend(line));
        }
        chain.push(Cell::Node(to));
        chains.push(chain);
    }
    // Where a person placed every box there is nothing to look for.
    let every = count > 0 && stated.len() == count && stated.iter().all(Option::is_some);
    let centres = if every {
        rows.clear();
        Vec::new()
    } else {
        let links = links(depth, &chains, &layer, calls);
        let mut known = Positions { count, of: vec![usize::MAX; count + calls.len()] };
        order(&mut rows, &links, &mut known);
        centre(&rows, &links, &mut known)
    };
    place(count, &rows, &centres, &chains, calls, &layer, stated)
}

/// Longest way from an entry, but no more boxes in a layer than fit beside each other: those that call nothing further give
/// way to those that do. Calls that would close a loop (asynchronous ones may) do not count.
fn layers(count: usize, calls: &[(usize, usize)], fitting: usize) -> Vec<usize> {
    let longest = longest_way(count, calls);
    let height = heights(count, calls, &longest);
    // A narrow board makes a taller drawing, as long as that is not many times as tall as it is wide.
    let square = (count as f64).sqrt().round().max(2.0) as usize;
    let widest = if count <= 7 * fitting { square.min(fitting).max(2) } else { square };
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|node| (longest[*node], std::cmp::Reverse(height[*node]), *node));
    let mut callers: Vec<Vec<usize>> = vec![Vec::new(); count];
    for &(from, to) in calls.iter().filter(|(from, to)| longest[*from] < longest[*to]) {
        callers[to].push(from);
    }
    let mut layer = vec![0; count];
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    for node in order {
        let mut row = callers[node].iter().map(|from| layer[*from] + 1).max().unwrap_or(0);
        while taken.get(&row).is_some_and(|boxes| *boxes >= widest) {
            row += 1;
        }
        *taken.entry(row).or_default() += 1;
        layer[node] = row;
    }
    layer
}

/// How many layers of calls follow below a box.
fn heights(count: usize, calls: &[(usize, usize)], longest: &[usize]) -> Vec<usize> {
    let mut height = vec![0; count];
    for _ in 0..count {
        let mut moved = false;
        for &(from, to) in calls.iter().filter(|(from, to)| longest[*from] < longest[*to]) {
            moved |= height[from] <= height[to];
            height[from] = height[from].max(height[to] + 1);
        }
        if !moved {
            break;
        }
    }
    height
}

fn longest_way(count: usize, calls: &[(usize, usize)]) -> Vec<usize> {
    let mut layer = vec![0; count];
    for _ in 0..count {
        let mut moved = false;
        for &(from, to) in calls {
            if from != to && layer[to] <= layer[from] && layer[from] + 1 < count {
                layer[to] = layer[from] + 1;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    layer
}

/// What is joined to what between each row and the next one.
type Links = Vec<Vec<(Cell, Cell)>>;

/// The links of all lines that lead downwards.
fn links(depth: usize, chains: &[Vec<Cell>], layer: &[usize], calls: &[(usize, usize)]) -> Links {
    let mut links: Links = vec![Vec::new(); depth];
    for (chain, &(from, to)) in chains.iter().zip(calls).filter(|(_, (from, to))| layer[*to] > layer[*from]) {
        debug_assert_eq!(chain.len(), layer[to] - layer[from] + 1);
        for (step, pair) in chain.windows(2).enumerate() {
            links[layer[from] + step].push((pair[0], pair[1]));
        }
    }
    links
}

/// Where each cell stands in the row that was written down last: boxes by their number, then bends by that of their line.
struct Positions {
    count: usize,
    of: Vec<usize>,
}

impl Positions {
    fn place(&self, cell: Cell) -> usize {
        match cell {
            Cell::Node(node) => node,
            Cell::Bend(line) => self.count + line,
        }
    }

    fn write(&mut self, row: &[Cell]) {
        for (position, cell) in row.iter().enumerate() {
            let place = self.place(*cell);
            self.of[place] = position;
        }
    }

    fn read(&self, cell: Cell) -> usize {
        self.of[self.place(cell)]
    }
}

/// The mean of a figure over every cell's neighbours in the row above (`up`) or below, by their place in it; none without one.
fn over_neighbours(
    (row, up): (usize, bool),
    rows: &[Vec<Cell>],
    links: &Links,
    known: &mut Positions,
    figure: impl Fn(usize) -> f64,
) -> Vec<Option<f64>> {
    let joined = &links[if up { row - 1 } else { row }];
    let pair = |&(upper, lower): &(Cell, Cell)| if up { (lower, upper) } else { (upper, lower) };
    known.write(&rows[if up { row - 1 } else { row + 1 }]);
    let places: Vec<usize> = joined.iter().map(|link| known.read(pair(link).1)).collect();
    // A line's bends have one number in all rows: what stands beside is read before what stands here is written.
    known.write(&rows[row]);
    let mut sums = vec![(0.0, 0_u32); rows[row].len()];
    for (link, place) in joined.iter().zip(places) {
        let (sum, count) = &mut sums[known.read(pair(link).0)];
        *sum += figure(place);
        *count += 1;
    }
    sums.into_iter().map(|(sum, count)| (count > 0).then(|| sum / f64::from(count))).collect()
}

/// Orders each row by the mean place of its neighbours, down and up in turn.
fn order(rows: &mut [Vec<Cell>], links: &Links, known: &mut Positions) {
    for sweep in 0..SWEEPS {
        let down = sweep % 2 == 0;
        let sequence: Vec<usize> =
            if down { (1..rows.len()).collect() } else { (0..rows.len().saturating_sub(1)).rev().collect() };
        for row in sequence {
            let beside = if down { row - 1 } else { row + 1 };
            let near = over_neighbours((row, down), rows, links, known, |place| place as f64);
            let size = rows[beside].len().max(1) as f64 / rows[row].len().max(1) as f64;
            let key = |(position, mean): (usize, Option<f64>)| mean.unwrap_or(position as f64 * size);
            let keys = near.into_iter().enumerate().map(key);
            let mut keyed: Vec<(f64, Cell)> = keys.zip(rows[row].iter().copied()).collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            rows[row] = keyed.into_iter().map(|(_, cell)| cell).collect();
        }
    }
}

fn width_of(cell: Cell) -> f64 {
    match cell {
        Cell::Node(_) => BOX.0 + GAP.0,
        Cell::Bend(_) => LANE,
    }
}

/// Centres along x: each cell is drawn to its neighbours, then pushed off the one beside it.
fn centre(rows: &[Vec<Cell>], links: &Links, known: &mut Positions) -> Vec<Vec<f64>> {
    let mut centres: Vec<Vec<f64>> = rows.iter().map(|row| packed(row, None)).collect();
    for sweep in 0..SWEEPS {
        for row in 0..rows.len() {
            let mut wanted = centres[row].clone();
            for up in [true, false] {
                if (up && row == 0) || (!up && row + 1 == rows.len()) {
                    continue;
                }
                let beside = if up { row - 1 } else { row + 1 };
                let weight = if sweep + 1 == SWEEPS && !up { 0.0 } else { 0.5 };
                let means = over_neighbours((row, up), rows, links, known, |place| centres[beside][place]);
                for (wanted, mean) in wanted.iter_mut().zip(means) {
                    *wanted += mean.map_or(0.0, |mean| (mean - *wanted) * weight);
                }
            }
            centres[row] = packed(&rows[row], Some(&wanted));
        }
    }
    centres
}

/// Centres next to the wanted ones that keep the order and the gaps.
fn packed(row: &[Cell], wanted: Option<&[f64]>) -> Vec<f64> {
    let total: f64 = row.iter().map(|cell| width_of(*cell)).sum();
    let mut at = -total / 2.0;
    let mut tight = Vec::with_capacity(row.len());
    for cell in row {
        tight.push(at + width_of(*cell) / 2.0);
        at += width_of(*cell);
    }
    let Some(wanted) = wanted else { return tight };
    let gap = |index: usize| (width_of(row[index]) + width_of(row[index - 1])) / 2.0;
    let (mut right, mut left) = (wanted.to_vec(), wanted.to_vec());
    // Compared by hand: in a part of the page `max` and `min` of floats are calls into another file.
    for index in 1..row.len() {
        let least = right[index - 1] + gap(index);
        if right[index] < least {
            right[index] = least;
        }
    }
    for index in (1..row.len()).rev() {
        let most = left[index] - gap(index);
        if left[index - 1] > most {
            left[index - 1] = most;
        }
    }
    right.iter().zip(&left).map(|(a, b)| f64::midpoint(*a, *b)).collect()
}

fn place(
    count: usize,
    rows: &[Vec<Cell>],
    centres: &[Vec<f64>],
    chains: &[Vec<Cell>],
    calls: &[(usize, usize)],
    layer: &[usize],
    stated: &[Option<(f64, f64)>],
) -> Layout {
    let mut places = vec![(0.0, 0.0); count];
    // Bends of a line stand one behind the other, from its first layer on.
    let span = |&(from, to): &(usize, usize)| layer[to].saturating_sub(layer[from] + 1);
    let mut first = Vec::with_capacity(calls.len());
    let mut bends_of_all = 0;
    for call in calls {
        first.push(bends_of_all);
        bends_of_all += span(call);
    }
    let mut bends = vec![f64::NAN; if rows.is_empty() { 0 } else { bends_of_all }];
    let bend = |line: usize, row: usize| first[line] + row - layer[calls[line].0] - 1;
    for (row, cells) in rows.iter().enumerate() {
        for (cell, x) in cells.iter().zip(&centres[row]) {
            match cell {
                Cell::Node(node) => places[*node] = (x - BOX.0 / 2.0, row as f64 * (BOX.1 + GAP.1)),
                Cell::Bend(line) => {
                    bends[bend(*line, row)] = *x;
                }
            }
        }
    }
    let moved = |node: usize| stated.get(node).copied().flatten().is_some();
    for (place, stated) in places.iter_mut().zip(stated) {
        if let Some(stated) = stated {
            *place = *stated;
        }
    }
    let every = count > 0 && (0..count).all(moved);
    let left =
        places.iter().map(|place| place.0).chain(bends.iter().map(|x| x - LANE / 2.0)).fold(f64::INFINITY, f64::min);
    let top = places.iter().map(|place| place.1).fold(f64::INFINITY, f64::min);
    // A drawing that a person placed keeps its coordinates: moving one box past the edge moves no other.
    let (left, top) = if count == 0 || every { (0.0, 0.0) } else { (left, top) };
    for place in &mut places {
        *place = (place.0 - left, place.1 - top);
    }
    if !every {
        free(&mut places, stated, calls);
    }
    let lines = chains.iter().enumerate().map(|(line, _)| {
        let (from, to) = calls[line];
        let start = (places[from].0 + BOX.0 / 2.0, places[from].1 + BOX.1);
        let end = (places[to].0 + BOX.0 / 2.0, places[to].1);
        let mut points = vec![start];
        if !moved(from) && !moved(to) {
            for row in layer[from] + 1..layer[to] {
                if let Some(x) = bends.get(bend(line, row)) {
                    let y = row as f64 * (BOX.1 + GAP.1) - top;
                    points.extend([(x - left, y), (x - left, y + BOX.1)]);
                }
            }
        }
        points.push(end);
        points
    });
    let lines: Vec<Vec<(f64, f64)>> = lines.collect();
    let least = |value: fn(&(f64, f64)) -> f64| places.iter().map(value).fold(f64::INFINITY, f64::min);
    let origin =
        if count == 0 { (0.0, 0.0) } else { (least(|place| place.0).min(0.0), least(|place| place.1).min(0.0)) };
    let origin = if every { (least(|place| place.0), least(|place| place.1)) } else { origin };
    let right = places
        .iter()
        .map(|place| place.0 + BOX.0)
        .chain(lines.iter().flatten().map(|point| point.0))
        .fold(origin.0, f64::max);
    let bottom = places.iter().map(|place| place.1 + BOX.1).fold(origin.1, f64::max);
    Layout { places, lines, origin, width: right - origin.0, height: bottom - origin.1 }
}

/// Boxes that nobody placed among some that somebody did: below their caller, beside what stands there already.
fn free(places: &mut [(f64, f64)], stated: &[Option<(f64, f64)>], calls: &[(usize, usize)]) {
    let placed = |node: usize| stated.get(node).copied().flatten();
    if !(0..places.len()).any(|node| placed(node).is_some()) {
        return;
    }
    let mut done: Vec<(f64, f64)> = Vec::new();
    for (node, place) in places.iter_mut().enumerate() {
        if let Some(stated) = placed(node) {
            *place = stated;
            done.push(stated);
        }
    }
    for node in (0..places.len()).filter(|node| placed(*node).is_none()) {
        let caller = calls.iter().find(|(_, to)| *to == node).map(|(from, _)| places[*from]);
        let mut place = caller.map_or((0.0, 0.0), |caller| (caller.0, caller.1 + BOX.1 + GAP.1));
        while done
            .iter()
            .any(|other| (other.0 - place.0).abs() < BOX.0 + 4.0 && (other.1 - place.1).abs() < BOX.1 + 4.0)
        {
            place.0 += BOX.0 + GAP.0;
        }
        places[node] = place;
        done.push(place);
    }
}

/// A smooth path through the points of a line, vertical where it leaves and arrives.
pub fn path(points: &[(f64, f64)]) -> String {
    let Some(first) = points.first() else { return String::new() };
    let mut text = String::with_capacity(64 * points.len());
    // Figures of a path and what stands before each. Hundreds of lines have thousands of them.
    let mut write = |figures: &[(char, f64)]| figures.iter().for_each(|(sign, value)| tenths(&mut text, *sign, *value));
    write(&[('M', first.0), (',', first.1)]);
    for pair in points.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        if (a.0 - b.0).abs() < 0.1 {
            write(&[('L', b.0), (',', b.1)]);
        } else {
            let middle = f64::midpoint(a.1, b.1);
            write(&[('C', a.0), (',', middle), (' ', b.0), (',', middle), (' ', b.0), (',', b.1)]);
        }
    }
    text
}

/// A sign and a figure to a tenth of a pixel: what `{:.1}` gives, without its care for what no screen shows.
fn tenths(text: &mut String, sign: char, value: f64) {
    let tenths = (value * 10.0).round() as i64;
    let minus = if tenths < 0 { "-" } else { "" };
    let (whole, rest) = (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10);
    // Small numbers, written digit by digit.
    let mut digits = [b'0'; 20];
    let (mut at, mut left) = (digits.len(), whole);
    loop {
        at -= 1;
        digits[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    text.push(sign);
    text.push_str(minus);
    digits[at..].iter().for_each(|digit| text.push(char::from(*digit)));
    text.push('.');
    text.push(char::from(b'0' + rest as u8));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_a_path() {
        let rows =
            [(0.0, "M0.0"), (-0.04, "M0.0"), (-0.06, "M-0.1"), (7.96, "M8.0"), (1234.56, "M1234.6"), (-80.0, "M-80.0")];
        for (value, expected) in rows {
            let mut text = String::new();
            tenths(&mut text, 'M', value);
            assert_eq!(text, expected);
        }
        assert_eq!(path(&[(1.0, 2.0), (1.0, 4.0), (3.0, 8.0)]), "M1.0,2.0L1.0,4.0C1.0,6.0 3.0,6.0 3.0,8.0");
        assert_eq!(path(&[]), "");
    }

    #[test]
    fn a_large_system_is_laid_out() {
        let calls: Vec<(usize, usize)> =
            (0..500).flat_map(|n| (1..=3).map(move |k| (n, 3 * n + k))).filter(|(_, to)| *to < 500).collect();
        let found = layout(500, &calls, &[None; 500], 6);
        for (from, to) in &calls {
            assert!(found.places[*from].1 + BOX.1 < found.places[*to].1, "{to} stands below {from}");
        }
        for (index, one) in found.places.iter().enumerate() {
            let met = |other: &(f64, f64)| (one.0 - other.0).abs() < BOX.0 && (one.1 - other.1).abs() < BOX.1;
            assert!(!found.places[index + 1..].iter().any(met), "{index} stands alone");
        }
    }

    fn overlaps(layout: &Layout) -> usize {
        let mut found = 0;
        for (index, a) in layout.places.iter().enumerate() {
            for b in &layout.places[index + 1..] {
                found += usize::from((a.0 - b.0).abs() < BOX.0 && (a.1 - b.1).abs() < BOX.1);
            }
        }
        found
    }

    #[test]
    fn callers_stand_above_and_boxes_apart() {
        let rows: [(usize, &[(usize, usize)]); 4] = [
            (6, &[(0, 1), (0, 2), (0, 3), (0, 4), (4, 5)]),
            (5, &[(0, 1), (1, 2), (2, 3), (0, 3), (3, 4), (0, 4)]),
            (1, &[]),
            (7, &[(0, 1), (0, 2), (1, 3), (2, 3), (3, 4), (3, 5), (1, 6), (2, 6)]),
        ];
        for (count, calls) in rows {
            let layout = layout(count, calls, &[], 9);
            assert_eq!(overlaps(&layout), 0, "{layout:?}");
            for &(from, to) in calls {
                assert!(layout.places[from].1 < layout.places[to].1);
            }
            assert!(layout.places.iter().all(|place| place.0 >= -1e-9 && place.1 >= -1e-9));
        }
    }

    #[test]
    fn a_long_line_goes_around_the_boxes_between() {
        let layout = layout(3, &[(0, 1), (1, 2), (0, 2)], &[], 9);
        let line = &layout.lines[2];
        assert_eq!(line.len(), 4);
        let (left, right) = (layout.places[1].0, layout.places[1].0 + BOX.0);
        assert!(line[1].0 <= left || line[1].0 >= right, "{layout:?}");
    }

    #[test]
    fn loops_and_nothing_end() {
        assert_eq!(layout(0, &[], &[], 9), Layout::default());
        let layout = layout(3, &[(0, 1), (1, 2), (2, 0), (1, 1)], &[], 9);
        assert_eq!(layout.places.len(), 3);
    }

    #[test]
    fn a_hundred_boxes_stand_apart() {
        let calls: Vec<(usize, usize)> = (1..100).map(|node| ((node - 1) / 3, node)).collect();
        assert_eq!(overlaps(&layout(100, &calls, &[], 9)), 0);
    }

    #[test]
    fn a_stated_place_is_kept_relative_to_the_others() {
        let layout = layout(2, &[(0, 1)], &[Some((0.0, 0.0)), Some((300.0, 40.0))], 9);
        assert_eq!(layout.places, vec![(0.0, 0.0), (300.0, 40.0)]);
    }

    #[test]
    fn a_new_box_finds_a_place_among_placed_ones() {
        let stated = [Some((-400.0, 0.0)), Some((-400.0, 102.0)), None];
        let layout = layout(3, &[(0, 1), (0, 2)], &stated, 9);
        assert_eq!(layout.places[..2], [(-400.0, 0.0), (-400.0, 102.0)]);
        assert_eq!(overlaps(&layout), 0, "{layout:?}");
        assert!(layout.origin.0 <= -400.0);
    }

    #[test]
    fn a_narrow_board_makes_a_tall_drawing() {
        let calls: Vec<(usize, usize)> = (1..9).map(|node| (0, node)).collect();
        let (narrow, broad) = (layout(9, &calls, &[], 2), layout(9, &calls, &[], 9));
        assert!(narrow.height > broad.height && overlaps(&narrow) == 0);
    }
}
