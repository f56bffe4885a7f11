//! Records that ended without ever having arrived, such as discarded drafts: they go by themselves after the days that the
//! rule of their type gives (`unsent`). No official sees them, so none proposes or decides it.

use super::carry::{Going, WORDS};
use crate::{Engine, Failure};
use definition::model::{RecordType, Service};
use feel::{Op, Predicate, Value};
use jiff::civil::Date;
use kernel::keep::{Deed, UNSENT, UNTIL};
use kernel::port::ListQuery;
use kernel::{PLATFORM_SCOPE, Snapshot};
use std::sync::Arc;

/// Records that go in one round of the worker.
const BATCH: usize = 100;

impl Engine {
    /// Lets go what has run out, once a day: none runs out within one. True while there is more to do.
    pub(crate) async fn let_unsent_go(&self) -> Result<bool, Failure> {
        let today = self.today();
        if *self.keep.unsent.lock() == Some(today) {
            return Ok(false);
        }
        let catalogue = self.catalogue();
        for service in catalogue.services.values() {
            for rt in service.types.values() {
                let rule = rt.retention.as_ref();
                if rule.is_some_and(|rule| rule.unsent.is_some())
                    && self.let_type_go(service, rt, today).await?
                {
                    return Ok(true);
                }
            }
        }
        *self.keep.unsent.lock() = Some(today);
        Ok(false)
    }

    async fn let_type_go(
        &self,
        service: &Arc<Service>,
        rt: &Arc<RecordType>,
        today: Date,
    ) -> Result<bool, Failure> {
        let found = self.store.list(&over(service, rt, today)).await?.items;
        let mut gone = false;
        for snapshot in found {
            let Some(until) = kernel::keep::unsent_until(rt, &snapshot).filter(|day| *day < today)
            else {
                continue;
            };
            let going = going(service, rt, &snapshot, today);
            // One that moved meanwhile is looked at again.
            gone |= self.carry_one(&going, &snapshot, until).await?;
        }
        if gone {
            self.store.put_setting(WORDS, "1").await?;
            self.import_wake.notify_one();
        }
        // Where nothing could go, asking again at once would find the same.
        Ok(gone)
    }
}

fn over(service: &Service, rt: &RecordType, today: Date) -> ListQuery {
    ListQuery {
        service: service.slug.clone(),
        record_type: rt.name.clone(),
        scopes: vec![PLATFORM_SCOPE.to_owned()],
        index: UNSENT.to_owned(),
        keys: vec![UNTIL.to_owned()],
        filter: Predicate::compare(UNTIL, Op::Lt, Value::Date(today)),
        fixed: 0,
        many: false,
        descending: false,
        after: None,
        limit: BATCH,
    }
}

fn going(service: &Arc<Service>, rt: &Arc<RecordType>, of: &Snapshot, today: Date) -> Going {
    let nobody = || "自動（職員の決定なし）".to_owned();
    Going {
        id: of.id,
        deed: Deed::Dispose,
        service: Arc::clone(service),
        of: Arc::clone(rt),
        because: "届かないまま終わり、残す日数が過ぎた".to_owned(),
        until: None,
        proposed_by: nobody(),
        decided_by: nobody(),
        decider: None,
        decided_on: today,
        basis: rt
            .retention
            .as_ref()
            .map(|rule| rule.basis.clone())
            .unwrap_or_default(),
    }
}
