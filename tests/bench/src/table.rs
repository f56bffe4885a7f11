//! The table that the bench prints.

/// Lines of measure, value and target.
#[derive(Default)]
pub(crate) struct Table(Vec<[String; 3]>);

impl Table {
    /// Adds a line, and says it at once, since a whole run takes minutes.
    pub(crate) fn add(&mut self, what: impl Into<String>, value: impl Into<String>, target: &str) {
        let line = [what.into(), value.into(), target.to_owned()];
        println!("  {} … {}", line[0], line[1]);
        self.0.push(line);
    }

    /// Prints all lines.
    pub(crate) fn print(&self) {
        println!("\n| measure | value | target |\n| --- | --- | --- |");
        for [what, value, target] in &self.0 {
            println!("| {what} | {value} | {target} |");
        }
    }
}
