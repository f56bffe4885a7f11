//! As much CSV (RFC 4180) as a small table wants.

/// Rows with the line on which each begins, blank lines left out.
pub(super) fn rows(text: &str) -> impl Iterator<Item = (usize, Vec<String>)> + '_ {
    let mut chars = text.trim_start_matches('\u{feff}').chars().peekable();
    let mut line = 1;
    std::iter::from_fn(move || {
        loop {
            chars.peek()?;
            let (start, mut row, mut cell, mut quoted) = (line, Vec::new(), String::new(), false);
            while let Some(c) = chars.next() {
                line += usize::from(c == '\n');
                match c {
                    '"' if quoted && chars.next_if_eq(&'"').is_some() => cell.push('"'),
                    '"' => quoted = !quoted,
                    ',' if !quoted => row.push(std::mem::take(&mut cell)),
                    '\r' if !quoted => {}
                    '\n' if !quoted => break,
                    _ => cell.push(c),
                }
            }
            row.push(cell);
            if row.iter().any(|cell| !cell.is_empty()) {
                return Some((start, row));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn quotes_and_blank_lines() {
        let read: Vec<_> =
            super::rows("\u{feff}a,b\r\n\n\"x, \"\"y\"\"\",\"1\n2\"\nlast,").collect();
        let row = |cells: [&str; 2]| cells.map(String::from).to_vec();
        assert_eq!(
            read,
            [
                (1, row(["a", "b"])),
                (3, row(["x, \"y\"", "1\n2"])),
                (5, row(["last", ""]))
            ]
        );
    }
}
