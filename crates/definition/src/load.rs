//! Loading: all packages of a source, or one published package.

use crate::build::{Built, SharedTable, build};
use crate::diagnostic::{Diagnostic, Severity, Sink};
use crate::model::{Service, Table};
use crate::source::{Source, service_folders, slug_of};
use crate::table::{TableFiles, check_rows, read};
use crate::yaml::{At, File, parse};
use indexmap::IndexMap;
use japanese::calendar::Calendar;
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// All services that are free of errors.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// By slug, in the order of their folders.
    pub services: IndexMap<String, Arc<Service>>,
    /// Tables of the registers by name.
    pub tables: IndexMap<String, Arc<Table>>,
    /// Business days, from the registers' `holidays.csv`.
    pub calendar: Arc<Calendar>,
}

impl Catalogue {
    /// What a role of the desk is called: as the services that people look for call it, before the books behind them.
    #[must_use]
    pub fn role_title(&self, role: &str) -> Option<&str> {
        let holders = self.services.values();
        let holders = holders.filter_map(|one| Some((one.in_catalogue(), one.roles.get(role)?)));
        let mut holders: Vec<_> = holders.collect();
        holders.sort_by_key(|(looked_for, _)| !looked_for);
        holders.first().map(|(_, found)| found.title.as_str())
    }
}

/// What loading gave.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The services free of errors. A faulty one is left out and never replaces a good one.
    pub catalogue: Catalogue,
    /// Slugs of the packages that were left out. What was published of them before stays as it is.
    pub left_out: Vec<String>,
    /// Everything found, package by package.
    pub diagnostics: Vec<Diagnostic>,
}

impl Loaded {
    /// Whether a package was left out.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|found| found.severity == Severity::Error)
    }
}

/// Reads and checks all packages. Tables must have a row for `today`.
#[must_use]
pub fn load(source: &Source, today: Date) -> Loaded {
    let mut sink = Sink::default();
    let shared = shared(source, Some(today), &mut sink);
    let calendar = calendar(source, &mut sink);
    let mut loaded = Loaded {
        diagnostics: sink.sorted(),
        ..Loaded::default()
    };
    let mut taken = Taken::default();
    let mut crossings = Vec::new();
    for folder in service_folders(source) {
        let mut built = build(source, &folder, &shared, Some(today));
        taken.check(&folder, &mut built);
        loaded.diagnostics.append(&mut built.diagnostics);
        if built.service.is_none() {
            loaded.left_out.push(slug_of(&folder));
        }
        if let Some(service) = built.service {
            crossings.append(&mut built.crossings);
            loaded
                .catalogue
                .services
                .insert(service.slug.clone(), Arc::new(service));
        }
    }
    crossed(&crossings, &mut loaded);
    crate::build::offers::fill(&mut loaded.catalogue.services);
    loaded.catalogue.tables = shared
        .into_iter()
        .filter(|(_, shared)| shared.sound)
        .map(|(name, shared)| (name, shared.table))
        .collect();
    loaded.catalogue.calendar = Arc::new(calendar);
    loaded
}

/// Leaves out what reads records of others that they do not give.
fn crossed(crossings: &[crate::build::sharing::Crossing], loaded: &mut Loaded) {
    let mut faulty = Vec::new();
    for crossing in crossings {
        let mut sink = Sink::default();
        let services = &loaded.catalogue.services;
        crate::build::sharing::check(crossing, services, &loaded.left_out, &mut sink);
        if sink.has_errors() && !faulty.contains(&crossing.by) {
            faulty.push(crossing.by.clone());
        }
        loaded.diagnostics.append(&mut sink.found);
    }
    for slug in faulty {
        loaded.catalogue.services.shift_remove(&slug);
        loaded.left_out.push(slug);
    }
}

/// Reads one package from the files of [`crate::package_files`], as it was published. That its tables speak of today is
/// not asked: it may be years old.
///
/// # Errors
/// What is wrong with it; also when the files hold no service, or several.
pub fn load_package(files: &BTreeMap<String, Vec<u8>>) -> Result<Service, Vec<Diagnostic>> {
    let source = Source {
        files: files.clone(),
    };
    let mut sink = Sink::default();
    let shared = shared(&source, None, &mut sink);
    let folders = service_folders(&source);
    let [folder] = folders.as_slice() else {
        sink.error(
            &File::new("service.yaml", "").top(),
            "package",
            format!(
                "service.yaml が{}個あります。1つでなければなりません。",
                folders.len()
            ),
        );
        return Err(sink.sorted());
    };
    let built = build(&source, folder, &shared, None);
    match built.service {
        Some(service) if !sink.has_errors() => Ok(service),
        _ => Err(sink.sorted().into_iter().chain(built.diagnostics).collect()),
    }
}

