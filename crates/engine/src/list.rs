//! Lists: a filter in FEEL, an order, a page. Only what a declared index serves is served.

use crate::cursor::{CursorText, read_offset};
use crate::looking::otherwise;
use crate::registry::record_type;
use crate::view::RecordView;
use crate::{Engine, Failure};
use definition::model::{
    IndexKey, ListIndex, Lookup, RecordType, ScopeKind, SeeRule, Service, View, Who,
};
use feel::{Op, Predicate, Value};
use kernel::derive::path_value;
use kernel::looks::Way;
use kernel::port::{ListCursor, ListQuery, SearchQuery};
use kernel::view::{FilterScope, lookup_fits, lookup_keys};
use kernel::{Actor, Around, Facts, Snapshot};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Records in a page unless asked otherwise.
const DEFAULT_LIMIT: usize = 50;
/// The most records in a page.
const MAX_LIMIT: usize = 200;
/// The most hits of a search that are filtered and sorted.
pub(crate) const MAX_CANDIDATES: usize = 1000;

/// What a list is asked for.
#[derive(Clone, Debug, Default)]
pub struct ListRequest {
    /// FEEL over the declared fields.
    pub filter: Option<String>,
    /// Key, with `-` before it for descending.
    pub sort: Option<String>,
    /// Records in the page, 1 to 200.
    pub limit: Option<usize>,
    /// Cursor.
    pub after: Option<String>,
    /// Words to search.
    pub q: Option<String>,
}

/// A page of records.
pub struct ListView {
    /// The records.
    pub items: Vec<RecordView>,
    /// Cursor of the next page; none at the end.
    pub next: Option<String>,
    /// True if the search or scan stopped at its limit: there may be more that fits.
    pub stopped: bool,
}

