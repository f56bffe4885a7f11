//! Files read line by line.

use anyhow::{Context as _, Result};
use serde::de::DeserializeOwned;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::marker::PhantomData;
use std::path::Path;

/// The lines of one file or of several, one after another.
pub(super) struct Lines<T> {
    files: std::vec::IntoIter<std::path::PathBuf>,
    open: Option<(String, BufReader<File>)>,
    number: u64,
    kind: PhantomData<T>,
}

impl<T: DeserializeOwned> Lines<T> {
    /// Reads files in a folder in the given order; those not there are passed over.
    pub(super) fn new(root: &Path, paths: &[String]) -> Self {
        let places = paths.iter().map(|path| root.join(path));
        let places: Vec<_> = places.filter(|place| place.exists()).collect();
        Self {
            files: places.into_iter(),
            open: None,
            number: 0,
            kind: PhantomData,
        }
    }

    /// The next line; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<T>> {
        let mut line = Vec::new();
        loop {
            let Some((name, reader)) = &mut self.open else {
                let Some(place) = self.files.next() else {
                    return Ok(None);
                };
                let file = File::open(&place);
                let file = file.with_context(|| format!("{} を読めません", place.display()))?;
                self.number = 0;
                self.open = Some((place.display().to_string(), BufReader::new(file)));
                continue;
            };
            if reader.read_until(b'\n', &mut line)? == 0 {
                self.open = None;
                continue;
            }
            self.number += 1;
            // Only the place is told: the line itself may be personal.
            let read = serde_json::from_slice(&line);
            return Ok(Some(read.map_err(|_| {
                anyhow::anyhow!("{name} の{}行目を読み取れません", self.number)
            })?));
        }
    }

    /// At most so many lines.
    pub(super) fn some(&mut self, most: usize) -> Result<Vec<T>> {
        let mut some = Vec::new();
        while some.len() < most
            && let Some(one) = self.next()?
        {
            some.push(one);
        }
        Ok(some)
    }

    /// Passes over lines that were seen to before.
    pub(super) fn skip(&mut self, lines: u64) -> Result<()> {
        for _ in 0..lines {
            self.next()?;
        }
        Ok(())
    }
}
