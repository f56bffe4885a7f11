//! Electronic payment: what a record type does with a gateway's answers.

/// What an answer of the gateway brings, as fields of the action's form, and the FEEL type that the field must have.
pub const GATEWAY_FIELDS: &[(&str, feel::Type)] = &[
    ("gateway_session", feel::Type::Text),
    ("gateway_url", feel::Type::Text),
    ("gateway_payment", feel::Type::Text),
    ("gateway_refund", feel::Type::Text),
    ("gateway_note", feel::Type::Text),
    ("ended_session", feel::Type::Text),
    ("received_amount", feel::Type::Number),
    ("received_on", feel::Type::Date),
    ("paid_by", feel::Type::Text),
    ("refunded_on", feel::Type::Date),
    ("refused_reason", feel::Type::Text),
    ("settled_on", feel::Type::Date),
    ("gateway_name", feel::Type::Text),
    ("file_count", feel::Type::Number),
    ("file_total", feel::Type::Number),
    ("counted_total", feel::Type::Number),
    ("refunded_total", feel::Type::Number),
    ("difference", feel::Type::Number),
    ("offices", feel::Type::Any),
    ("differences", feel::Type::Any),
];

/// The field that keeps the address of the payer's page; nobody is shown it as a value.
pub const GATEWAY_URL: &str = "gateway_url";

/// The actions that a gateway's answers perform. All are actions of the system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gateway {
    /// States in which the owner may go and pay.
    pub pay_in: Vec<String>,
    /// What is shown before paying.
    pub terms: Option<String>,
    /// The payer's page is there.
    pub ready: Option<String>,
    /// Money has arrived.
    pub paid: Option<String>,
    /// It ran out unpaid.
    pub expired: Option<String>,
    /// Money was given back.
    pub refunded: Option<String>,
    /// It could not be given back.
    pub refused: Option<String>,
    /// Opens a record for money that belongs to none.
    pub stray: Option<String>,
    /// Keeps the comparison of one day.
    pub day: Option<String>,
    /// Index by which money is counted for each day.
    pub counted: Option<String>,
}

impl Gateway {
    /// The actions by the words that name them.
    pub fn actions(&self) -> impl Iterator<Item = (&'static str, &String)> {
        [
            ("ready", &self.ready),
            ("paid", &self.paid),
            ("expired", &self.expired),
            ("refunded", &self.refunded),
            ("refused", &self.refused),
            ("stray", &self.stray),
            ("day", &self.day),
        ]
        .into_iter()
        .filter_map(|(word, action)| Some((word, action.as_ref()?)))
    }
}