impl Engine {
    /// A page of the records of a type that the actor may see.
    ///
    /// # Errors
    /// If the filter does not read, uses a field that the actor may not read, or no declared index serves it.
    pub async fn list(
        &self,
        actor: &Actor,
        service: &str,
        kind: &str,
        request: &ListRequest,
    ) -> Result<ListView, Failure> {
        let service = self.service(service)?;
        let rt = record_type(&service, kind)?;
        let limit = request.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Failure::malformed(
                "/query/limit",
                "range",
                format!("limit は 1 から {MAX_LIMIT} までで指定してください。"),
            ));
        }
        let predicate = self.filter(&rt, actor, request.filter.as_deref())?;
        let sort = request.sort.as_deref().map(Sort::read);
        let mut used = BTreeSet::new();
        fields_of(&predicate, &mut used);
        used.extend(sort.iter().map(|sort| sort.key.clone()));
        if request.q.as_deref().is_some_and(|q| !q.trim().is_empty()) {
            used.extend(kernel::see::searched(&rt));
        }
        let scopes = kernel::scope_keys_where(&service, &rt, actor, |rule| {
            used.iter().all(|field| readable(&rt, rule, field))
        });
        if scopes.is_empty() {
            let hidden = kernel::scope_keys(&service, &rt, actor);
            if hidden.is_empty() {
                return Ok(ListView {
                    items: Vec::new(),
                    next: None,
                    stopped: false,
                });
            }
            let detail = "この項目での絞り込み・並べ替え・検索はできません。見ることができる項目を使ってください。";
            return Err(Failure::invalid("/query/filter", "not_readable", detail));
        }
        match request
            .q
            .as_deref()
            .map(str::trim)
            .filter(|q| !q.is_empty())
        {
            Some(q) => {
                self.search(
                    actor,
                    &service,
                    &rt,
                    Search {
                        q,
                        predicate,
                        sort,
                        scopes,
                        limit,
                        after: request.after.as_deref(),
                    },
                )
                .await
            }
            None => {
                let plan = plan(&rt, predicate, sort.as_ref())
                    .map_err(|hint| Failure::invalid("/query/filter", "no_index", hint))?;
                let query = plan.query(
                    &service,
                    &rt,
                    scopes,
                    limit,
                    request.after.as_deref().map(CursorText::read).transpose()?,
                );
                let page = self.store.list(&query).await?;
                let items = self.item_views(&service, &rt, actor, page.items).await?;
                Ok(ListView {
                    items,
                    next: page.next.as_ref().map(CursorText::write),
                    stopped: page.stopped,
                })
            }
        }
    }

    /// The newest records of a type that an actor may name in a record of their own.
    pub(crate) async fn nameable(
        &self,
        service: &Arc<Service>,
        rt: &RecordType,
        actor: &Actor,
    ) -> Result<Vec<Snapshot>, Failure> {
        let scopes = kernel::scope_keys_where(service, rt, actor, |rule| {
            rule.scope == ScopeKind::Own || matches!(rule.who, Who::Desk(_))
        });
        if scopes.is_empty() {
            return Ok(Vec::new());
        }
        let newest = Sort::read("-created_at");
        let plan = plan(rt, Predicate::True, Some(&newest))
            .map_err(|hint| Failure::invalid("/query/sort", "no_index", hint))?;
        let query = plan.query(service, rt, scopes, MAX_LIMIT, None);
        Ok(self.store.list(&query).await?.items)
    }

    /// Records that the platform itself looks up, whoever asks; what it finds is shown to nobody unchecked.
    pub(crate) async fn platform_page(
        &self,
        service: &Service,
        rt: &RecordType,
        wanted: Predicate,
        limit: usize,
    ) -> Result<Vec<Snapshot>, Failure> {
        let scopes = vec![kernel::PLATFORM_SCOPE.to_owned()];
        self.keyed_page(service, rt, scopes, wanted, limit).await
    }

    /// The first records of a register that fit, with their type as it is defined today; none where the register is not
    /// installed.
    pub(crate) async fn registered(
        &self,
        (service, kind): (&str, &str),
        wanted: Predicate,
        limit: usize,
    ) -> Result<Option<(Arc<RecordType>, Vec<Snapshot>)>, Failure> {
        let Ok(service) = self.service(service) else {
            return Ok(None);
        };
        let Some(rt) = service.types.get(kind) else {
            return Ok(None);
        };
        let found = self.platform_page(&service, rt, wanted, limit).await?;
        Ok(Some((Arc::clone(rt), found)))
    }

    /// The first records that stand under one of the keys and fit, by a declared index.
    pub(crate) async fn keyed_page(
        &self,
        service: &Service,
        rt: &RecordType,
        scopes: Vec<String>,
        wanted: Predicate,
        limit: usize,
    ) -> Result<Vec<Snapshot>, Failure> {
        let plan = plan(rt, wanted, None).map_err(Failure::Internal)?;
        let query = plan.query(service, rt, scopes, limit, None);
        Ok(self.store.list(&query).await?.items)
    }

    fn filter(
        &self,
        rt: &RecordType,
        actor: &Actor,
        source: Option<&str>,
    ) -> Result<Predicate, Failure> {
        let Some(source) = source.map(str::trim).filter(|s| !s.is_empty()) else {
            return Ok(Predicate::True);
        };
        let env = definition::filter_env(rt);
        let typed = feel::compile(source, &env, Some(&feel::Type::Boolean))
            .map_err(|found| filter_faults(source, &found))?;
        self.predicate(env, actor, &typed)
            .map_err(|hint| Failure::invalid("/query/filter", "no_index", hint))
    }

    /// A typed filter over names that a list knows, with today and the actor filled in.
    fn predicate(
        &self,
        env: feel::Env,
        actor: &Actor,
        typed: &feel::Typed,
    ) -> Result<Predicate, String> {
        let free: BTreeSet<String> = env
            .variables
            .into_keys()
            .filter(|name| !matches!(name.as_str(), "today" | "actor"))
            .collect();
        let scope = FilterScope {
            today: self.today(),
            actor,
        };
        let folded = typed
            .fold(&scope, &free)
            .map_err(|error| error.to_string())?;
        folded.predicate().map_err(|error| error.to_string())
    }

    async fn search(
        &self,
        actor: &Actor,
        service: &Arc<Service>,
        rt: &Arc<RecordType>,
        search: Search<'_>,
    ) -> Result<ListView, Failure> {
        let all = search.sort.is_some() || search.predicate != Predicate::True;
        let offset = if all {
            search.after.map(read_offset).transpose()?.unwrap_or(0)
        } else {
            0
        };
        let before = if all {
            None
        } else {
            search
                .after
                .map(CursorText::read)
                .transpose()?
                .map(|cursor| cursor.row)
        };
        let query = SearchQuery {
            service: service.slug.clone(),
            record_types: vec![rt.name.clone()],
            scopes: search.scopes.clone(),
            text: search.q.to_owned(),
            before,
            limit: if all { MAX_CANDIDATES } else { search.limit },
        };
        let page = self.store.search(&query).await?;
        let mut found = page.items;
        let mut next = page.next.as_ref().map(CursorText::write);
        if all {
            let mut keyed: Vec<(Value, Snapshot)> = Vec::with_capacity(found.len());
            for snapshot in found {
                if search
                    .predicate
                    .holds(&|path| path_value(service, rt, &snapshot, path))
                {
                    let key = search.sort.as_ref().map_or(Value::Null, |sort| {
                        path_value(service, rt, &snapshot, &sort.path())
                    });
                    keyed.push((key, snapshot));
                }
            }
            if let Some(sort) = &search.sort {
                keyed.sort_by_cached_key(|(key, _)| kernel::key::encode(key));
                if sort.descending {
                    keyed.reverse();
                }
            }
            next =
                (keyed.len() > offset + search.limit).then(|| (offset + search.limit).to_string());
            found = keyed
                .into_iter()
                .skip(offset)
                .take(search.limit)
                .map(|(_, snapshot)| snapshot)
                .collect();
        }
        let items = otherwise(Way::Search, self.item_views(service, rt, actor, found)).await?;
        Ok(ListView {
            items,
            next,
            stopped: page.stopped || (all && page.next.is_some()),
        })
    }
}

