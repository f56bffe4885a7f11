//! The daily comparison (突合): what we counted as received against the gateway's file. What the file has and we have
//! not is taken in on the spot; what is left over is a difference that says what to do.

use super::compare::{Compared, Counted, Holder, compare};
use super::port::{News, NewsKind, Reference, Settled};
use super::take::SYSTEM;
use crate::{Engine, Failure, GatewayError};
use definition::model::{IndexKey, RecordType, Service, Status};
use feel::{Op, Predicate, Value};
use jiff::{ToSpan, civil::Date};
use kernel::port::ListQuery;
use kernel::{PLATFORM_SCOPE, RecordId, Snapshot};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Days before today that are compared anew: money may be told late.
const DAYS_BACK: i64 = 7;
/// Records in one page of a day's money.
const PAGE: usize = 200;
/// The setting that says until which day was compared.
const SETTING: &str = "payment_compared_until";

impl Engine {
    /// Compares the days that are over and not yet compared, and those just before them, once a day.
    pub(crate) async fn compare_days(&self) -> Result<(), Failure> {
        let Some(gateway) = self.gateway().cloned() else {
            return Ok(());
        };
        let today = self.today();
        let yesterday = today.yesterday().unwrap_or(today);
        let done = self.store.setting(SETTING).await?;
        if done.as_deref() == Some(&*yesterday.to_string()) {
            return Ok(());
        }
        for back in (1..=DAYS_BACK).rev() {
            let day = today.checked_sub(back.days()).unwrap_or(yesterday);
            match self.compare_day(day).await {
                Ok(_) => {}
                Err(CompareError::Gateway(fault)) => {
                    tracing::warn!(gateway = gateway.name(), %day, %fault, "the daily file is not there yet");
                    return Ok(());
                }
                Err(CompareError::Engine(fault)) => return Err(fault),
            }
        }
        Ok(self
            .store
            .put_setting(SETTING, &yesterday.to_string())
            .await?)
    }

    /// Compares one day and keeps the result as a record.
    ///
    /// # Errors
    /// If the gateway's file cannot be had, or the store is not available.
    pub async fn compare_day(&self, day: Date) -> Result<Compared, CompareError> {
        let Some(gateway) = self.gateway().cloned() else {
            let none = GatewayError::Unavailable("代行会社が設定されていません".into());
            return Err(none.into());
        };
        let file = gateway.settled(day).await?;
        let mut counted = self.counted(day).await?;
        let mut healed = false;
        for row in file
            .iter()
            .filter(|row| row.refund.is_some() || !counted.contains_key(&row.payment))
        {
            // Told before, it changes nothing; never told, this is how we learn of it.
            self.take_news(gateway.name(), &row.news()).await?;
            healed = true;
        }
        if healed {
            counted = self.counted(day).await?;
        }
        let holders = self.holders(&file, &counted).await?;
        let compared = compare(day, &file, counted, &holders);
        self.keep_day(gateway.name(), &compared).await?;
        Ok(compared)
    }

    /// Money of a day by the gateway's number, over all services. What was taken at a counter has no such number.
    async fn counted(&self, day: Date) -> Result<BTreeMap<String, Counted>, Failure> {
        let mut counted = BTreeMap::new();
        let catalogue = self.catalogue();
        let running = catalogue
            .services
            .values()
            .filter(|service| service.status == Status::Running);
        for service in running {
            for rt in service.types.values() {
                let Some(mut query) = query(service, rt, day) else {
                    continue;
                };
                loop {
                    let page = self.store.list(&query).await?;
                    for snapshot in &page.items {
                        if let Some((number, money)) = money(rt, snapshot) {
                            counted.insert(number, money);
                        }
                    }
                    if page.next.is_none() {
                        break;
                    }
                    query.after = page.next;
                }
            }
        }
        Ok(counted)
    }

