//! Pieces of a definition with their defaults.

use definition::model::*;
use feel::{Env, Type, Typed};
use indexmap::IndexMap;
use std::sync::Arc;

pub(crate) fn typed(source: &str, env: &Env) -> Typed {
    feel::compile(source, env, None).unwrap_or_else(|faults| panic!("{source}: {faults:?}"))
}

pub(crate) fn field(name: &str, kind: FieldKind) -> Field {
    Field {
        id: name.into(),
        name: name.into(),
        title: format!("項目{name}"),
        help: None,
        kind,
        required: false,
        show_if: None,
        value: None,
        default: None,
        checks: vec![],
        missing: None,
        phrases: None,
        sensitive: false,
        fixed: false,
        internal: false,
        official: None,
        hands: None,
    }
}

pub(crate) fn required(name: &str, kind: FieldKind) -> Field {
    Field {
        required: true,
        ..field(name, kind)
    }
}

pub(crate) fn text() -> FieldKind {
    FieldKind::Text {
        multiline: false,
        max_chars: 100,
    }
}

pub(crate) fn yen() -> FieldKind {
    FieldKind::Yen {
        min: None,
        max: None,
    }
}

pub(crate) fn inline(options: &[(&str, &str)]) -> FieldKind {
    FieldKind::Choice(Options::Inline(
        options
            .iter()
            .map(|(a, b)| ((*a).into(), (*b).into()))
            .collect(),
    ))
}

pub(crate) fn fields(fields: Vec<Field>) -> IndexMap<String, Field> {
    fields.into_iter().map(|f| (f.name.clone(), f)).collect()
}

pub(crate) fn party(name: &str) -> Who {
    Who::Party(name.into())
}

pub(crate) fn desk(name: &str) -> Who {
    Who::Desk(name.into())
}

pub(crate) fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

pub(crate) fn action(name: &str, by: Who, from: &[&str], to: &str) -> Action {
    Action {
        name: name.into(),
        title: format!("操作{name}"),
        by: vec![by],
        opens: false,
        from: names(from),
        to: (!to.is_empty()).then(|| to.into()),
        form: Form::None,
        require: vec![],
        when: None,
        route: None,
        change: vec![],
        effect: vec![],
        confirm: None,
        tone: Tone::Secondary,
        batch: None,
        corrects: vec![],
        extra: vec![],
        substitute: false,
        note: false,
        assurance: definition::model::Assured::default(),
    }
}

pub(crate) fn state(name: &str, title: &str, waits_for: Option<Who>, ended: bool) -> State {
    State {
        name: name.into(),
        title: title.into(),
        waits_for,
        line: None,
        ended,
    }
}

pub(crate) fn see(
    who: Who,
    scope: ScopeKind,
    states: Option<&[&str]>,
    fields: FieldSet,
    class: &str,
) -> SeeRule {
    SeeRule {
        who,
        scope,
        of: None,
        states: states.map(names),
        names: !matches!(fields, FieldSet::Only(_)),
        fields,
        ground: None,
        class: class.into(),
    }
}

pub(crate) fn record_type(name: &str) -> RecordType {
    RecordType {
        service: String::new(),
        name: name.into(),
        title: format!("記録{name}"),
        help: None,
        register: false,
        number: None,
        arrives_at: None,
        label: None,
        authority: None,
        office: None,
        municipality: None,
        parties: IndexMap::new(),
        fields: IndexMap::new(),
        lookups: IndexMap::new(),
        outlook: None,
        compare: IndexMap::new(),
        notes: None,
        counter: None,
        measures: IndexMap::new(),
        has: IndexMap::new(),
        child_of: vec![],
        links: IndexMap::new(),
        states: IndexMap::new(),
        clocks: IndexMap::new(),
        actions: IndexMap::new(),
        see: vec![],
        indexes: vec![],
        search: vec![],
        unique: vec![],
        views: IndexMap::new(),
        gateway: None,
        retention: None,
        looked: Default::default(),
        uses: IndexMap::new(),
        gives: None,
        closed: None,
        break_glass: None,
        documents: IndexMap::new(),
        pinned: true,
        derived: Default::default(),
    }
}

pub(crate) fn states(states: Vec<State>) -> IndexMap<String, State> {
    states.into_iter().map(|s| (s.name.clone(), s)).collect()
}

pub(crate) fn actions(actions: Vec<Action>) -> IndexMap<String, Action> {
    actions.into_iter().map(|a| (a.name.clone(), a)).collect()
}

pub(crate) fn owner(role: &str) -> IndexMap<String, PartyRule> {
    let is = names(&["person", "corporation"]);
    [(
        role.to_owned(),
        PartyRule {
            role: role.into(),
            title: "申請者".into(),
            is,
            owner: true,
            invited: None,
        },
    )]
    .into_iter()
    .collect()
}

pub(crate) fn service(slug: &str, mut types: Vec<RecordType>) -> Service {
    for rt in &mut types {
        rt.service = slug.into();
    }
    let roles = ["examiner", "approver", "clerk"].map(|r| {
        (
            r.to_owned(),
            Role {
                name: r.into(),
                title: format!("役割{r}"),
            },
        )
    });
    Service {
        slug: slug.into(),
        hash: "h1".into(),
        title: "見本".into(),
        initiatives: vec![],
        area: String::new(),
        category: "01".into(),
        status: Status::Running,
        owner: String::new(),
        summary: String::new(),
        audience: vec![],
        actors: vec![],
        keywords: vec![],
        legal_basis: vec![],
        life_events: vec![],
        plan: None,
        retention: None,
        roles: roles.into_iter().collect(),
        types: types
            .into_iter()
            .map(|t| (t.name.clone(), Arc::new(t)))
            .collect(),
        publications: IndexMap::new(),
        imports: IndexMap::new(),
        tables: IndexMap::new(),
        ledgers: IndexMap::new(),
        routes: IndexMap::new(),
        messages: IndexMap::new(),
        guides: IndexMap::new(),
        doors: IndexMap::new(),
        content: IndexMap::new(),
        templates: Default::default(),
        translations: Default::default(),
        review: Vec::new(),
    }
}

/// A table of one text input `code` with literal cells.
pub(crate) fn table(name: &str, output: (&str, Type), rows: &[(&str, feel::Value)]) -> Table {
    let row = |(at, (code, out)): (usize, &(&str, feel::Value))| TableRow {
        from: None,
        until: None,
        tests: vec![CellTest::Is(feel::Value::text(code))],
        outputs: vec![out.clone()],
        context: feel::Value::Null,
        source: None,
        basis: None,
        verified: None,
        line: at + 2,
    };
    let kind = |ty: Type| ColumnKind {
        ty,
        yen: false,
        optional: false,
        closed: None,
    };
    Table {
        name: name.into(),
        title: format!("表{name}"),
        hit: HitPolicy::Unique,
        inputs: vec![("code".into(), kind(Type::Text))],
        outputs: vec![(output.0.into(), kind(output.1))],
        rows: rows.iter().enumerate().map(row).collect(),
        index: Default::default(),
        unindexed: Vec::new(),
        index_input: None,
    }
    .prepared()
}
