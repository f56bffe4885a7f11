//! Input that nobody would write, for parsers: what is right is cut, doubled, joined and written over. Stable Rust, no
//! instrumentation, nothing to build besides; `docs/decisions/0044-hostile.md` says what was weighed.
//!
//! Every day some thousand inputs a target; `TSUMUGI_FUZZ_SECONDS=600` goes on for so long, with other inputs in each run
//! unless `TSUMUGI_FUZZ_SEED` says which (a failure names it).
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "how long is told by the machine's clock; a test says what it did, and fails where it must"
)]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

/// Inputs of a target where no time is given.
const EVERY_DAY: u64 = 3_000;
/// One input that takes longer hangs whoever reads it.
const PATIENCE: Duration = Duration::from_secs(5);
const LONGEST_BYTES: usize = 20_000;
/// What parsers stumble over, whatever they read.
const STRANGE: &[&[u8]] = &[
    b"",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\r\n",
    b"\n\n",
    b"\t",
    b" ",
    b"\"",
    b"'",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"%",
    b"%00",
    b"%zz",
    b"{",
    b"}",
    b"[",
    b"]",
    b"(",
    b")",
    b"<",
    b">",
    b"&",
    b"*",
    b"#",
    b"!",
    b"|",
    b"---",
    b":",
    b": ",
    b",",
    b";",
    b"=",
    b"==",
    b".",
    b"..",
    b"/",
    b"-",
    b"-0",
    b"0",
    b"1",
    b"9",
    b"00",
    b"1e9999",
    b"1e-9999",
    b"0.1",
    b"-1",
    b"255",
    b"256",
    b"65536",
    b"2147483648",
    b"4294967296",
    b"-9223372036854775808",
    b"9223372036854775807",
    b"18446744073709551616",
    b"79228162514264337593543950336",
    b"99999999999999999999999999999999999999",
    b"NaN",
    b"null",
    b"true",
    "０".as_bytes(),
    "９".as_bytes(),
    "　".as_bytes(),
    "〇".as_bytes(),
    "令和".as_bytes(),
    "元年".as_bytes(),
    "ｶﾞ".as_bytes(),
    "か\u{3099}".as_bytes(),
    "\u{301}".as_bytes(),
    "\u{202e}".as_bytes(),
    "\u{200d}".as_bytes(),
    "\u{feff}".as_bytes(),
    "\u{fffd}".as_bytes(),
    "𠮷".as_bytes(),
    "İ".as_bytes(),
    "ß".as_bytes(),
    "ﷺ".as_bytes(),
    "\u{2028}".as_bytes(),
];

/// Gives `target` what is made of `seeds` and `words` (what the grammar of the target is made of). An input on which it
/// panics, or which it takes seconds for, fails the test and is told.
///
/// # Panics
/// If the target does.
pub fn fuzz(name: &str, seeds: &[&[u8]], words: &[&str], target: impl Fn(&[u8])) {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let seconds = number("TSUMUGI_FUZZ_SECONDS").map(Duration::from_secs);
    let fresh = || {
        let since = std::time::SystemTime::UNIX_EPOCH.elapsed();
        since.map_or(1, |since| u64::from(since.subsec_nanos()))
    };
    let seed = number("TSUMUGI_FUZZ_SEED").unwrap_or_else(|| seconds.map_or(44, |_| fresh()));
    let begun = Instant::now();
    let mut maker = Maker::new(seed, seeds, words);
    let mut count = 0;
    while seconds.map_or(count < EVERY_DAY, |seconds| begun.elapsed() < seconds) {
        let input = match usize::try_from(count).ok().and_then(|at| seeds.get(at)) {
            Some(seed) => seed.to_vec(),
            None => maker.make(),
        };
        count += 1;
        let at = Instant::now();
        let ended = catch_unwind(AssertUnwindSafe(|| target(&input)));
        if let Err(panic) = ended {
            println!("{name}: input {count} of seed {seed}: {}", told(&input));
            resume_unwind(panic);
        }
        let took = at.elapsed();
        assert!(
            took < PATIENCE,
            "{name}: {took:?} for input {count} of seed {seed}: {}",
            told(&input)
        );
    }
    println!("{name}: {count} inputs");
}

