//! Identifiers. All are UUIDv7 made by the caller, so that the kernel stays free of clock and randomness.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

typed_id!(
    /// A record.
    RecordId
);
typed_id!(
    /// One act of one actor; all events it leaves share it.
    ActId
);
typed_id!(
    /// A person, corporation, body or office that can be a party to records.
    PartyId
);
typed_id!(
    /// An account that can sign in. It acts for a party.
    AccountId
);
typed_id!(
    /// An uploaded file.
    AttachmentId
);
typed_id!(
    /// An entry of the outbox.
    EffectId
);

typed_id!(
    /// One act over many records (一括処理).
    RunId
);

/// A stable field id: the field's first name. A later rename says `was:` and keeps it.
pub type FieldId = String;
