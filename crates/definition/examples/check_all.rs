//! Loads a services folder and prints what is wrong (until `tsumugi check` is there).
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs, reason = "a tool")]
fn main() {
    let source = definition::Source::from_dir(std::path::Path::new("services")).unwrap();
    let t = std::time::Instant::now();
    let loaded = definition::load(&source, jiff::civil::date(2026, 11, 22));
    for d in &loaded.diagnostics { println!("{d}"); }
    println!("{} services, {} diagnostics, {:?}", loaded.catalogue.services.len(), loaded.diagnostics.len(), t.elapsed());
}
