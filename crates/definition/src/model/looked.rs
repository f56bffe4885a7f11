//! What people are told of who looked at their records.

/// What the people of a record are told (だれが見たか).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// Whether names of officials show.
    pub names: bool,
    /// Readings that law keeps from them.
    pub withheld: Vec<Withheld>,
}

/// Readings kept from the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// Desk roles whose readings they are; all where there are none.
    pub by: Vec<String>,
    /// States of the record in which they are withheld; none: in all.
    pub states: Option<Vec<String>>,
    /// What says so.
    pub basis: String,
}

impl Looked {
    /// Why a reading is kept from the people of a record that is in a state now; none where they may know of it.
    #[must_use]
    pub fn keeps(&self, role: Option<&str>, state: &str) -> Option<&Withheld> {
        let role = role?;
        self.withheld.iter().find(|rule| {
            (rule.by.is_empty() || rule.by.iter().any(|by| by == role))
                && (rule.states.as_ref()).is_none_or(|states| states.iter().any(|one| one == state))
        })
    }
}
