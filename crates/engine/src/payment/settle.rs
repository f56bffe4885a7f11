//! The daily comparison (突合): what we counted as received against the gateway's file. What the file has and we have
//! not is taken in on the spot; what is left over is a difference that says what to do.

use super::port::{News, NewsKind, Settled};
use super::take::SYSTEM;
use crate::{Engine, Failure, GatewayError};
use definition::model::{IndexKey, RecordType, Service, Status};
use feel::{Op, Predicate, Value};
use jiff::{ToSpan, civil::Date};
use kernel::port::ListQuery;
use kernel::{PLATFORM_SCOPE, Snapshot};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// Days before today that are compared anew: money may be told late.
const DAYS_BACK: i64 = 7;
/// Records in one page of a day's money.
const PAGE: usize = 200;
/// The setting that says until which day was compared.
const SETTING: &str = "payment_compared_until";
/// The most differences that a day's record lists; the sum counts all.
const MOST_LISTED: usize = 200;

/// The comparison of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// The day.
    pub day: Date,
    /// Payments in the gateway's file.
    pub file_count: usize,
    /// Their sum in yen.
    pub file_yen: u64,
    /// What we counted of that gateway's payments, in yen.
    pub counted_yen: u64,
    /// Given back that day, by the file, in yen.
    pub refunded_yen: u64,
    /// What does not agree.
    pub differences: Vec<Difference>,
}

/// One thing that does not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The gateway's number of the payment or refund.
    pub number: String,
    /// In the file, in yen.
    pub file_yen: Option<u64>,
    /// As we counted it, in yen.
    pub counted_yen: Option<u64>,
    /// Where to look: path of the record, or the reference of the file.
    pub place: String,
    /// What to do.
    pub remedy: &'static str,
}

/// Money that we counted.
struct Counted {
    yen: u64,
    place: String,
}

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
        let compared = compare(day, &file, counted);
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

    async fn keep_day(&self, gateway: &str, compared: &Compared) -> Result<(), Failure> {
        let Some(keeper) = self.keeper(|g| g.day.as_ref()) else {
            return Ok(());
        };
        if compared.file_count == 0 && compared.differences.is_empty() {
            return Ok(());
        }
        let fields = compared.fields(gateway);
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
        filter: Predicate::Compare {
            field: vec!["received_on".into()],
            op: Op::Eq,
            value: Value::Date(day),
        },
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
    Some((number, Counted { yen, place }))
}

fn compare(day: Date, file: &[Settled], mut counted: BTreeMap<String, Counted>) -> Compared {
    let counted_yen = counted.values().map(|money| money.yen).sum();
    let mut differences = Vec::new();
    let (refunds, payments): (Vec<&Settled>, Vec<&Settled>) =
        file.iter().partition(|row| row.refund.is_some());
    for row in &payments {
        let ours = counted.remove(&row.payment);
        if ours.as_ref().is_some_and(|ours| ours.yen == row.amount_yen) {
            continue;
        }
        let remedy = match ours {
            Some(_) => {
                "額が違います。代行会社に明細を確かめ、差額を過誤納として扱うか、訂正を求めてください。"
            }
            None => {
                "代行会社にはあり、こちらの、この日の入金にありません。入金の記録の日付を確かめてください。"
            }
        };
        differences.push(Difference {
            number: row.payment.clone(),
            file_yen: Some(row.amount_yen),
            counted_yen: ours.as_ref().map(|ours| ours.yen),
            place: ours.map_or_else(|| row.reference.clone(), |ours| ours.place),
            remedy,
        });
    }
    differences.extend(counted.into_iter().map(|(number, ours)| Difference {
        number,
        file_yen: None,
        counted_yen: Some(ours.yen),
        place: ours.place,
        remedy: "こちらにはあり、代行会社の明細にありません。代行会社に入金を確かめてください。確かめられるまで、返金しないでください。",
    }));
    Compared {
        day,
        file_count: payments.len(),
        file_yen: payments.iter().map(|row| row.amount_yen).sum(),
        counted_yen,
        refunded_yen: refunds.iter().map(|row| row.amount_yen).sum(),
        differences,
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

impl Compared {
    /// File less counted, in yen.
    #[must_use]
    pub fn difference_yen(&self) -> i128 {
        i128::from(self.file_yen) - i128::from(self.counted_yen)
    }

    fn fields(&self, gateway: &str) -> Map<String, Json> {
        let listed: Vec<Json> = self
            .differences
            .iter()
            .take(MOST_LISTED)
            .map(|found| {
                json!({
                    "number": found.number, "file_amount": found.file_yen,
                    "counted_amount": found.counted_yen, "place": found.place, "remedy": found.remedy,
                })
            })
            .collect();
        let difference = i64::try_from(self.difference_yen()).unwrap_or(i64::MAX);
        [
            ("settled_on", json!(self.day.to_string())),
            ("gateway_name", json!(gateway)),
            ("file_count", json!(self.file_count)),
            ("file_total", json!(self.file_yen)),
            ("counted_total", json!(self.counted_yen)),
            ("refunded_total", json!(self.refunded_yen)),
            ("difference", json!(difference)),
            ("differences", json!(listed)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }
}
