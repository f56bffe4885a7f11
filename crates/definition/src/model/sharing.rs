//! Sharing between services and bodies: what crosses, on which ground.

/// Why personal data is used or provided, and what allows it (個人情報の保護に関する法律 69条).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    /// What it is used for (利用目的), in words that are shown.
    pub purpose: String,
    /// What allows it.
    pub basis: Basis,
}

/// What allows a sharing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Law and article, as they are shown.
    Law(String),
    /// The consent of the person whose records are read.
    Consent(ConsentRule),
}

/// How a consent is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRule {
    /// The declaration of the same record type by which it is given; its text is what the person agrees to.
    pub field: String,
    /// Days for which it holds, the first included.
    pub days: u32,
}

impl Ground {
    /// In words for a note of who looked and for a page: the purpose and what allows it.
    #[must_use]
    pub fn words(&self) -> String {
        let basis = match &self.basis {
            Basis::Law(law) => law.as_str(),
            Basis::Consent(_) => "本人の同意",
        };
        format!("{}（根拠：{basis}）", self.purpose)
    }

    /// How it is consented to; none where law allows it.
    #[must_use]
    pub fn consent(&self) -> Option<&ConsentRule> {
        match &self.basis {
            Basis::Consent(rule) => Some(rule),
            Basis::Law(_) => None,
        }
    }
}

/// Records of another service about a party of this record, read under a ground.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Name, unique in the type.
    pub name: String,
    /// Title.
    pub title: String,
    /// Slug of the other service.
    pub service: String,
    /// Its record type.
    pub record_type: String,
    /// The role of this record whose own records are read.
    pub of: String,
    /// Only in these states; none: in all.
    pub states: Option<Vec<String>>,
    /// The fields that are read.
    pub fields: Vec<String>,
    /// The desk roles that read.
    pub readers: Vec<String>,
    /// Why, and what allows it.
    pub ground: Ground,
}

/// What a record type gives to other services: the other half of a [`Use`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Giving {
    /// Slugs of the services.
    pub to: Vec<String>,
    /// The most that they may read.
    pub fields: Vec<String>,
}

impl Giving {
    /// Whether a service may read a field.
    #[must_use]
    pub fn lets(&self, service: &str, field: &str) -> bool {
        self.to.iter().any(|to| to == service) && self.fields.iter().any(|one| one == field)
    }
}
