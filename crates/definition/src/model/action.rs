//! Actions, changes, effects, routes.

use super::{Field, Part, RecordType};
use feel::Typed;

/// Who may do or see something.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Who {
    /// The party in this role of the record (`applicant`).
    Party(String),
    /// A seat with this role (`desk.examiner`).
    Desk(String),
    /// The platform: clocks and other acts.
    System,
    /// Anyone signed in.
    SignedIn,
    /// Everybody, without signing in.
    Public,
}

/// An action (操作).
#[derive(Clone, Debug)]
pub struct Action {
    /// Name.
    pub name: String,
    /// Title (申請する).
    pub title: String,
    /// Who may.
    pub by: Vec<Who>,
    /// Whether it may open a record.
    pub opens: bool,
    /// States from which; empty for one that only opens.
    pub from: Vec<String>,
    /// State to which; none: it stays.
    pub to: Option<String>,
    /// What the actor enters.
    pub form: Form,
    /// Conditions.
    pub require: Vec<Condition>,
    /// A system action is performed when this becomes true.
    pub when: Option<Typed>,
    /// Route (決裁) that it goes through.
    pub route: Option<String>,
    /// What it does in the same commit.
    pub change: Vec<Change>,
    /// What the outside world is asked afterwards.
    pub effect: Vec<Effect>,
    /// Question asked before it is done.
    pub confirm: Option<String>,
    /// Look of its button.
    pub tone: Tone,
    /// Whether one run may take it on many records, and on which of them; none: one at a time only.
    pub batch: Option<Batch>,
    /// Fields that it mends on a decided record (訂正): at least one must change, and what else the form asks for is
    /// asked anew each time.
    pub corrects: Vec<String>,
    /// What is asked besides the record's own fields, and kept with the act alone: the reason of a send-back, a comment.
    pub extra: Vec<Field>,
    /// Whether a substitute's seat may take it (代決).
    pub substitute: bool,
    /// Whether what is entered becomes a note in the history instead of values of fields.
    pub note: bool,
    /// How surely whoever takes it must be known; zero of both where nothing is demanded.
    pub assurance: Assured,
}

/// How surely an actor must be known: levels as in the Digital Agency's guideline DS-511, 0 (nothing demanded) to 3.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Assured {
    /// That the person exists and is the one they say (身元確認保証レベル).
    pub identity: u8,
    /// That the one at the keyboard is that person (当人認証保証レベル).
    pub authentication: u8,
}

/// Which records one act over many (一括処理) may take.
#[derive(Clone, Debug)]
pub enum Batch {
    /// All on which the action is possible.
    Always,
    /// Those for which this holds.
    If(Typed),
}

/// Look of a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// The next step.
    Primary,
    /// Beside it.
    Secondary,
    /// Ends or refuses something.
    Danger,
}

/// Which fields an action takes as input. A required field is asked for unless it has a value already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// None.
    None,
    /// Any field that is entered, all optional: a draft.
    Any,
    /// These, by field name.
    Fields(Vec<String>),
}

/// A condition and what to say when it does not hold.
#[derive(Clone, Debug)]
pub struct Condition {
    /// A boolean expression.
    pub that: Typed,
    /// What is wrong and what to do, as literal parts and expressions over the same names as the condition.
    pub message: Vec<Part>,
    /// The field at which it is shown.
    pub field: Option<String>,
}

/// What an act does in the same commit. At most 100 records in one act.
#[expect(missing_docs, reason = "each variant says what its members are")]
#[derive(Clone, Debug)]
pub enum Change {
    /// Opens a record of the same service; as a child in a slot, or as a link.
    Open {
        /// Record type.
        record_type: String,
        /// The slot of `has`, if a child.
        slot: Option<String>,
        /// Link name on this record, if linked (and `origin` on the new one).
        link: Option<String>,
        /// One for each row of this field; `row` stands for it in `with`.
        for_each: Option<String>,
        /// Only if this holds.
        when: Option<Typed>,
        /// The state it begins in; the first if none.
        state: Option<String>,
        /// Initial values, over this record's names (and `row`).
        with: Vec<SetField>,
        /// Whether the parties of this record are copied.
        parties: bool,
    },
    /// Sets fields of this record or of related ones.
    Set {
        on: Target,
        when: Option<Typed>,
        fields: Vec<SetField>,
    },
    /// Performs a system action on related records.
    Act {
        on: Target,
        action: String,
        when: Option<Typed>,
        with: Vec<SetField>,
    },
    /// Puts the party in a role of this record into a role of a related one.
    Party {
        on: Target,
        role: String,
        from: String,
        when: Option<Typed>,
    },
    /// Posts to a ledger. A positive amount adds.
    Post {
        ledger: String,
        key: Typed,
        amount: Typed,
    },
    /// Holds an amount, not yet taken.
    Hold {
        ledger: String,
        key: Typed,
        amount: Typed,
    },
    /// Releases what was held.
    Release {
        ledger: String,
        key: Typed,
        amount: Typed,
    },
}

