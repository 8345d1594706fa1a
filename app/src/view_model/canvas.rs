//! The drawing board: where it is looked at from, what lies under the pointer, and what a drag changes.

use super::layout::{BOX, path};
use super::topology::{APART, Drawing};

/// Smallest size at which the text of a box is read without effort.
pub const READABLE: f64 = 0.76;
/// A little smaller is taken where all of it fits then: a box that is cut off says less.
const FITTING: f64 = 0.68;
/// Largest: a small system is not blown up.
pub const LARGEST: f64 = 1.15;
/// Ends of the zoom.
const ZOOM: (f64, f64) = (0.04, 3.0);
/// Space around a fitted drawing.
const MARGIN: f64 = 4.0;
/// Space left beside a box that is brought into sight, pixels.
const AROUND: f64 = 12.0;
/// Places are kept on this grid.
const GRID: f64 = 4.0;

/// A place in the drawing or on the board.
pub type Point = (f64, f64);

/// From where the drawing is looked at: board = drawing x scale + shift.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    pub x: f64,
    pub y: f64,
    pub scale: f64,
}

impl View {
    /// All of the drawing on the board.
    pub fn fit(drawing: &Drawing, board: Point) -> Self {
        let (width, height) = (drawing.width + 2.0 * MARGIN, drawing.height + 2.0 * MARGIN);
        let scale = (board.0 / width).min(board.1 / height).clamp(ZOOM.0, LARGEST);
        Self::centred(drawing, board, scale)
    }

    /// As wide as the board, but never so small that it cannot be read: then the part below the uppermost box.
    pub fn readable(drawing: &Drawing, board: Point) -> Self {
        let fitted = board.0 / (drawing.width + 2.0 * MARGIN);
        let least = if fitted >= FITTING { FITTING } else { READABLE };
        let view = Self::centred(drawing, board, fitted.clamp(least, LARGEST));
        let uppermost = drawing.boxes.iter().map(|(_, place)| *place).min_by(|a, b| a.1.total_cmp(&b.1));
        let Some((x, _)) = uppermost.filter(|_| fitted < least) else { return view };
        let (left, margin) = (drawing.origin.0 * view.scale, MARGIN * view.scale);
        let below = board.0 / 2.0 - (x + BOX.0 / 2.0) * view.scale;
        // No empty ground beside the drawing while some of it is out of sight.
        let ends = (board.0 - margin - left - drawing.width * view.scale, margin - left);
        Self { x: below.clamp(ends.0.min(ends.1), ends.1), ..view }
    }

    fn centred(drawing: &Drawing, board: Point, scale: f64) -> Self {
        let room =
            |board: f64, size: f64, origin: f64| ((board - size * scale) / 2.0).max(MARGIN * scale) - origin * scale;
        let (left, top) = drawing.origin;
        Self { x: room(board.0, drawing.width, left), y: MARGIN * scale - top * scale, scale }
    }

    /// A place of the board in the drawing.
    pub fn inside(&self, (x, y): Point) -> Point {
        ((x - self.x) / self.scale, (y - self.y) / self.scale)
    }

    /// Nearer or farther, with what is under `at` staying there.
    pub fn zoomed(&self, factor: f64, at: Point) -> Self {
        let scale = (self.scale * factor).clamp(ZOOM.0, ZOOM.1);
        let (x, y) = self.inside(at);
        Self { x: at.0 - x * scale, y: at.1 - y * scale, scale }
    }

    /// Pushed along.
    pub fn shifted(&self, dx: f64, dy: f64) -> Self {
        Self { x: self.x + dx, y: self.y + dy, ..*self }
    }