/// The same for what reads text.
///
/// # Panics
/// If the target does.
pub fn fuzz_text(name: &str, seeds: &[&str], words: &[&str], target: impl Fn(&str)) {
    let seeds: Vec<&[u8]> = seeds.iter().map(|seed| seed.as_bytes()).collect();
    fuzz(name, &seeds, words, |bytes| {
        target(&String::from_utf8_lossy(bytes))
    });
}

fn told(input: &[u8]) -> String {
    let shown = &input[..input.len().min(2_000)];
    format!("{} bytes, b\"{}\"", input.len(), shown.escape_ascii())
}

/// Makes inputs. What it made is taken up again now and then, so that changes add up.
struct Maker<'s> {
    state: u64,
    pool: Vec<Vec<u8>>,
    words: Vec<&'s [u8]>,
}

impl<'s> Maker<'s> {
    fn new(seed: u64, seeds: &[&[u8]], words: &[&'s str]) -> Self {
        let mut words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        words.extend(STRANGE);
        let mut pool: Vec<Vec<u8>> = seeds.iter().map(|seed| seed.to_vec()).collect();
        pool.push(Vec::new());
        Self {
            state: seed,
            pool,
            words,
        }
    }

    /// `SplitMix64` (Steele, Lea and Flood 2014).
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `limit`; 0 where there is nothing to choose.
    fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.next() % limit).unwrap_or_default()
    }

    fn make(&mut self) -> Vec<u8> {
        let from = self.below(self.pool.len());
        let mut input = self.pool[from].clone();
        for _ in 0..=self.below(6) {
            self.change(&mut input);
        }
        input.truncate(LONGEST_BYTES);
        if self.below(8) == 0 {
            const KEPT: usize = 400;
            if self.pool.len() < KEPT {
                self.pool.push(input.clone());
            } else {
                let place = KEPT / 2 + self.below(KEPT / 2);
                self.pool[place] = input.clone();
            }
        }
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.below(input.len() + 1);
        let until = (at + self.below(32)).min(input.len());
        match self.below(10) {
            0 => input.truncate(at),
            1 => drop(input.drain(at..until)),
            2 if at < input.len() => input[at] ^= 1 << self.below(8),
            3 if at < input.len() => input[at] = [0, 1, 0x7f, 0x80, 0xfe, 0xff][self.below(6)],
            4 => {
                let part = input[at..until].to_vec();
                // Deep nesting is a part, many times.
                let many = [1, 2, 10, 300][self.below(4)];
                drop(input.splice(at..at, part.repeat(many)));
            }
            5 => {
                let other = self.below(self.pool.len());
                let other = self.pool[other].clone();
                let from = self.below(other.len() + 1);
                drop(input.splice(at..until, other[from..].iter().copied()));
            }
            6 => {
                let word = self.below(self.words.len());
                let word = self.words[word];
                let many = [1, 1, 1, 3, 500][self.below(5)];
                drop(input.splice(at..at, word.repeat(many)));
            }
            _ => {
                let word = self.below(self.words.len());
                let word = self.words[word];
                drop(input.splice(at..until, word.iter().copied()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::{Cell, RefCell};
    use std::collections::HashSet;

    #[test]
    fn inputs_differ_and_come_again_with_their_seed() {
        let made = |seed| {
            let mut maker = Maker::new(seed, &[b"one,two"], &["three"]);
            (0..500).map(|_| maker.make()).collect::<Vec<_>>()
        };
        let first = made(1);
        assert_eq!(first, made(1));
        assert_ne!(first, made(2));
        let different: HashSet<&Vec<u8>> = first.iter().collect();
        assert!(different.len() > 350, "{}", different.len());
    }

    #[test]
    fn the_seeds_come_first_and_a_panic_is_not_swallowed() {
        let seen = RefCell::new(Vec::new());
        fuzz("seen", &[b"a", b"b"], &[], |input| {
            seen.borrow_mut().push(input.to_vec())
        });
        assert_eq!(&seen.borrow()[..2], [b"a", b"b"]);
        let met = Cell::new(0);
        let ended = catch_unwind(AssertUnwindSafe(|| {
            fuzz("met", &[b"x"], &[], |_| {
                met.set(met.get() + 1);
                assert!(met.get() < 10);
            });
        }));
        assert!(ended.is_err() && met.get() == 10);
    }
}
