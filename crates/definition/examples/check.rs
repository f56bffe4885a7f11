//! Checks a services folder: `cargo run -p definition --example check -- services 2026-11-22`.

#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a tool for authors of the language"
)]

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let root = args.next().unwrap_or_else(|| "services".into());
    let today = args.next().unwrap_or_else(|| "2026-11-22".into()).parse()?;
    let begun = std::time::Instant::now();
    let source = definition::Source::from_dir(root.as_ref())?;
    let read = begun.elapsed();
    let loaded = definition::load(&source, today);
    for found in &loaded.diagnostics {
        println!("{found}");
    }
    println!(
        "{} services, {} findings, read {read:?}, all {:?}",
        loaded.catalogue.services.len(),
        loaded.diagnostics.len(),
        begun.elapsed()
    );
    Ok(())
}