/// Tables of the registers.
pub(crate) fn shared(
    source: &Source,
    today: Option<Date>,
    sink: &mut Sink,
) -> IndexMap<String, SharedTable> {
    let mut tables: IndexMap<String, SharedTable> = IndexMap::new();
    for (path, bytes) in source.below("_registers/") {
        let Some((register, file)) = path.split_once("/tables/") else {
            continue;
        };
        let Some(name) = file.strip_suffix(".yaml") else {
            continue;
        };
        let full = format!("_registers/{path}");
        let mut own = Sink::default();
        let Some(yaml) = parse(&full, bytes, &mut own) else {
            sink.found.append(&mut own.found);
            continue;
        };
        if let Some(other) = tables.get(name) {
            sink.error(
                &yaml.at,
                "duplicate-table",
                format!("基準表「{name}」は {} にもあります。", other.folder),
            )
            .hint("台帳の基準表の名前は、全体で1つだけにします。");
            continue;
        }
        crate::word::Walk::new(&mut own).block(&yaml, crate::word::Place::Table, "");
        let csv_path = format!("_registers/{register}/tables/{name}.csv");
        let csv = source
            .files
            .get(&csv_path)
            .and_then(|bytes| String::from_utf8(bytes.clone()).ok())
            .map(|text| (csv_path, text));
        let file = csv.as_ref().map(|(path, text)| File::new(path, text));
        let table = read(name, &TableFiles { yaml, csv }, &mut own);
        check_rows(&table, file.as_ref(), today, &mut own);
        let sound = !own.has_errors();
        // The register's own service tells its faults, if it is one.
        if !source
            .files
            .contains_key(&format!("_registers/{register}/service.yaml"))
        {
            sink.found.append(&mut own.found);
        }
        tables.insert(
            name.to_owned(),
            SharedTable {
                table: Arc::new(table),
                folder: format!("_registers/{register}/"),
                sound,
            },
        );
    }
    tables
}

fn calendar(source: &Source, sink: &mut Sink) -> Calendar {
    let found = source
        .below("_registers/")
        .find(|(path, _)| path.ends_with("/tables/holidays.csv"));
    let Some((path, bytes)) = found else {
        return Calendar::default();
    };
    let file = File::new(&format!("_registers/{path}"), "");
    Calendar::from_csv(&String::from_utf8_lossy(bytes)).unwrap_or_else(|fault| {
        sink.error(&file.top(), "holidays", fault.to_string())
            .hint("date,title の列を持つ CSV にしてください。");
        Calendar::default()
    })
}

/// Slugs and initiatives seen so far.
#[derive(Default)]
struct Taken {
    slugs: HashMap<String, String>,
    initiatives: HashMap<String, String>,
}

impl Taken {
    fn check(&mut self, folder: &str, built: &mut Built) {
        let mut sink = Sink::default();
        let slug = slug_of(folder);
        let at: At = built
            .at
            .clone()
            .unwrap_or_else(|| File::new(&format!("{folder}service.yaml"), "").top());
        if let Some(other) = self.slugs.insert(slug.clone(), folder.to_owned()) {
            sink.error(
                &at,
                "duplicate-slug",
                format!("「{slug}」という名前は {other} が使っています。"),
            )
            .hint("folder の名前を変えてください。");
            self.slugs.insert(slug, other);
        }
        for (number, at) in &built.initiatives {
            if let Some(other) = self.initiatives.insert(number.clone(), folder.to_owned()) {
                sink.error(
                    at,
                    "duplicate-initiative",
                    format!("取組 {number} は {other} がかなえています。"),
                )
                .hint("番号を確かめてください。");
            }
        }
        if sink.has_errors() {
            built.service = None;
        }
        built.diagnostics.append(&mut sink.found);
    }
}