    /// The same where all of a box is on the board; else pushed along as little as brings it there with its surroundings.
    pub fn showing(&self, (x, y): Point, board: Point) -> Self {
        // Where it does not fit, its upper left corner is what is seen.
        let push = |at: f64, size: f64, board: f64| {
            let (before, after) = (at - AROUND, at + size + AROUND);
            if at >= 0.0 && at + size <= board {
                0.0
            } else if at < 0.0 || after - before > board {
                -before
            } else {
                board - after
            }
        };
        let push_x = push(x * self.scale + self.x, BOX.0 * self.scale, board.0);
        let push_y = push(y * self.scale + self.y, BOX.1 * self.scale, board.1);
        self.shifted(push_x, push_y)
    }

    /// As an SVG transform.
    pub fn transform(&self) -> String {
        format!("translate({:.2} {:.2}) scale({:.4})", self.x, self.y, self.scale)
    }
}

/// The box at a place of the drawing.
pub fn hit(drawing: &Drawing, (x, y): Point) -> Option<usize> {
    let inside = |place: &Point| x >= place.0 && x <= place.0 + BOX.0 && y >= place.1 && y <= place.1 + BOX.1;
    drawing.boxes.iter().rposition(|(_, place)| inside(place))
}

/// The boxes that a frame between two places touches.
pub fn framed(drawing: &Drawing, a: Point, b: Point) -> Vec<usize> {
    let (left, right) = (a.0.min(b.0), a.0.max(b.0));
    let (top, bottom) = (a.1.min(b.1), a.1.max(b.1));
    let touches =
        |place: &Point| place.0 + BOX.0 >= left && place.0 <= right && place.1 + BOX.1 >= top && place.1 <= bottom;
    (0..drawing.boxes.len()).filter(|index| touches(&drawing.boxes[*index].1)).collect()
}

/// The box that a key leads to. The arrows lead to what is near, which may leave one out; by the pages all are come to in turn.
pub fn led_to(drawing: &Drawing, from: usize, key: &str) -> Option<usize> {
    let last = drawing.boxes.len().checked_sub(1)?;
    match key {
        "Home" => Some(0),
        "End" => Some(last),
        "PageUp" => Some(from.checked_sub(1).unwrap_or(last)),
        "PageDown" => Some(if from >= last { 0 } else { from + 1 }),
        key => beside(drawing, from, direction(key)?),
    }
}

/// The way that an arrow key points.
pub fn direction(key: &str) -> Option<Point> {
    match key {
        "ArrowLeft" => Some((-1.0, 0.0)),
        "ArrowRight" => Some((1.0, 0.0)),
        "ArrowUp" => Some((0.0, -1.0)),
        "ArrowDown" => Some((0.0, 1.0)),
        _ => None,
    }
}

/// The next box in a direction.
fn beside(drawing: &Drawing, from: usize, (dx, dy): Point) -> Option<usize> {
    let here = drawing.boxes.get(from)?.1;
    let distance = |index: usize| {
        let there = drawing.boxes[index].1;
        let (x, y) = (there.0 - here.0, there.1 - here.1);
        let (along, across) = (x * dx + y * dy, (x * dy - y * dx).abs());
        (along > 1.0).then_some(along + 2.0 * across)
    };
    let all =
        (0..drawing.boxes.len()).filter(|index| *index != from).filter_map(|index| Some((index, distance(index)?)));
    all.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(index, _)| index)
}

/// A node or line that a drag changes, as attributes to write.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A box by its index, at a new place.
    Box(usize, Point),
    /// A line by its index: its path and where its label stands.
    Line(usize, String, Point),
}

/// On the grid.
pub fn snapped((x, y): Point) -> Point {
    ((x / GRID).round() * GRID, (y / GRID).round() * GRID)
}