struct Search<'a> {
    q: &'a str,
    predicate: Predicate,
    sort: Option<Sort>,
    scopes: Vec<String>,
    limit: usize,
    after: Option<&'a str>,
}

/// An order as asked for.
struct Sort {
    key: String,
    descending: bool,
}

impl Sort {
    fn read(text: &str) -> Self {
        match text.strip_prefix('-') {
            Some(key) => Self {
                key: key.to_owned(),
                descending: true,
            },
            None => Self {
                key: text.to_owned(),
                descending: false,
            },
        }
    }

    fn path(&self) -> Vec<String> {
        self.key.split('.').map(str::to_owned).collect()
    }
}
/// How an index serves a request.
struct Plan<'a> {
    index: &'a ListIndex,
    filter: Predicate,
    fixed: usize,
    descending: bool,
}

impl Plan<'_> {
    fn query(
        &self,
        service: &Service,
        rt: &RecordType,
        scopes: Vec<String>,
        limit: usize,
        after: Option<ListCursor>,
    ) -> ListQuery {
        ListQuery {
            service: service.slug.clone(),
            record_type: rt.name.clone(),
            scopes,
            index: self.index.name.clone(),
            keys: self.index.keys.iter().map(IndexKey::path).collect(),
            filter: self.filter.clone(),
            fixed: self.fixed,
            many: self.index.many(&rt.fields),
            descending: self.descending,
            after,
            limit,
        }
    }
}

/// The index that serves filter and order best: the one with the most leading keys fixed by equality.
fn plan<'a>(
    rt: &'a RecordType,
    predicate: Predicate,
    sort: Option<&Sort>,
) -> Result<Plan<'a>, String> {
    let best = rt
        .indexes
        .iter()
        .filter_map(|index| serve(index, &predicate, sort))
        // Between equals the one that holds every record: others leave out those without a value.
        .max_by_key(|plan| (plan.fixed, plan.index.name == definition::RECENT_INDEX));
    best.ok_or_else(|| {
        let served: Vec<String> = rt
            .indexes
            .iter()
            .map(|index| {
                index
                    .keys
                    .iter()
                    .map(IndexKey::path)
                    .collect::<Vec<_>>()
                    .join(" → ")
            })
            .collect();
        format!(
            "この絞り込みと並び順に使える索引がありません。次の項目を左から順に使ってください: {}",
            served.join(" / ")
        )
    })
}

