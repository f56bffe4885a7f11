//! The order in which a record type is computed: each value after those that it reads. Made once for a definition.

use definition::model::{ComputeStep, Computed, Field, FieldKind, RecordType};
use feel::Typed;
use indexmap::IndexMap;

/// Names that stay what they are while an act moves a record.
const STEADY: [&str; 9] = [
    "authority",
    "office",
    "municipality",
    "as_of",
    "arrived_on",
    "today",
    "now",
    "created_on",
    "actor",
];

/// What is computed of a record type, in order.
pub(super) fn of(rt: &RecordType) -> &Computed {
    rt.derived.order(|| make(rt))
}

fn make(rt: &RecordType) -> Computed {
    let mut nodes: Vec<(&str, ComputeStep)> = Vec::new();
    for (name, typed, step) in [
        ("municipality", &rt.municipality, ComputeStep::Municipality),
        ("authority", &rt.authority, ComputeStep::Authority),
        ("office", &rt.office, ComputeStep::Office),
    ] {
        nodes.extend(typed.as_ref().map(|_| (name, step)));
    }
    for (at, (name, field)) in rt.fields.iter().enumerate() {
        match (&field.value, &field.kind) {
            (Some(_), _) => nodes.push((name, ComputeStep::Field(at))),
            (None, FieldKind::Rows { fields, .. })
                if fields.values().any(|f| f.value.is_some()) =>
            {
                nodes.push((name, ComputeStep::Rows(at, row_order(fields))));
            }
            _ => {}
        }
    }
    let mut steps = Vec::with_capacity(nodes.len());
    let mut visited = vec![false; nodes.len()];
    for at in 0..nodes.len() {
        visit(at, &nodes, rt, &mut visited, &mut steps);
    }
    let follows_moves = steps
        .iter()
        .flat_map(|step| sources(rt, step))
        .any(|typed| moves(rt, typed));
    Computed {
        steps,
        follows_moves,
    }
}

/// Whether an expression reads what an act may move besides the fields.
fn moves(rt: &RecordType, typed: &Typed) -> bool {
    let members = |name: &str| {
        rt.fields.values().any(
            |field| matches!(&field.kind, FieldKind::Rows { fields, .. } if fields.contains_key(name)),
        )
    };
    typed
        .reads()
        .iter()
        .filter_map(|path| path.first())
        .map(String::as_str)
        .any(|head| {
            !(rt.fields.contains_key(head)
                || rt.parties.contains_key(head)
                || STEADY.contains(&head)
                || head == "row"
                || members(head))
        })
}

/// Depth first; `check` has refused circles, and one that slipped through ends here.
fn visit(
    at: usize,
    nodes: &[(&str, ComputeStep)],
    rt: &RecordType,
    visited: &mut [bool],
    sorted: &mut Vec<ComputeStep>,
) {
    if std::mem::replace(&mut visited[at], true) {
        return;
    }
    let step = &nodes[at].1;
    for typed in sources(rt, step) {
        for head in typed.reads().iter().filter_map(|path| path.first()) {
            let label = rt
                .label
                .iter()
                .filter(|_| head == "label")
                .flat_map(|l| l.reads())
                .filter_map(|p| p.first());
            for head in label.chain([head]) {
                if let Some(before) = nodes.iter().position(|(name, _)| name == head) {
                    visit(before, nodes, rt, visited, sorted);
                }
            }
        }
    }
    sorted.push(step.clone());
}

/// The expressions of a step.
fn sources<'a>(rt: &'a RecordType, step: &ComputeStep) -> Vec<&'a Typed> {
    let field = |at: &usize| rt.fields.get_index(*at).map(|(_, field)| field);
    match step {
        ComputeStep::Municipality => rt.municipality.iter().collect(),
        ComputeStep::Authority => rt.authority.iter().collect(),
        ComputeStep::Office => rt.office.iter().collect(),
        ComputeStep::Field(at) => field(at)
            .and_then(|f| f.value.as_ref())
            .into_iter()
            .collect(),
        ComputeStep::Rows(at, _) => match field(at).map(|f| &f.kind) {
            Some(FieldKind::Rows { fields, .. }) => {
                fields.values().filter_map(|f| f.value.as_ref()).collect()
            }
            _ => Vec::new(),
        },
    }
}

/// The places of the computed members of a row, each after those that it reads.
fn row_order(members: &IndexMap<String, Field>) -> Vec<usize> {
    fn visit(at: usize, members: &IndexMap<String, Field>, sorted: &mut Vec<usize>, depth: usize) {
        let value = members.get_index(at).and_then(|(_, f)| f.value.as_ref());
        let Some(typed) = value else { return };
        if depth > members.len() || sorted.contains(&at) {
            return;
        }
        for head in typed.reads().iter().filter_map(|path| path.first()) {
            if let Some(before) = members.get_index_of(head).filter(|before| *before != at) {
                visit(before, members, sorted, depth + 1);
            }
        }
        if !sorted.contains(&at) {
            sorted.push(at);
        }
    }
    let mut sorted = Vec::new();
    (0..members.len()).for_each(|at| visit(at, members, &mut sorted, 0));
    sorted
}
