//! The merged result of a package, each line with the place that it came from.

use crate::diagnostic::{Diagnostic, Sink, nearest};
use crate::package::assemble;
use crate::source::{Source, service_folders, slug_of};
use crate::yaml::{File, print};

/// Prints what a package is once its archetypes are laid under it: `service.yaml`, then records, tables and translations,
/// each line with `# from FILE:LINE`.
///
/// # Errors
/// When there is no such service, or a file of it is no YAML.
pub fn explain(source: &Source, slug: &str) -> Result<String, Vec<Diagnostic>> {
    let mut sink = Sink::default();
    let folders = service_folders(source);
    let Some(folder) = folders.iter().find(|folder| slug_of(folder) == slug) else {
        let slugs: Vec<String> = folders.iter().map(|folder| slug_of(folder)).collect();
        let at = File::new("services", "").top();
        sink.error(
            &at,
            "unknown-service",
            format!("「{slug}」というサービスはありません。"),
        )
        .hint_if(nearest(slug, slugs.iter().map(String::as_str)));
        return Err(sink.sorted());
    };
    let parts = assemble(source, folder, &mut sink);
    let Some(parts) = parts.filter(|_| !sink.has_errors()) else {
        return Err(sink.sorted());
    };
    let mut out = String::new();
    let mut section = |name: String, node| {
        out.push_str(&format!("# ---- {name}\n{}\n", print(node)));
    };
    if let Some(service) = &parts.service {
        section("service.yaml".to_owned(), service);
    }
    for (kind, nodes) in [
        ("records", &parts.records),
        ("tables", &parts.tables),
        ("i18n", &parts.i18n),
    ] {
        for (name, node) in nodes {
            section(format!("{kind}/{name}.yaml"), node);
        }
    }
    Ok(out)
}
