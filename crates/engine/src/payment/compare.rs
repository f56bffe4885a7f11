//! Money that we counted against money in the gateway's file: what agrees, what does not, and whose it is.

use super::port::Settled;
use jiff::civil::Date;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// The most differences that a day's record lists; the sums count all.
const MOST_LISTED: usize = 200;
/// The most offices that a day's record lists; those that differ come first.
const MOST_OFFICES: usize = 1_000;

/// Whose money it is: by the record that it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holder {
    /// Slug of the service.
    pub service: String,
    /// The office of the record.
    pub office: String,
}

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
    /// The same by service and office; under none what belongs to no record.
    pub holders: BTreeMap<Option<Holder>, Share>,
    /// What does not agree.
    pub differences: Vec<Difference>,
}

/// The part of a day's money that is one office's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// In the file, in yen.
    pub file_yen: u64,
    /// As we counted it, in yen.
    pub counted_yen: u64,
    /// How many payments do not agree.
    pub differences: usize,
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
    /// Whose money it is; none where it belongs to no record.
    pub holder: Option<Holder>,
    /// What to do.
    pub remedy: &'static str,
}

/// Money that we counted.
pub(super) struct Counted {
    pub(super) yen: u64,
    pub(super) place: String,
    pub(super) holder: Holder,
}

impl Share {
    /// File less counted, in yen.
    fn difference_yen(self) -> i128 {
        i128::from(self.file_yen) - i128::from(self.counted_yen)
    }
}

/// Compares a day's file with what was counted, by the gateway's number. `holders` says whose the references are that
/// were not counted on that day.
pub(super) fn compare(
    day: Date,
    file: &[Settled],
    counted: BTreeMap<String, Counted>,
    holders: &BTreeMap<String, Holder>,
) -> Compared {
    let (refunds, payments): (Vec<&Settled>, Vec<&Settled>) =
        file.iter().partition(|row| row.refund.is_some());
    let mut compared = Compared {
        day,
        file_count: payments.len(),
        file_yen: 0,
        counted_yen: 0,
        refunded_yen: refunds.iter().map(|row| row.amount_yen).sum(),
        holders: BTreeMap::new(),
        differences: Vec::new(),
    };
    let mut rest = counted;
    for row in payments {
        let ours = rest.remove(&row.payment);
        let known = || holders.get(&row.reference).cloned();
        compared.add(Difference {
            number: row.payment.clone(),
            file_yen: Some(row.amount_yen),
            counted_yen: ours.as_ref().map(|ours| ours.yen),
            place: match &ours {
                Some(ours) => ours.place.clone(),
                None => row.reference.clone(),
            },
            holder: ours.map_or_else(known, |ours| Some(ours.holder)),
            remedy: "",
        });
    }
    for (number, ours) in rest {
        compared.add(Difference {
            number,
            file_yen: None,
            counted_yen: Some(ours.yen),
            place: ours.place,
            holder: Some(ours.holder),
            remedy: "",
        });
    }
    compared
}

impl Difference {
    /// What to do about it; none where both sides agree.
    fn told(self) -> Option<Self> {
        let remedy = match (self.file_yen, self.counted_yen) {
            (file, counted) if file == counted => return None,
            (Some(_), Some(_)) => {
                "額が違います。代行会社に明細を確かめ、差額を過誤納として扱うか、訂正を求めてください。"
            }
            (Some(_), None) => {
                "代行会社にはあり、こちらの、この日の入金にありません。入金の記録の日付を確かめてください。"
            }
            (None, _) => {
                "こちらにはあり、代行会社の明細にありません。代行会社に入金を確かめてください。確かめられるまで、返金しないでください。"
            }
        };
        Some(Self { remedy, ..self })
    }
}

impl Compared {
    /// Counts a payment, and keeps it as a difference where the two sides do not agree.
    fn add(&mut self, one: Difference) {
        let (file, counted) = (
            one.file_yen.unwrap_or_default(),
            one.counted_yen.unwrap_or_default(),
        );
        self.file_yen += file;
        self.counted_yen += counted;
        let share = self.holders.entry(one.holder.clone()).or_default();
        share.file_yen += file;
        share.counted_yen += counted;
        if let Some(difference) = one.told() {
            share.differences += 1;
            self.differences.push(difference);
        }
    }

    /// File less counted, in yen.
    #[must_use]
    pub fn difference_yen(&self) -> i128 {
        i128::from(self.file_yen) - i128::from(self.counted_yen)
    }

