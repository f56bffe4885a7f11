//! How long records are kept.

use feel::Typed;

/// How long a record is kept once it has ended (保存期間), and what comes after.
#[derive(Clone, Debug)]
pub struct Retention {
    /// Years; none: for ever.
    pub years: Option<u16>,
    /// The day from which they count; none: the day on which the record ended.
    pub from: Option<Typed>,
    /// When counting begins.
    pub count: RetentionCount,
    /// What may be proposed when the time is over, besides keeping longer.
    pub then: RetentionThen,
    /// What says so.
    pub basis: String,
    /// Desk roles that propose.
    pub by: Vec<String>,
    /// Desk roles that decide.
    pub decide: Vec<String>,
    /// Days after which a record goes by itself that ended and never arrived.
    pub unsent: Option<u16>,
}

/// From which day on the years count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetentionCount {
    /// From 1 April of the next fiscal year (翌年度の4月1日から起算).
    FiscalYear,
    /// From 1 January of the next year.
    Year,
    /// From the next day.
    Day,
}

/// What comes when the time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetentionThen {
    /// 廃棄.
    Dispose,
    /// 公文書館への移管.
    Archive,
    /// Either, as somebody decides.
    Review,
}