/// What changes while boxes are dragged by so much.
pub fn dragged(drawing: &Drawing, moved: &[usize], (dx, dy): Point) -> Vec<Change> {
    // An undo may have taken boxes away while they were held.
    let place = |index: usize| {
        let at = drawing.boxes.get(index)?.1;
        Some(if moved.contains(&index) { snapped((at.0 + dx, at.1 + dy)) } else { at })
    };
    let mut changes: Vec<Change> = moved.iter().filter_map(|index| Some(Change::Box(*index, place(*index)?))).collect();
    for (number, line) in drawing.lines.iter().enumerate() {
        let (from, to) = line.ends;
        let met = moved.contains(&from) || moved.contains(&to);
        if let Some((from, to)) = place(from).zip(place(to)).filter(|_| met) {
            let ends = straight(from, to).map(|(x, y)| (x + line.side * APART.0, y));
            let middle = f64::midpoint(ends[0].1, ends[1].1) + line.side * APART.1;
            let middle = (f64::midpoint(ends[0].0, ends[1].0), middle);
            changes.push(Change::Line(number, path(&ends), middle));
        }
    }
    changes
}

/// The same nodes where they stand.
pub fn resting(drawing: &Drawing, boxes: &[usize]) -> Vec<Change> {
    let own = |index: &usize| Some(Change::Box(*index, drawing.boxes.get(*index)?.1));
    let lines = drawing.lines.iter().enumerate();
    let met = lines.filter(|(_, line)| boxes.contains(&line.ends.0) || boxes.contains(&line.ends.1));
    let met = met.map(|(number, line)| Change::Line(number, line.path.clone(), line.middle));
    boxes.iter().filter_map(own).chain(met).collect()
}

/// From a caller's lower edge to a callee's upper edge.
pub fn straight(from: Point, to: Point) -> [Point; 2] {
    [(from.0 + BOX.0 / 2.0, from.1 + BOX.1), (to.0 + BOX.0 / 2.0, to.1)]
}

#[cfg(test)]
mod tests {
    use super::super::topology::drawing;
    use super::*;
    use serde_json::json;

    fn board() -> Drawing {
        drawing(
            &json!({"components": [
            {"id": "a", "position": [0, 0], "calls": [{"to": "b"}]},
            {"id": "b", "position": [200, 120]},
            {"id": "c", "position": [-200, 120]}]}),
            3,
        )
    }

    #[test]
    fn there_and_back_and_what_is_pointed_at_stays() {
        let view = View { x: 10.0, y: -4.0, scale: 0.5 };
        let at = (40.0, 60.0);
        let before = view.inside(at);
        for factor in [0.5, 2.0, 1e9] {
            let after = view.zoomed(factor, at).inside(at);
            assert!((before.0 - after.0).abs() < 1e-6 && (before.1 - after.1).abs() < 1e-6);
        }
        assert_eq!(view.shifted(5.0, 5.0).x, 15.0);
    }

    #[test]
    fn a_drawing_fits_and_is_readable() {
        let board = board();
        let fitted = View::fit(&board, (300.0, 300.0));
        for (_, place) in &board.boxes {
            let (x, y) = (place.0 * fitted.scale + fitted.x, place.1 * fitted.scale + fitted.y);
            assert!(x >= -1e-6 && y >= -1e-6 && x + BOX.0 * fitted.scale <= 300.0 + 1e-6, "{x} {y}");
        }
        for (share, scale) in
            [(0.5, READABLE), (0.67, READABLE), (0.69, 0.69), (0.74, 0.74), (0.9, 0.9), (2.0, LARGEST)]
        {
            let wide = share * (board.width + 2.0 * MARGIN);
            assert!((View::readable(&board, (wide, 300.0)).scale - scale).abs() < 1e-9, "{share}");
        }
    }

    #[test]
    fn a_large_drawing_opens_at_its_entry() {
        let calls: Vec<_> = (1..30).map(|n| json!({"to": format!("c{n}")})).collect();
        let at = |n: i64| json!({"id": format!("c{n}"), "position": [n * 200, 120]});
        // The entry stands over the middle, the left or the right end of what it calls.
        for (entry, middle) in [(3000.0, true), (200.0, false), (5800.0, false)] {
            let mut components: Vec<_> = (1..30).map(at).collect();
            components.push(json!({"id": "entry", "position": [entry, 0], "calls": calls}));
            let board = drawing(&json!({"components": components}), 3);
            let view = View::readable(&board, (300.0, 400.0));
            let seen = (entry * view.scale + view.x, (entry + BOX.0) * view.scale + view.x);
            assert!(seen.0 >= 0.0 && seen.1 <= 300.0, "{entry}: {seen:?}");
            assert_eq!((f64::midpoint(seen.0, seen.1) - 150.0).abs() < 1e-6, middle, "{entry}: {seen:?}");
        }
    }

