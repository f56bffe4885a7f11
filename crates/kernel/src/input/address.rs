//! Addresses and bank accounts: objects whose members are checked one by one.

use super::text::{checked, string, text};
use super::{Read, Reader, blank, escape, faulty, unknown};
use crate::refusal::Fault;
use definition::model::Field;
use serde_json::{Map, Value as Json};

const ADDRESS: [(&str, &str); 5] = [
    ("postal_code", "郵便番号"),
    ("municipality", "市区町村"),
    ("town", "町名"),
    ("line", "町名・番地"),
    ("building", "建物名・部屋番号"),
];
const ACCOUNT: [(&str, &str); 5] = [
    ("bank", "金融機関コード"),
    ("branch", "支店コード"),
    ("kind", "預金種目"),
    ("number", "口座番号"),
    ("holder", "口座名義（カナ）"),
];
const MAX_MEMBER: usize = 200;

/// Reads the members that are not blank.
fn members(
    field: &Field,
    json: &Json,
    pointer: &str,
    known: &[(&str, &str)],
    read: impl Fn(&Field, &str, &Json, &str) -> Read,
) -> Result<Map<String, Json>, Vec<Fault>> {
    let Json::Object(given) = json else {
        let parts = known
            .iter()
            .map(|(_, title)| *title)
            .collect::<Vec<_>>()
            .join("、");
        return Err(vec![Fault::new(
            pointer,
            "format",
            format!("「{}」は{parts}に分けて入力してください。", field.title),
        )]);
    };
    let mut result = Map::new();
    let mut faults = Vec::new();
    for (name, value) in given.iter().filter(|(_, v)| !blank(v)) {
        let at = format!("{pointer}/{}", escape(name));
        let Some((_, title)) = known.iter().find(|(n, _)| n == name) else {
            faults.push(unknown(at, name, known.iter().map(|(n, _)| *n)));
            continue;
        };
        let part = Field {
            title: format!("{}の{title}", field.title),
            ..field.clone()
        };
        match read(&part, name, value, &at) {
            Ok(value) => result.extend(value.map(|v| (name.clone(), v))),
            Err(more) => faults.extend(more),
        }
    }
    if faults.is_empty() {
        Ok(result)
    } else {
        Err(faults)
    }
}

fn needed(
    field: &Field,
    pointer: &str,
    known: &[(&str, &str)],
    have: &Map<String, Json>,
    names: &[&str],
) -> Vec<Fault> {
    let missing = known
        .iter()
        .filter(|(name, _)| names.contains(name) && !have.contains_key(*name));
    let fault = |(name, title): &(&str, &str)| {
        Fault::new(
            format!("{pointer}/{name}"),
            "required",
            format!("「{}」の{title}を入力してください。", field.title),
        )
    };
    missing.map(fault).collect()
}

pub(super) fn address(reader: &Reader<'_>, field: &Field, json: &Json, pointer: &str) -> Read {
    let address = members(
        field,
        json,
        pointer,
        &ADDRESS,
        |part, name, value, at| match name {
            "postal_code" => checked(part, value, at, japanese::check::postal_code),
            "municipality" => checked(part, value, at, japanese::check::municipality_code),
            _ => text(part, value, at, false, MAX_MEMBER),
        },
    )?;
    let faults = if reader.draft {
        Vec::new()
    } else {
        needed(
            field,
            pointer,
            &ADDRESS,
            &address,
            &["municipality", "line"],
        )
    };
    if faults.is_empty() {
        Ok(Some(Json::Object(address)))
    } else {
        Err(faults)
    }
}

pub(super) fn account(reader: &Reader<'_>, field: &Field, json: &Json, pointer: &str) -> Read {
    let mut account = members(
        field,
        json,
        pointer,
        &ACCOUNT,
        |part, name, value, at| match name {
            "holder" => checked(part, value, at, japanese::check::kana),
            _ => Ok(Some(Json::String(string(part, value, at)?.into_owned()))),
        },
    )?;
    let missing = needed(
        field,
        pointer,
        &ACCOUNT,
        &account,
        &["bank", "branch", "kind", "number", "holder"],
    );
    if !missing.is_empty() {
        return if reader.draft {
            Ok(Some(Json::Object(account)))
        } else {
            Err(missing)
        };
    }
    let part = |name: &str| {
        account
            .get(name)
            .and_then(Json::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    match japanese::check::zengin_account(
        &part("bank"),
        &part("branch"),
        &part("kind"),
        &part("number"),
    ) {
        Err(fault) => faulty(
            pointer,
            fault.code,
            super::text::named(field, &fault.detail),
        ),
        Ok(checked) => {
            let parts = [
                ("bank", checked.bank),
                ("branch", checked.branch),
                ("kind", checked.kind.code().to_owned()),
                ("number", checked.number),
            ];
            account.extend(parts.map(|(name, value)| (name.to_owned(), Json::String(value))));
            Ok(Some(Json::Object(account)))
        }
    }
}
