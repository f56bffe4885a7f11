//! What the store keeps for each record stays small: few scope keys, few entries of an index.

use super::Subject;
use crate::diagnostic::Sink;
use crate::model::{Closed, FieldKind, IndexKey, ListIndex, Options, RecordType, ScopeKind, Who};
use crate::yaml::Node;
use std::collections::{BTreeMap, BTreeSet};

/// The most scope keys of a record: a list merges one index stream for each key that its reader holds.
const MOST_SCOPES: usize = 16;

/// The most entries of a record in one index; further ones would not be found.
const MOST_ENTRIES: usize = 64;

pub(super) fn check(subject: &Subject<'_>, sink: &mut Sink) {
    let keys = scope_keys(subject);
    if keys > MOST_SCOPES {
        sink.error(
            subject.node.key_at("see"),
            "too-many-scopes",
            format!("1つの記録を見られる範囲の鍵が{keys}になります（{MOST_SCOPES}まで）。"),
        )
        .hint("scope と states が同じ規則は1つに数えます。状態の範囲をそろえてください。");
    }
    let indexes = subject.node.get("indexes");
    for (key, node) in indexes.map(Node::entries).unwrap_or_default() {
        let index = subject.rt.indexes.iter().find(|i| i.name == key.name);
        let Some(entries) = index.map(|index| entries(subject.rt, index)) else {
            continue;
        };
        if entries > MOST_ENTRIES {
            sink.error(
                node.key_at("keys"),
                "index-entries",
                format!(
                    "並び「{}」は、1つの記録から{entries}行になりえます（{MOST_ENTRIES}まで）。",
                    key.name
                ),
            )
            .hint("明細の max を小さくするか、別の明細の項目を同じ並びに入れないでください。");
        }
    }
}

/// The most scope keys that a record of the type can have in any of its states. A class of rules gives one key for
/// the place or for all; for one's own records one for each role that the rules name, and for each owner if a rule
/// is about others than a role.
fn scope_keys(subject: &Subject<'_>) -> usize {
    let rt = subject.rt;
    let owners = || rt.parties.values().filter(|party| party.owner);
    let found = |state: &String| {
        let rules = rt.see.iter().filter(|rule| {
            let within = rule.states.as_ref();
            within.is_none_or(|states| states.contains(state))
        });
        let mut keys: BTreeSet<(&str, Option<&str>, bool)> = BTreeSet::new();
        for rule in rules {
            match (rule.scope, &rule.who) {
                (ScopeKind::Own, Who::Party(role)) => {
                    keys.insert((&rule.class, Some(role), false));
                }
                (ScopeKind::Own, _) => {
                    keys.extend(
                        owners().map(|p| (rule.class.as_str(), Some(p.role.as_str()), true)),
                    );
                }
                _ => {
                    keys.insert((&rule.class, None, false));
                }
            }
        }
        let each = |key: &(&str, Option<&str>, bool)| match key {
            (_, Some(role), false) => rt
                .parties
                .get(*role)
                .and_then(|party| party.invited.as_ref())
                .map_or(1, |invited| usize::from(invited.most)),
            _ => 1,
        };
        keys.iter().map(each).sum()
    };
    let open = rt.states.keys().map(found).max().unwrap_or(0);
    let most = open.max(closed_keys(subject));
    // The platform's own key, by which lookups find it.
    let looked_up = |other: &RecordType| other.lookups.values().any(|of| of.of == rt.name);
    let platform = rt.break_glass.is_some() || subject.types.values().any(looked_up);
    // Those of whoever broke its glass, or that of what it hangs on.
    let parent = |(parent, _): &(String, String)| {
        let parent = subject.types.get(parent);
        parent.is_some_and(|parent| parent.break_glass.is_some())
    };
    let glass = rt.break_glass.iter();
    let glass = glass.map(|_| 1 + usize::from(rt.child_of.iter().any(parent)));
    most + usize::from(platform) + glass.sum::<usize>()
}

/// The scope keys of a record of the type while it, or a record above it, is closed: those of its parties, one for each
/// role of the circle and class of its rules, and one for each named official and class. All states together.
fn closed_keys(subject: &Subject<'_>) -> usize {
    let mut lineage = vec![subject.rt];
    let mut at = 0;
    while let Some(rt) = lineage.get(at).copied() {
        let above = rt.child_of.iter();
        let above = above.filter_map(|(parent, _)| subject.types.get(parent));
        for parent in above {
            if !lineage.iter().any(|known| known.name == parent.name) {
                lineage.push(parent);
            }
        }
        at += 1;
    }
    let rules = lineage.into_iter().filter_map(|rt| rt.closed.as_ref());
    let keys = |rule: &Closed| {
        let mut keys: BTreeSet<(&str, String)> = BTreeSet::new();
        for see in &subject.rt.see {
            match (&see.who, see.scope) {
                (Who::Party(role), ScopeKind::Own) => {
                    keys.insert((&see.class, format!("party {role}")));
                }
                (_, ScopeKind::Own) => {
                    keys.insert((&see.class, "owner".into()));
                }
                (Who::Desk(role), _) => {
                    if rule.circle.contains(role) {
                        keys.insert((&see.class, format!("desk {role}")));
                    }
                    keys.extend(
                        rule.named
                            .iter()
                            .map(|name| (see.class.as_str(), format!("named {name}"))),
                    );
                }
                _ => {}
            }
        }
        keys.len()
    };
    rules.map(keys).max().unwrap_or(0)
}

/// The most entries of a record in an index: a row or choice each, all combinations of different lists.
fn entries(rt: &RecordType, index: &ListIndex) -> usize {
    let mut lists: BTreeMap<&str, usize> = BTreeMap::new();
    for key in &index.keys {
        let IndexKey::Field(path) = key else { continue };
        let Some(field) = path.first().and_then(|head| rt.fields.get(head)) else {
            continue;
        };
        let most = match &field.kind {
            FieldKind::Rows { max, .. } => *max,
            FieldKind::Choices(Options::Inline(options)) => options.len(),
            // How many of a code list one ticks is not bounded by the definition; few do more than so many.
            FieldKind::Choices(Options::Table(_)) => MOST_ENTRIES,
            _ => continue,
        };
        lists.insert(&field.name, most.max(1));
    }
    lists
        .values()
        .fold(1, |all, most| all.saturating_mul(*most))
}
