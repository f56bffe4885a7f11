//! A publication as CKAN describes it: a package with a resource a format.

use super::{licence_url, media};
use engine::Published;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

/// Name of a package: the service's slug and the publication's name.
pub(super) fn name(published: &Published) -> String {
    format!("{}--{}", published.service.slug, published.publication.name)
}

/// An id that stays as long as the name does.
pub(super) fn id(name: &str) -> String {
    let digest = Sha256::digest(format!("open data {name}"));
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

/// Id of the resource in a format.
pub(super) fn resource_id(published: &Published, format: &str) -> String {
    id(&format!("{}.{format}", name(published)))
}

/// Where a file lies.
pub(super) fn href(base: &str, published: &Published, format: &str) -> String {
    format!(
        "{base}/opendata/{}/{}.{format}",
        published.service.slug, published.publication.name
    )
}

/// One package.
pub(super) fn package(base: &str, published: &Published) -> Json {
    let (service, publication) = (&published.service, &published.publication);
    let name = name(published);
    let modified = published
        .edition
        .as_ref()
        .map(|edition| stamp(edition.made_at));
    let resources: Vec<Json> = publication
        .formats
        .iter()
        .enumerate()
        .map(|(at, format)| resource(base, published, format, at))
        .collect();
    let tags: Vec<Json> = publication
        .keywords
        .iter()
        .map(|word| json!({"name": word, "display_name": word, "state": "active"}))
        .collect();
    json!({
        "id": id(&name), "name": name, "title": publication.title, "notes": publication.summary,
        "type": "dataset", "state": "active", "private": false, "isopen": licence_url(&publication.licence).is_some(),
        "license_id": publication.licence, "license_title": publication.licence,
        "license_url": licence_url(&publication.licence),
        "author": service.owner, "maintainer": publication.contact, "organization": organization(&service.owner),
        "owner_org": id(&service.owner), "url": format!("{base}/opendata/{}/{}", service.slug, publication.name),
        "metadata_modified": modified, "metadata_created": modified,
        "num_resources": resources.len(), "num_tags": tags.len(), "tags": tags, "resources": resources,
        "groups": [], "extras": [{"key": "service", "value": service.slug}],
    })
}

fn organization(owner: &str) -> Json {
    json!({"id": id(owner), "name": id(owner), "title": owner, "type": "organization", "state": "active", "is_organization": true})
}

/// One resource of a package.
pub(super) fn resource(base: &str, published: &Published, format: &str, at: usize) -> Json {
    let edition = published.edition.as_ref();
    let modified = edition.map(|edition| stamp(edition.made_at));
    json!({
        "id": resource_id(published, format), "package_id": id(&name(published)),
        "name": format!("{}（{}）", published.publication.title, format.to_uppercase()),
        "description": published.publication.summary, "format": format.to_uppercase(), "mimetype": media(format),
        "url": href(base, published, format), "url_type": null, "resource_type": "file", "state": "active",
        "datastore_active": true, "position": at, "last_modified": modified, "created": modified,
        "hash": edition.map(|edition| edition.sha256.clone()),
    })
}

/// An instant as CKAN writes it: UTC without an offset.
fn stamp(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%6f").to_string()
}