fn serve<'a>(index: &'a ListIndex, predicate: &Predicate, sort: Option<&Sort>) -> Option<Plan<'a>> {
    let names: Vec<String> = index.keys.iter().map(IndexKey::path).collect();
    let mut conjuncts = conjuncts(predicate);
    if let Some(only) = &index.only {
        let needed = self::conjuncts(only);
        if !needed.iter().all(|need| conjuncts.contains(need)) {
            return None;
        }
        conjuncts.retain(|one| !needed.contains(one));
    }
    let filter = match conjuncts.len() {
        0 => Predicate::True,
        1 => conjuncts.remove(0),
        _ => Predicate::And(conjuncts),
    };
    let mut used = BTreeSet::new();
    fields_of(&filter, &mut used);
    if !used.iter().all(|field| names.contains(field)) {
        return None;
    }
    let fixed = names
        .iter()
        .take_while(|name| is_fixed(&filter, name))
        .count();
    // The first key that is not fixed must carry the order or at least a condition: else the index would be scanned.
    let order = names.get(fixed);
    let ordered = match sort {
        Some(sort) => order == Some(&sort.key) || names[..fixed].contains(&sort.key),
        None => true,
    };
    let narrow = used.is_empty()
        || fixed > 0
        || order.is_some_and(|name| used.contains(name))
        || sort.is_some();
    (ordered && narrow).then(|| Plan {
        index,
        filter,
        fixed,
        descending: sort.is_some_and(|sort| sort.descending),
    })
}

fn conjuncts(predicate: &Predicate) -> Vec<Predicate> {
    match predicate {
        Predicate::True => Vec::new(),
        Predicate::And(all) => all.iter().flat_map(conjuncts).collect(),
        other => vec![other.clone()],
    }
}

fn is_fixed(predicate: &Predicate, name: &str) -> bool {
    conjuncts(predicate).iter().any(|one| match one {
        Predicate::Compare {
            field, op: Op::Eq, ..
        }
        | Predicate::Contains { field, .. } => field.join(".") == name,
        _ => false,
    })
}

fn fields_of(predicate: &Predicate, into: &mut BTreeSet<String>) {
    match predicate {
        Predicate::True | Predicate::False => {}
        Predicate::And(all) | Predicate::Or(all) => all.iter().for_each(|one| fields_of(one, into)),
        Predicate::Not(one) => fields_of(one, into),
        Predicate::Compare { field, .. }
        | Predicate::In { field, .. }
        | Predicate::Absent { field }
        | Predicate::Contains { field, .. } => {
            into.insert(field.join("."));
        }
    }
}

/// Whether a rule lets the actor read what a filter or order uses. Built-in keys are read wherever the record is.
pub(crate) fn readable(rt: &RecordType, rule: &SeeRule, key: &str) -> bool {
    let name = key.split('.').next().unwrap_or(key);
    kernel::rule_tells(rt, rule, name)
}

fn filter_faults(source: &str, found: &[feel::Diagnostic]) -> Failure {
    let faults = found.iter().map(|one| {
        let column = source
            .get(..one.span.start)
            .map_or(0, |before| before.chars().count())
            + 1;
        let hint = one.hint.as_deref().unwrap_or_default();
        kernel::Fault::new(
            "/query/filter",
            one.code,
            format!("{column}文字目: {} {hint}", one.message),
        )
    });
    kernel::Refusal::new(
        kernel::RefusalKind::Invalid,
        "絞り込みの式を確かめてください",
        faults.collect(),
    )
    .into()
}

/// A view with its index and filter resolved for one actor.
pub(crate) struct ViewPlan {
    pub(crate) query: ListQuery,
}

impl ViewPlan {
    /// None if the actor can see no record of the type.
    pub(crate) fn new(
        engine: &Engine,
        service: &Service,
        rt: &RecordType,
        view: &View,
        actor: &Actor,
        only: Predicate,
    ) -> Result<Option<Self>, Failure> {
        let declared = match &view.filter {
            None => Predicate::True,
            Some(filter) => engine
                .predicate(definition::filter_env(rt), actor, filter)
                .map_err(Failure::Internal)?,
        };
        let predicate = match (declared, only) {
            (declared, Predicate::True) => declared,
            (Predicate::True, only) => only,
            (Predicate::And(mut parts), Predicate::And(more)) => {
                parts.extend(more);
                Predicate::And(parts)
            }
            (one, Predicate::And(mut parts)) => {
                parts.insert(0, one);
                Predicate::And(parts)
            }
            (one, other) => Predicate::And(vec![one, other]),
        };
        let scopes = kernel::scope_keys(service, rt, actor);
        if scopes.is_empty() {
            return Ok(None);
        }
        let index = rt.indexes.iter().find(|index| index.name == view.index);
        let index =
            index.ok_or_else(|| Failure::Internal(format!("view {} has no index", view.name)))?;
        // A view of an index that holds only some records shows those, without saying so again.
        let predicate = match &index.only {
            Some(only) => {
                let mut all = conjuncts(&predicate);
                let more = conjuncts(only).into_iter();
                let missing: Vec<Predicate> = more.filter(|one| !all.contains(one)).collect();
                all.extend(missing);
                Predicate::And(all)
            }
            None => predicate,
        };
        let mut plan = serve(index, &predicate, None).ok_or_else(|| {
            Failure::Internal(format!("view {} is not served by its index", view.name))
        })?;
        plan.descending = view.descending;
        Ok(Some(Self {
            query: plan.query(service, rt, scopes, 0, None),
        }))
    }
}