    /// As fields of the day's record. `titled` is what people call a service.
    pub(super) fn fields(
        &self,
        gateway: &str,
        titled: impl Fn(&str) -> String,
    ) -> Map<String, Json> {
        let whose = |holder: Option<&Holder>| match holder {
            Some(holder) => (titled(&holder.service), holder.office.clone()),
            None => ("わからないもの".to_owned(), String::new()),
        };
        let listed = self.differences.iter().take(MOST_LISTED).map(|found| {
            let (service, office) = whose(found.holder.as_ref());
            json!({
                "number": found.number, "file_amount": found.file_yen, "counted_amount": found.counted_yen,
                "service": service, "office": office, "place": found.place, "remedy": found.remedy,
            })
        });
        let mut shares: Vec<_> = self.holders.iter().collect();
        shares.sort_by_key(|(_, share)| share.differences == 0);
        let offices = shares
            .into_iter()
            .take(MOST_OFFICES)
            .map(|(holder, share)| {
                let (service, office) = whose(holder.as_ref());
                json!({
                    "service": service, "office": office, "file_amount": share.file_yen,
                    "counted_amount": share.counted_yen, "difference": yen(share.difference_yen()),
                    "unequal": share.differences,
                })
            });
        [
            ("settled_on", json!(self.day.to_string())),
            ("gateway_name", json!(gateway)),
            ("file_count", json!(self.file_count)),
            ("file_total", json!(self.file_yen)),
            ("counted_total", json!(self.counted_yen)),
            ("refunded_total", json!(self.refunded_yen)),
            ("difference", json!(yen(self.difference_yen()))),
            ("offices", json!(offices.collect::<Vec<Json>>())),
            ("differences", json!(listed.collect::<Vec<Json>>())),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }
}

fn yen(amount: i128) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use jiff::civil::date;
    use proptest::prelude::*;

    const DAY: Date = date(2026, 11, 22);

    fn row(number: usize, office: usize, yen: u64) -> Settled {
        Settled {
            reference: format!("toll/payment/{office}"),
            session: None,
            payment: format!("pay_{number}"),
            refund: None,
            amount_yen: yen,
            method: "card".into(),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    fn holder(office: usize) -> Holder {
        Holder {
            service: "toll".into(),
            office: format!("所{office}"),
        }
    }

    proptest! {
        /// Each payment is in the file, with us, or both; the offices' shares are the whole, and an office that has
        /// everything right hears nothing.
        #[test]
        fn the_shares_of_the_offices_are_the_whole(
            money in prop::collection::vec((0..4_usize, prop::option::of(1..9_u64), prop::option::of(1..9_u64)), 0..40),
        ) {
            let mut file = Vec::new();
            let mut counted = BTreeMap::new();
            let mut wrong: BTreeMap<Option<Holder>, usize> = BTreeMap::new();
            // References of office 3 are nobody's.
            let known: BTreeMap<String, Holder> =
                (0..3).map(|at| (format!("toll/payment/{at}"), holder(at))).collect();
            for (number, (office, theirs, ours)) in money.iter().enumerate() {
                file.extend(theirs.map(|yen| row(number, *office, yen)));
                if let Some(yen) = *ours {
                    let one = Counted { yen, place: "/r".into(), holder: holder(*office) };
                    counted.insert(format!("pay_{number}"), one);
                }
                if theirs != ours {
                    let whose = (ours.is_some() || *office < 3).then(|| holder(*office));
                    *wrong.entry(whose).or_default() += 1;
                }
            }
            let compared = compare(DAY, &file, counted, &known);
            let sum = |of: fn(&Share) -> u64| compared.holders.values().map(of).sum::<u64>();
            prop_assert_eq!(sum(|share| share.file_yen), compared.file_yen);
            prop_assert_eq!(sum(|share| share.counted_yen), compared.counted_yen);
            let theirs: u64 = money.iter().filter_map(|(_, theirs, _)| *theirs).sum();
            let ours: u64 = money.iter().filter_map(|(.., ours)| *ours).sum();
            prop_assert_eq!((compared.file_yen, compared.counted_yen), (theirs, ours));
            let told: BTreeMap<Option<Holder>, usize> = compared
                .holders
                .iter()
                .filter(|(_, share)| share.differences > 0)
                .map(|(holder, share)| (holder.clone(), share.differences))
                .collect();
            prop_assert_eq!(&told, &wrong);
            prop_assert_eq!(compared.differences.len(), wrong.values().sum::<usize>());
        }
    }

    #[test]
    fn a_day_tells_the_offices_that_differ_first() {
        let counted = [("pay_0", 0, 300), ("pay_1", 1, 500)].map(|(number, office, yen)| {
            let one = Counted {
                yen,
                place: format!("/r/toll/receipt/{office}"),
                holder: holder(office),
            };
            (number.to_owned(), one)
        });
        let file = [row(0, 0, 300), row(1, 1, 400)];
        let compared = compare(DAY, &file, counted.into(), &BTreeMap::new());
        let fields = compared.fields("sandbox", |slug| format!("手続 {slug}"));
        assert_eq!(
            fields["offices"],
            json!([
                {"service": "手続 toll", "office": "所1", "file_amount": 400, "counted_amount": 500, "difference": -100, "unequal": 1},
                {"service": "手続 toll", "office": "所0", "file_amount": 300, "counted_amount": 300, "difference": 0, "unequal": 0},
            ])
        );
        assert_eq!(fields["differences"][0]["office"], "所1");
        assert_eq!(fields["difference"], -100);
    }
}
