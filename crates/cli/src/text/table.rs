//! Aligned columns.

/// A table: columns of text to the left, columns of figures to the right.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
    text: Vec<usize>,
}

impl Table {
    /// A table with these headings; the first column is text.
    pub(super) fn new<S: Into<String>>(headings: impl IntoIterator<Item = S>) -> Self {
        Self { rows: vec![headings.into_iter().map(Into::into).collect()], text: vec![0] }
    }

    /// Makes further columns (from 0) text.
    pub(super) fn with_text(mut self, columns: &[usize]) -> Self {
        self.text.extend(columns);
        self
    }

    /// Adds a row.
    pub(super) fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Whether it has rows besides its headings.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.len() <= 1
    }

    /// Writes it, two spaces between columns, after an indentation.
    pub(super) fn write(&self, indentation: &str, out: &mut String) {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|column| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0))
            .collect();
        for row in &self.rows {
            let mut line = String::from(indentation);
            for (column, cell) in row.iter().enumerate() {
                let padding = " ".repeat(widths[column] - width(cell));
                let (before, after) = if self.text.contains(&column) { ("", &*padding) } else { (&*padding, "") };
                let gap = if column == 0 { "" } else { "  " };
                line.extend([gap, before, cell, after]);
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
}

/// Characters, which is what a terminal shows for the signs used here.
fn width(cell: &str) -> usize {
    cell.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let mut table = Table::new(["growth", "p95", "why"]).with_text(&[2]);
        table.row(["×1", "110 ms", "x"]);
        table.row(["×10", ""]);
        let mut out = String::new();
        table.write("  ", &mut out);
        assert_eq!(out, "  growth     p95  why\n  ×1      110 ms  x\n  ×10\n");
    }
}