/// The newest records of a type, by the index that every type has.
pub(crate) fn recent(
    service: &Service,
    rt: &RecordType,
    scopes: Vec<String>,
    limit: usize,
) -> ListQuery {
    ListQuery {
        service: service.slug.clone(),
        record_type: rt.name.clone(),
        scopes,
        index: definition::RECENT_INDEX.to_owned(),
        keys: vec!["created_at".into()],
        filter: Predicate::True,
        fixed: 0,
        many: false,
        descending: true,
        after: None,
        limit,
    }
}

/// Records of a type that wait for an account's acknowledgement (後閲), oldest first.
pub(crate) fn after_review(
    service: &Service,
    rt: &RecordType,
    scopes: Vec<String>,
    account: kernel::AccountId,
    limit: usize,
) -> ListQuery {
    ListQuery {
        index: definition::AFTER_REVIEW_INDEX.to_owned(),
        keys: vec!["after_review".into(), "updated_at".into()],
        filter: Predicate::compare("after_review", Op::Eq, Value::text(&account.to_string())),
        fixed: 1,
        many: true,
        descending: false,
        ..recent(service, rt, scopes, limit)
    }
}

/// Pages that a lookup with a condition looks through for records that fit.
const MOST_LOOKUP_PAGES: usize = 20;

/// Records that a lookup finds, the newest first, as the platform sees them; who may see each is checked when it is shown.
pub(crate) async fn lookup_page(
    engine: &Engine,
    facts: &Facts,
    rt: &RecordType,
    lookup: &Lookup,
) -> Result<Vec<Snapshot>, Failure> {
    let Some(of) = facts.service.types.get(&lookup.of) else {
        return Ok(Vec::new());
    };
    let Some(index) = of.indexes.iter().find(|index| index.name == lookup.index) else {
        return Ok(Vec::new());
    };
    let Some(record) = &facts.record else {
        return Ok(Vec::new());
    };
    let mut equal = Vec::new();
    let keys = lookup_keys(Around::of(facts), rt, lookup, record)
        .map_err(|error| Failure::Internal(error.to_string()))?;
    let Some(keys) = keys else {
        return Ok(Vec::new());
    };
    for (key, value) in index.keys.iter().zip(keys) {
        equal.push(Predicate::Compare {
            field: key.path().split('.').map(str::to_owned).collect(),
            op: Op::Eq,
            value,
        });
    }
    let mut query = ListQuery {
        service: facts.service.slug.clone(),
        record_type: of.name.clone(),
        scopes: vec![kernel::PLATFORM_SCOPE.to_owned()],
        index: index.name.clone(),
        keys: index.keys.iter().map(IndexKey::path).collect(),
        fixed: equal.len(),
        many: index.many(&of.fields),
        filter: Predicate::And(equal),
        descending: true,
        after: None,
        limit: lookup.limit + 1,
    };
    let mut found = Vec::new();
    for _ in 0..MOST_LOOKUP_PAGES {
        let page = engine.store.list(&query).await?;
        let fits = |one: &Snapshot| {
            one.id != record.id
                && kernel::closed::finds(record, one)
                && lookup_fits(Around::of(facts), rt, lookup, record, one)
        };
        found.extend(page.items.into_iter().filter(fits));
        query.after = page.next;
        if found.len() >= lookup.limit || query.after.is_none() {
            break;
        }
    }
    found.truncate(lookup.limit);
    Ok(found)
}