    #[test]
    fn boxes_under_pointer_and_frame() {
        let board = board();
        assert_eq!(hit(&board, (210.0, 130.0)), Some(1));
        assert_eq!(hit(&board, (1000.0, 0.0)), None);
        assert_eq!(framed(&board, (-300.0, 100.0), (400.0, 130.0)), vec![1, 2]);
    }

    #[test]
    fn keys_lead_from_box_to_box() {
        let board = board();
        let rows = [
            (0, "ArrowRight", Some(1)),
            (0, "ArrowLeft", Some(2)),
            (0, "ArrowUp", None),
            (1, "ArrowUp", Some(0)),
            (1, "Home", Some(0)),
            (0, "End", Some(2)),
            (0, "PageUp", Some(2)),
            (1, "PageDown", Some(2)),
            (2, "PageDown", Some(0)),
            (0, "x", None),
        ];
        for (from, key, wanted) in rows {
            assert_eq!(led_to(&board, from, key), wanted, "{key} from {from}");
        }
        assert_eq!(led_to(&Drawing::default(), 0, "End"), None);
    }

    #[test]
    fn a_box_out_of_sight_is_brought_in() {
        let (width, height) = (BOX.0, BOX.1);
        let board = (2.0 * width, 2.0 * height);
        let shown = |x: f64, y: f64, scale: f64| {
            let view = View { x: 0.0, y: 0.0, scale }.showing((x, y), board);
            (view.x, view.y)
        };
        assert_eq!(shown(0.0, height, 1.0), (0.0, 0.0), "one in sight moves nothing");
        assert_eq!(shown(-500.0, 20.0, 1.0), (500.0 + AROUND, 0.0));
        assert_eq!(shown(20.0, 1000.0, 1.0), (0.0, board.1 - (1000.0 + height + AROUND)));
        assert_eq!(shown(1000.0, 20.0, 0.5), (board.0 - (500.0 + 0.5 * width + AROUND), 0.0));
        assert_eq!(shown(100.0, 100.0, 3.0), (AROUND - 300.0, AROUND - 300.0), "its corner where it is too large");
    }

    #[test]
    fn lines_between_the_same_boxes_stay_apart_while_one_is_dragged() {
        let root = json!({"components": [
            {"id": "a", "position": [0, 0], "calls": [{"to": "b"}, {"to": "b", "mode": "async"}, {"to": "c"}]},
            {"id": "b", "position": [200, 120]},
            {"id": "c", "position": [-200, 120]}]});
        let board = drawing(&root, 3);
        let here = |number: usize| {
            let line = &board.lines[number];
            Change::Line(number, line.path.clone(), line.middle)
        };
        assert_eq!(dragged(&board, &[0], (0.0, 0.0))[1..], [here(0), here(1), here(2)]);
    }

    #[test]
    fn lines_follow_their_boxes() {
        let board = board();
        let changes = dragged(&board, &[1], (11.0, 0.0));
        assert_eq!(changes[0], Change::Box(1, (212.0, 120.0)));
        assert!(matches!(&changes[1], Change::Line(0, path, _) if path.starts_with("M77.0,74.0")), "{changes:?}");
        assert_eq!(dragged(&board, &[2], (4.0, 4.0)).len(), 1);
        assert_eq!(dragged(&board, &[7, 2], (4.0, 4.0)).len(), 1, "one that is gone by now");
        let back = resting(&board, &[1]);
        assert_eq!(back[0], Change::Box(1, board.boxes[1].1));
        assert_eq!(back[1..], [Change::Line(0, board.lines[0].path.clone(), board.lines[0].middle)]);
    }
}
