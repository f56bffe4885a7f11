//! Published packages, content-addressed: a file that many versions share is kept once.

use crate::codec;
use crate::db::{Connection, OptionalExtension, params};
use crate::failure::Failure;
use crate::seal::sha256;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Keeps a package and makes it the current one of its slug.
pub(crate) fn put(
    db: &Connection,
    slug: &str,
    hash: &str,
    files: &BTreeMap<String, Vec<u8>>,
    at: Timestamp,
) -> Result<u64, Failure> {
    let is_new = db
        .prepare_cached("INSERT INTO package(hash, slug) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute([hash, slug])?
        > 0;
    if is_new {
        let mut keep = db.prepare_cached(
            "INSERT INTO content(hash, bytes) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        )?;
        let mut name = db.prepare_cached(
            "INSERT INTO package_file(package, path, content) VALUES (?1, ?2, ?3)",
        )?;
        for (path, bytes) in files {
            let content = codec::hex(&sha256(&[bytes]));
            keep.execute(params![content, bytes])?;
            name.execute([hash, path, &content])?;
        }
    }
    if current(db, slug)?.as_deref() != Some(hash) {
        db.prepare_cached("INSERT INTO publication(slug, package, at) VALUES (?1, ?2, ?3)")?
            .execute(params![slug, hash, codec::nanos(at)])?;
    }
    Ok(u64::from(is_new))
}

/// The files of a package.
pub(crate) fn files(
    db: &Connection,
    hash: &str,
) -> Result<Option<BTreeMap<String, Vec<u8>>>, Failure> {
    let mut known = db.prepare_cached("SELECT hash FROM package WHERE hash = ?1")?;
    if !known.exists([hash])? {
        return Ok(None);
    }
    let mut find = db.prepare_cached(
        "SELECT package_file.path AS path, content.bytes AS bytes FROM package_file JOIN content ON content.hash = package_file.content
         WHERE package_file.package = ?1",
    )?;
    let files = find.query_map([hash], |row| Ok((row.get("path")?, row.get("bytes")?)))?;
    Ok(Some(files.collect::<Result<_, _>>()?))
}

/// The hash that was last published for a slug.
pub(crate) fn current(db: &Connection, slug: &str) -> Result<Option<String>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT package FROM publication WHERE slug = ?1 ORDER BY no DESC LIMIT 1",
    )?;
    find.query_row([slug], |row| row.get("package")).optional()
}
