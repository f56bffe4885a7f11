//! Where copies of an installation go: a folder, or storage that speaks S3.

mod s3;

use crate::{SystemClock, random};
use anyhow::{Context as _, Result};
use engine::Clock as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::backup::{Backup, Folder, Vault};

pub(crate) use s3::S3;

/// Where the copy of an installation is kept, and how often it is brought up.
#[derive(Clone)]
pub struct CopyTo {
    /// The data.
    pub data: Arc<dyn Vault>,
    /// The keys.
    pub keys: Arc<dyn Vault>,
    /// The time between two rounds.
    pub every: Duration,
}

impl CopyTo {
    /// What the store does with it.
    pub(crate) fn backup(&self) -> Backup {
        let now = Arc::new(|| SystemClock.now());
        let (data, keys) = (Arc::clone(&self.data), Arc::clone(&self.keys));
        Backup {
            every: self.every,
            ..Backup::new(data, keys, now, Box::new(random))
        }
    }
}

/// A place by its address: a folder, or `s3://BUCKET/PREFIX?endpoint=URL&region=NAME`, with its key id and secret in two
/// lines of a file.
///
/// # Errors
/// A sentence that says what is wrong with the address or the file.
pub(crate) fn open(address: &str, secrets: Option<&Path>) -> Result<Arc<dyn Vault>> {
    let Some(bucket) = address.strip_prefix("s3://") else {
        return Ok(Arc::new(Folder::new(Path::new(address))));
    };
    let file = secrets.with_context(|| {
        format!("{address} を使うための鍵のファイル（1行目にアクセスキー、2行目に秘密鍵）を指定してください")
    })?;
    let login = crate::commands::two_lines(file)?;
    Ok(Arc::new(S3::open(bucket, login)?))
}
