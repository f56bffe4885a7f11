//! The catalogue as DCAT-AP: JSON-LD and Turtle, the same graph twice.

use super::{base, licence_url, media, package, published};
use crate::{App, Problem};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use engine::Published;
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use std::sync::Arc;

const THEME: &str = "http://publications.europa.eu/resource/authority/data-theme/";

pub(super) async fn jsonld(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let base = base(&app, &headers);
    let all = published(&app).await?;
    let datasets: Vec<Json> = all.iter().map(|one| dataset(&base, one)).collect();
    let document = json!({
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/", "foaf": "http://xmlns.com/foaf/0.1/",
            "vcard": "http://www.w3.org/2006/vcard/ns#", "xsd": "http://www.w3.org/2001/XMLSchema#", "spdx": "http://spdx.org/rdf/terms#",
        },
        "@id": format!("{base}/opendata"), "@type": "dcat:Catalog",
        "dct:title": text("つむぎ オープンデータ"), "dct:description": text("つむぎの台帳から作るオープンデータの目録です。"),
        "dct:language": {"@id": "http://publications.europa.eu/resource/authority/language/JPN"},
        "foaf:homepage": {"@id": format!("{base}/opendata")},
        "dct:publisher": agent("東京都"),
        "dcat:dataset": datasets,
    });
    Ok((
        [(header::CONTENT_TYPE, "application/ld+json")],
        document.to_string(),
    )
        .into_response())
}

fn text(text: &str) -> Json {
    json!({"@value": text, "@language": "ja"})
}

fn agent(name: &str) -> Json {
    json!({"@type": "foaf:Agent", "foaf:name": text(name)})
}

fn dataset(base: &str, one: &Published) -> Json {
    let (service, publication) = (&one.service, &one.publication);
    let modified = one.edition.as_ref().map(|edition| edition.day.to_string());
    let distributions: Vec<Json> = publication.formats.iter().map(|format| {
        let href = package::href(base, one, format);
        let mut distribution = json!({
            "@id": href, "@type": "dcat:Distribution", "dct:title": text(&format!("{}（{}）", publication.title, format.to_uppercase())),
            "dcat:accessURL": {"@id": page(base, one)}, "dcat:downloadURL": {"@id": href},
            "dcat:mediaType": {"@id": format!("https://www.iana.org/assignments/media-types/{}", media(format))},
        });
        if let (Some(url), Some(members)) = (licence_url(&publication.licence), distribution.as_object_mut()) {
            members.insert("dct:license".into(), json!({"@id": url}));
        }
        distribution
    }).collect();
    let mut dataset = json!({
        "@id": page(base, one), "@type": "dcat:Dataset", "dct:identifier": package::name(one),
        "dct:title": text(&publication.title), "dct:description": text(&publication.summary),
        "dct:publisher": agent(&service.owner), "dcat:keyword": publication.keywords.iter().map(|word| text(word)).collect::<Vec<_>>(),
        "dct:modified": {"@value": modified, "@type": "xsd:date"},
        "dct:accrualPeriodicity": {"@id": period(one)}, "dcat:distribution": distributions,
    });
    if let Some(members) = dataset.as_object_mut() {
        if let Some(theme) = &publication.theme {
            members.insert(
                "dcat:theme".into(),
                json!({"@id": format!("{THEME}{theme}")}),
            );
        }
        if let Some(contact) = &publication.contact {
            members.insert(
                "dcat:contactPoint".into(),
                json!({"@type": "vcard:Organization", "vcard:fn": text(contact)}),
            );
        }
    }
    dataset
}

fn page(base: &str, one: &Published) -> String {
    format!(
        "{base}/opendata/{}/{}",
        one.service.slug, one.publication.name
    )
}

fn period(one: &Published) -> &'static str {
    match one.publication.schedule {
        definition::model::Schedule::Daily => {
            "http://publications.europa.eu/resource/authority/frequency/DAILY"
        }
        definition::model::Schedule::Monthly(_) => {
            "http://publications.europa.eu/resource/authority/frequency/MONTHLY"
        }
    }
}

pub(super) async fn turtle(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let base = base(&app, &headers);
    let all = published(&app).await?;
    let mut out = String::from(
        "@prefix dcat: <http://www.w3.org/ns/dcat#> .\n@prefix dct: <http://purl.org/dc/terms/> .\n@prefix foaf: <http://xmlns.com/foaf/0.1/> .\n\
         @prefix vcard: <http://www.w3.org/2006/vcard/ns#> .\n@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n\n",
    );
    let list: Vec<String> = all
        .iter()
        .map(|one| format!("<{}>", page(&base, one)))
        .collect();
    let _ = writeln!(
        out,
        "<{base}/opendata> a dcat:Catalog ;\n  dct:title {} ;\n  dct:description {} ;\n  dct:language <http://publications.europa.eu/resource/authority/language/JPN> ;\n  foaf:homepage <{base}/opendata> ;\n  dct:publisher [ a foaf:Agent ; foaf:name {} ]{} .\n",
        quoted("つむぎ オープンデータ"),
        quoted("つむぎの台帳から作るオープンデータの目録です。"),
        quoted("東京都"),
        if list.is_empty() {
            String::new()
        } else {
            format!(" ;\n  dcat:dataset {}", list.join(", "))
        }
    );
    for one in &all {
        dataset_turtle(&mut out, &base, one);
    }
    Ok(([(header::CONTENT_TYPE, "text/turtle; charset=utf-8")], out).into_response())
}

fn dataset_turtle(out: &mut String, base: &str, one: &Published) {
    let publication = &one.publication;
    let files: Vec<String> = publication
        .formats
        .iter()
        .map(|format| format!("<{}>", package::href(base, one, format)))
        .collect();
    let _ = write!(
        out,
        "<{}> a dcat:Dataset ;\n  dct:identifier \"{}\" ;\n  dct:title {} ;\n  dct:description {} ;\n  dct:publisher [ a foaf:Agent ; foaf:name {} ] ;\n  dct:accrualPeriodicity <{}> ;\n  dcat:distribution {}",
        page(base, one),
        package::name(one),
        quoted(&publication.title),
        quoted(&publication.summary),
        quoted(&one.service.owner),
        period(one),
        files.join(", ")
    );
    if let Some(edition) = &one.edition {
        let _ = write!(out, " ;\n  dct:modified \"{}\"^^xsd:date", edition.day);
    }
    if let Some(theme) = &publication.theme {
        let _ = write!(out, " ;\n  dcat:theme <{THEME}{theme}>");
    }
    if let Some(contact) = &publication.contact {
        let _ = write!(
            out,
            " ;\n  dcat:contactPoint [ a vcard:Organization ; vcard:fn {} ]",
            quoted(contact)
        );
    }
    for word in &publication.keywords {
        let _ = write!(out, " ;\n  dcat:keyword {}", quoted(word));
    }
    out.push_str(" .\n\n");
    for format in &publication.formats {
        let href = package::href(base, one, format);
        let licence = licence_url(&publication.licence)
            .map(|url| format!(" ;\n  dct:license <{url}>"))
            .unwrap_or_default();
        let _ = writeln!(
            out,
            "<{href}> a dcat:Distribution ;\n  dcat:accessURL <{}> ;\n  dcat:downloadURL <{href}> ;\n  dcat:mediaType <https://www.iana.org/assignments/media-types/{}>{licence} .\n",
            page(base, one),
            media(format)
        );
    }
}

/// A Japanese text in Turtle.
fn quoted(text: &str) -> String {
    let safe = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
        .replace('\r', "");
    format!("\"{safe}\"@ja")
}
