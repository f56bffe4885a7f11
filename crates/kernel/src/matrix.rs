//! Who may do and see what, as text: a golden file of every role on every record type.

use crate::invite::{invites, owners};
use crate::route;
use crate::see::hides;
use crate::who::who_name;
use definition::model::{FieldSet, RecordType, ScopeKind, SeeRule, Service, Who};
use std::collections::BTreeSet;

/// One line for each role, record type and action or see rule, sorted:
/// `desk.examiner application do return from submitted`, `applicant application see own all-states all-fields`.
#[must_use]
pub fn authority_matrix(service: &Service) -> String {
    let mut lines = BTreeSet::new();
    for (name, rt) in &service.types {
        for resolved in route::all(service, rt, None) {
            let action = &resolved.action;
            let invited =
                |who: &Who| matches!(who, Who::Party(role) if invites(rt, role).is_some());
            let route = resolved
                .route
                .map(|r| format!(" route={}", r.name))
                .unwrap_or_default();
            let asked = action.assurance;
            for who in &action.by {
                let assurance = match (who, asked.identity, asked.authentication) {
                    (Who::System, ..) | (_, 0, 0) => String::new(),
                    (Who::Desk(_), _, authentication) => format!(" assurance=0.{authentication}"),
                    (_, identity, authentication) => {
                        format!(" assurance={identity}.{authentication}")
                    }
                };
                let from = list(&action.from);
                let opens = if action.opens && !invited(who) {
                    " opens"
                } else {
                    ""
                };
                lines.insert(format!(
                    "{} {name} do {}{opens} from={from}{route}{assurance}",
                    who_name(who),
                    action.name
                ));
            }
        }
        for (role, rule) in &rt.parties {
            let Some(invited) = &rule.invited else {
                continue;
            };
            for owner in owners(rt) {
                lines.insert(format!(
                    "{owner} {name} invite {role} from={} most={} days={}",
                    list(&invited.from),
                    invited.most,
                    invited.days
                ));
            }
        }
        for rule in &rt.see {
            lines.insert(format!(
                "{} {name} see {}",
                who_name(&rule.who),
                reach(rt, rule)
            ));
        }
        for field in rt.fields.values() {
            let Some(rule) = field.kind.individual_rule() else {
                continue;
            };
            let purposes: Vec<String> = rule.purposes.keys().cloned().collect();
            for role in &rule.open {
                lines.insert(format!(
                    "desk.{role} {name} open-number {} for={}",
                    field.name,
                    list(&purposes)
                ));
            }
        }
        if let Some(glass) = &rt.break_glass {
            for role in &glass.roles {
                lines.insert(format!(
                    "desk.{role} {name} break-glass {} hours={} find={}",
                    reach(rt, &glass.rule),
                    glass.hours,
                    list(&glass.find)
                ));
            }
        }
    }
    lines.into_iter().fold(String::new(), |text, line| {
        text + &service.slug + " " + &line + "\n"
    })
}

fn reach(rt: &RecordType, rule: &SeeRule) -> String {
    let scope = match rule.scope {
        ScopeKind::Own => "own",
        ScopeKind::Office => "office",
        ScopeKind::Municipality => "municipality",
        ScopeKind::Authority => "authority",
        ScopeKind::All => "all",
    };
    let states = rule
        .states
        .as_ref()
        .map_or_else(|| "*".to_owned(), |s| list(s));
    let hidden = hides(rt, rule);
    let fields = match &rule.fields {
        FieldSet::Only(names) => list(names),
        _ if hidden.is_empty() => "*".to_owned(),
        _ => format!("-{}", list(&hidden)),
    };
    let names = if rule.names { "yes" } else { "no" };
    format!("{scope} states={states} fields={fields} names={names}")
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        "-".into()
    } else {
        names.join(",")
    }
}
