//! Records that are closed beyond role (閲覧制限).

use feel::Typed;

/// When a record of a type is closed, and who still sees it. For everybody else it does not exist.
#[derive(Clone, Debug)]
pub struct Closed {
    /// What the circle reads on it (閲覧制限).
    pub title: String,
    /// It is closed while this holds.
    pub when: Typed,
    /// Desk roles whose own seats at the record's office are in the circle.
    pub circle: Vec<String>,
    /// Fields that name officials who are in the circle, wherever they sit.
    pub named: Vec<String>,
    /// Why it is closed, as the circle reads it.
    pub ground: Option<Typed>,
    /// The day by which it is to be examined anew. It does not open by itself.
    pub until: Option<Typed>,
    /// Roles of parties to whom it is closed as well.
    pub hides_from: Vec<String>,
    /// Whether measures go on counting it.
    pub counted: bool,
}