    /// Whose the payments of a file are that were not counted on its day, by their references. Usually there are none.
    async fn holders(
        &self,
        file: &[Settled],
        counted: &BTreeMap<String, Counted>,
    ) -> Result<BTreeMap<String, Holder>, Failure> {
        let left = |row: &&Settled| row.refund.is_none() && !counted.contains_key(&row.payment);
        let named: BTreeMap<RecordId, &str> = file
            .iter()
            .filter(left)
            .filter_map(|row| {
                let reference = row.reference.parse::<Reference>().ok()?;
                Some((reference.record, row.reference.as_str()))
            })
            .collect();
        let ids: Vec<RecordId> = named.keys().copied().collect();
        let found = self.store.snapshots(&ids).await?;
        let known = |record: &Snapshot| Some((named.get(&record.id)?.to_string(), holder(record)));
        Ok(found.iter().filter_map(known).collect())
    }

    async fn keep_day(&self, gateway: &str, compared: &Compared) -> Result<(), Failure> {
        let Some(keeper) = self.keeper(|g| g.day.as_ref()) else {
            return Ok(());
        };
        if compared.file_count == 0 && compared.differences.is_empty() {
            return Ok(());
        }
        let catalogue = self.catalogue();
        let titled = |slug: &str| match catalogue.services.get(slug) {
            Some(service) => service.title.clone(),
            None => slug.to_owned(),
        };
        let fields = compared.fields(gateway, titled);
        let opening = format!("gateway/{gateway}/day/{}", compared.day);
        let known = self.store.idempotency(SYSTEM, &opening).await?;
        let mut request = self.by_gateway(
            &keeper.service,
            &keeper.rt,
            &keeper.action,
            &fields,
            &opening,
        );
        if let Some(known) = known {
            // The same result again leaves nothing.
            let hash = crate::hash::sha256(Json::Object(fields).to_string().as_bytes());
            request.record = Some(known.record);
            if let Some(key) = &mut request.idempotency {
                key.key = format!("{opening}/{hash}");
            }
        }
        self.perform(request).await.map(drop)
    }
}

/// Why a day was not compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// The gateway.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The engine.
    #[error(transparent)]
    Engine(#[from] Failure),
}

fn query(service: &Service, rt: &RecordType, day: Date) -> Option<ListQuery> {
    let name = rt.gateway.as_ref()?.counted.as_ref()?;
    let index = rt.indexes.iter().find(|index| index.name == *name)?;
    Some(ListQuery {
        service: service.slug.clone(),
        record_type: rt.name.clone(),
        scopes: vec![PLATFORM_SCOPE.to_owned()],
        index: index.name.clone(),
        keys: index.keys.iter().map(IndexKey::path).collect(),
        filter: Predicate::compare("received_on", Op::Eq, Value::Date(day)),
        fixed: 1,
        many: index.many(&rt.fields),
        descending: false,
        after: None,
        limit: PAGE,
    })
}

fn money(rt: &RecordType, snapshot: &Snapshot) -> Option<(String, Counted)> {
    let field = |name: &str| snapshot.fields.get(&rt.fields.get(name)?.id);
    let number = field("gateway_payment")?.as_str()?.to_owned();
    let yen = field("received_amount")?.as_u64()?;
    let place = format!(
        "/r/{}/{}/{}",
        snapshot.service, snapshot.record_type, snapshot.id
    );
    let holder = holder(snapshot);
    Some((number, Counted { yen, place, holder }))
}

fn holder(record: &Snapshot) -> Holder {
    Holder {
        service: record.service.clone(),
        office: record.office.clone().unwrap_or_default(),
    }
}

impl Settled {
    /// The line as the news that it should have been.
    fn news(&self) -> News {
        let kind = match &self.refund {
            Some(refund) => NewsKind::Refunded {
                refund: refund.clone(),
            },
            None => NewsKind::Paid {
                payment: self.payment.clone(),
                method: self.method.clone(),
            },
        };
        News {
            kind,
            reference: self.reference.clone(),
            session: self.session.clone(),
            amount_yen: self.amount_yen,
            at: self.at,
        }
    }
}