/// Whom a change concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// This record.
    This,
    /// The parent.
    Parent,
    /// The children in a slot.
    Children(String),
    /// The records under a link.
    Link(String),
}

impl Target {
    /// Whether a change of `from` with this target concerns records of the type `to`.
    #[must_use]
    pub fn leads(&self, from: &RecordType, to: &RecordType) -> bool {
        match self {
            Self::This => from.name == to.name,
            Self::Parent => from.child_of.iter().any(|(parent, _)| *parent == to.name),
            Self::Children(slot) => from
                .has
                .get(slot)
                .is_some_and(|child| child.record_type == to.name),
            Self::Link(link) => from.links.get(link) == Some(&to.name),
        }
    }
}

/// A field and its new value.
#[derive(Clone, Debug)]
pub struct SetField {
    /// Field name.
    pub field: String,
    /// Value.
    pub value: Typed,
}

/// What the outside world is asked.
#[expect(missing_docs, reason = "each variant says what its members are")]
#[derive(Clone, Debug)]
pub enum Effect {
    /// A message.
    Notify {
        to: Recipient,
        /// The office whose desk is told; the record's own unless given.
        office: Option<Typed>,
        message: String,
        when: Option<Typed>,
    },
    /// Asks the gateway to take a payment (yen) for this record until the end of a day.
    Charge {
        amount: Typed,
        title: Typed,
        until: Typed,
        when: Option<Typed>,
    },
    /// Asks the gateway to give money (yen) back; `payment` is the gateway's number.
    Refund {
        amount: Typed,
        payment: Typed,
        reason: Typed,
        when: Option<Typed>,
    },
    /// Withdraws what is still open at the gateway for this record.
    Recall { when: Option<Typed> },
    /// A letter of this record or of related ones is fixed as it is now.
    Issue {
        document: String,
        on: Target,
        when: Option<Typed>,
    },
}

/// Who gets a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// The party in this role.
    Party(String),
    /// The record's office: all seats, or those of one role.
    Desk(Option<String>),
}

/// A route (決裁): who drafts, who passes, who decides.
#[derive(Clone, Debug)]
pub struct Route {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// Who may draft (起案); if nobody drafted, whoever may decide does both steps' work alone only when `draft_required` is false.
    pub draft_by: Vec<Who>,
    /// Whether a decision needs a draft by another person first.
    pub draft_required: bool,
    /// Steps between draft and decision, and the decision as the last.
    pub steps: Vec<RouteStep>,
}

/// One step of a route.
#[derive(Clone, Debug)]
pub struct RouteStep {
    /// Title (審査, 合議, 決定).
    pub title: String,
    /// Who takes it.
    pub by: Vec<Who>,
    /// Needed only if this holds.
    pub when: Option<Typed>,
    /// Everybody under `by` takes it, one person a role, in any order (合議); else one of them.
    pub every: bool,
    /// 専決: the name of the role from which on, in the order of `by`, one may decide. Evaluated when it is drafted.
    /// Without it, and without a draft, the last of `by` decides.
    pub delegated: Option<Typed>,
    /// Whether a substitute may take it for one who is absent (代決, followed by 後閲).
    pub substitute: bool,
}

/// As it is written: `applicant`, `desk.examiner`, `system`, `signed_in`, `public`.
impl std::fmt::Display for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Party(role) => f.write_str(role),
            Self::Desk(role) => write!(f, "desk.{role}"),
            Self::System => f.write_str("system"),
            Self::SignedIn => f.write_str("signed_in"),
            Self::Public => f.write_str("public"),
        }
    }
}
