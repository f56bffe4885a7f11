//! What a long command says while it works.

/// Lines between two words to the operator.
const EVERY: u64 = 50_000;

/// How far it is.
#[derive(Debug, Default)]
pub(super) struct Progress {
    done: u64,
    what: &'static str,
}

impl Progress {
    /// Something else is done from now on.
    pub(super) fn turn_to(&mut self, what: &'static str) {
        self.done = 0;
        self.what = what;
        eprintln!("{what}…");
    }

    /// So many more are done.
    pub(super) fn add(&mut self, lines: u64) {
        let before = self.done / EVERY;
        self.done += lines;
        if self.done / EVERY > before {
            eprintln!("{}… {}件", self.what, self.done);
        }
    }
}
